/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pam_host.h - an application of the real libpam with a private configuration, as a
 * mail server is one
 *
 * Nothing of the machine's own PAM configuration is read. What modules send to
 * syslog(3) is kept here, and gets nowhere else.
 */
#ifndef SP_TESTS_PAM_HOST_H
#define SP_TESTS_PAM_HOST_H

#include <stdbool.h>

#include <security/pam_appl.h>

#define PAM_HOST_SERVICE "mailhost"

/* Our module, which the build names, as stacks name it: pam_host_write() puts the
 * socket's path and our own uid behind it. */
#define OUR_MODULE "@"

/* What the application answers when it is asked. */
struct pam_host_talk {
	const char *user;     /* to a visible prompt; NULL for no answer */
	const char *password; /* to a hidden one; likewise */
	int failures;         /* so many calls come back with failure */
	int failure;
	unsigned calls;
};

/* Makes a private directory with the service's stack, a text of lines. */
void pam_host_write(const char *stack, const char *socket_path);
void pam_host_remove(void);

/* A handle of the service; user may be NULL. talk must outlive it. */
pam_handle_t *pam_host_start(const char *user, struct pam_host_talk *talk);
void pam_host_end(pam_handle_t *pamh, int code);

/* One pam_authenticate() with a handle of its own. */
int pam_host_login(const char *user, const char *password);

/* Lines logged since the last pam_host_write() that have the text in them. */
unsigned pam_host_logged(const char *text);

#endif
