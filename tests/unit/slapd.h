/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * slapd.h - a real slapd in a private directory, for tests
 *
 * It serves dc=example,dc=org as examples/openldap has it. Whoever binds has the
 * password SLAPD_PASSWORD. Every function fails the running test if it cannot do
 * its work.
 */
#ifndef SP_TESTS_SLAPD_H
#define SP_TESTS_SLAPD_H

#include <stdbool.h>
#include <sys/types.h>

#include "lib/conf/conf.h"

#define SLAPD_PASSWORD  "correct horse"
#define SLAPD_ROOT_DN   "cn=root,dc=example,dc=org"
#define SLAPD_VERIFIER  "cn=verifier,ou=services,dc=example,dc=org"
#define SLAPD_ADMIN     "cn=sendpass-admin,ou=services,dc=example,dc=org"
#define SLAPD_PEOPLE    "ou=people,dc=example,dc=org"
#define SLAPD_ALICE     "uid=alice," SLAPD_PEOPLE
#define SLAPD_BOB       "uid=bob," SLAPD_PEOPLE
#define SLAPD_CONTAINER "ou=sendpass,dc=example,dc=org"

struct slapd {
	char directory[64];
	char local_uri[128]; /* ldapi:// */
	/* these are empty before the first start, and always without wish.tcp */
	char tcp_uri[64];   /* ldap://127.0.0.1:PORT */
	char other_uri[64]; /* ldap://127.0.0.2:PORT: the same, by another name */
	char tls_uri[64];   /* ldaps://127.0.0.1:PORT */
	bool tcp;
	pid_t pid;
};

/* What a test wants beside the standard; strings may be NULL. */
struct slapd_wish {
	const char *global;   /* lines for slapd.conf before the database */
	const char *database; /* lines for slapd.conf before our access rules */
	const char *entries;  /* LDIF beside example.ldif */
	bool tcp;             /* listens on TCP too */
	bool tls;             /* with ca.pem, certificate.pem and key.pem of its directory */
};

/* Whether there is a slapd to test with. */
bool slapd_exists(void);

/* A new private directory; slapd_fill() then makes the database in it. */
void slapd_prepare(struct slapd *slapd);
void slapd_fill(struct slapd *slapd, const struct slapd_wish *wish);

/* Returns once it answers. */
void slapd_start(struct slapd *slapd);
void slapd_kill(struct slapd *slapd);
void slapd_freeze(struct slapd *slapd);
void slapd_thaw(struct slapd *slapd); /* or nothing, if it is not frozen */

/* Kills it and removes its directory. */
void slapd_remove(struct slapd *slapd);

/* Default settings but for these: the servers, binding as the verifier, the
 * bases, and timeouts that suit a test. The caller frees it. */
struct sp_conf *slapd_conf(const char *uri, const char *next_uri);
/* Gives a text setting another value; NULL leaves it. */
void slapd_set(char **setting, const char *value);

#define SLAPD_CONNECT_MS 300 /* ldap.connect_timeout */
#define SLAPD_TIMEOUT_MS 500 /* ldap.timeout */

/* Runs a program without a shell and returns its exit code; what it prints goes
 * to DIRECTORY/log. The list ends in NULL. */
int slapd_run(const struct slapd *slapd, const char *const *arguments);

/* A socket that listens on a free TCP port of 127.0.0.1. */
int slapd_listen(int *port_r);

#endif
