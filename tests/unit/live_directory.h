/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * live_directory.h - one live directory at a time, and what is logged meanwhile
 */
#ifndef SP_TESTS_LIVE_DIRECTORY_H
#define SP_TESTS_LIVE_DIRECTORY_H

#include <stdint.h>

#include "lib/directory/live.h"
#include "tests/unit/slapd.h"

/* A credential of alice's that every test directory has. */
#define LIVE_ID   "k7qf2m9x"
#define LIVE_HASH "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$dGFndGFndGFn"

#define LIVE_CREDENTIAL(id, owner, more)                                                           \
	"dn: sendpassId=" id "," SLAPD_CONTAINER "\nobjectClass: sendpassCredential\n"             \
	"sendpassId: " id "\nowner: " owner "\nsendpassHash: " LIVE_HASH "\n" more "\n"

/* An entry with that id that is no credential. */
#define LIVE_IMPOSTOR(name, id)                                                                    \
	"dn: cn=" name "," SLAPD_CONTAINER "\nobjectClass: organizationalRole\n"                   \
	"objectClass: extensibleObject\ncn: " name "\nsendpassId: " id "\nowner: " SLAPD_ALICE     \
	"\nsendpassHash: " LIVE_HASH "\n\n"

/* What is NULL or 0 is as slapd_conf() has it; retry_after is then 50 ms. */
struct live_settings {
	const char *uri, *next_uri, *write_uri;
	const char *bind_dn, *secret, *owner_base, *credential_base, *active, *plaintext;
	uint64_t retry_after_ms;
	uint64_t timeout_ms; /* to connect, and of each search; 0: as slapd_conf() has them */
};

extern struct sp_ldap_site *live_site;
extern struct sp_directory *live;

/* Collects the log from now on; to be called once. */
void live_collect_log(void);

/* Opens `live` and empties the log. */
void live_open(const struct live_settings *settings);
int live_close(void **state);

/* Asks and throws the answer away. */
enum sp_directory_status live_find(const char *id, const char *login);

/* The whole log, and how often it has a text. */
const char *live_log(void);
int live_times_logged(const char *text);

#endif
