/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * logins.h - what a load offers: logins and passwords from a file
 *
 * These are made for one run and worth nothing, so they are plain memory.
 */
#ifndef SP_BENCH_LOGINS_H
#define SP_BENCH_LOGINS_H

#include <stdbool.h>
#include <stddef.h>

#include "sendpass/attributes.h"

struct sp_login {
	char *login;
	char *password;
	char *address; /* of the client, numeric */
	char *plain;   /* the PLAIN message of both, in base64 */
};

struct sp_logins {
	struct sp_login *all;
	size_t count;
};

/* Reads lines LOGIN TAB PASSWORD [TAB ADDRESS]; without an address it is 192.0.2.1.
 * False, with *logins_r empty, after saying on stderr what is wrong: no such file,
 * no line in it, a line that is none. The caller frees. */
SP_NODISCARD bool sp_logins_read(const char *path, struct sp_logins *logins_r);
void sp_logins_free(struct sp_logins *logins);

#endif
