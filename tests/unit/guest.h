/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * guest.h - one of our two modules inside the library of its host: libsasl2 or libpam
 *
 * What a guest must do and must not do is the same for both, so the tests of it are
 * too: they are linked once with guest_sasl.c and once with guest_pam.c.
 */
#ifndef SP_TESTS_GUEST_H
#define SP_TESTS_GUEST_H

struct guest {
	const char *name;
	const char *path; /* of the module that is loaded */
	/* What an attempt comes to. */
	int granted, denied, unavailable;
	/* Has the library load the module, for the server at that socket. */
	void (*start)(const char *socket_path);
	/* One attempt of bob's. */
	int (*attempt)(const char *password);
	/* Has the library unload the module. */
	void (*stop)(void);
};

extern const struct guest guest;

#endif
