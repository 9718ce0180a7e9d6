/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * attempt_cases.h - what may come to an attempt, and what must come of it
 */
#ifndef SP_TESTS_ATTEMPT_CASES_H
#define SP_TESTS_ATTEMPT_CASES_H

#include <stdbool.h>
#include <time.h>

#include "lib/directory/directory.h"
#include "sendpass/verdict.h"

#define NOW   ((time_t)1795500428)
#define OWNER "uid=alice,ou=people,dc=example,dc=org"
#define OTHER "uid=bob,ou=people,dc=example,dc=org"

enum typed { RIGHT, WRONG, UNKNOWN, MAILBOX };
enum hash { OWN_HASH, NO_HASH, HASH_OF_4_GIB, NO_PHC_HASH, EMPTY_HASH };

struct test_case {
	const char *name;
	enum typed typed;
	/* the credential: times are seconds from now, 0 for none */
	enum hash hash;
	bool revoked, suspended;
	/* restrictions; attempts are for smtp, from 192.0.2.7, without TLS */
	const char *service, *network, *sender, *rate;
	bool tls_required;
	int expires, not_before;
	const char *own_login, *unusable;
	const char *fixed_login; /* the site's; attempts are by "alice" */
	/* the directory: the owner that the login names, and what it says of OWNER */
	const char *named;
	bool ambiguous, active, has_login;
	enum sp_directory_status find, ask[2]; /* only with `fails` */
	bool fails;
	/* what comes of it */
	enum sp_reason reason;
	int finds, asks, runs;
	const char *detail;
};

#define UNHELD "sendpassSender or sendpassRate, and no policy door holds it"

#define ALICE .named = OWNER
#define DOWN  SP_DIRECTORY_DOWN
#define LATE  SP_DIRECTORY_TIMEOUT
#define BUG   SP_DIRECTORY_ERROR
#define FINE  SP_DIRECTORY_OK

static const struct test_case cases[] = {
    {"the right password", RIGHT, ALICE, .reason = SP_REASON_OK, .finds = 1, .runs = 1},
    {"the wrong secret", WRONG, ALICE, .reason = SP_REASON_BAD_SECRET, .finds = 1, .runs = 1},
    {"an unknown id", UNKNOWN, ALICE, .reason = SP_REASON_NO_CREDENTIAL, .finds = 1},
    {"a mailbox password", MAILBOX, ALICE, .reason = SP_REASON_MALFORMED,
	.detail = "not an app password"},

    /* state, which only the holder of the secret learns, in its order */
    {"revoked", RIGHT, ALICE, .revoked = true, .reason = SP_REASON_REVOKED, .finds = 1, .runs = 1},
    {"revoked, and the wrong secret", WRONG, ALICE, .revoked = true, .reason = SP_REASON_BAD_SECRET,
	.finds = 1, .runs = 1},
    {"suspended", RIGHT, ALICE, .suspended = true, .reason = SP_REASON_SUSPENDED, .finds = 1,
	.runs = 1},
    {"suspended, and the wrong secret", WRONG, ALICE, .suspended = true,
	.reason = SP_REASON_BAD_SECRET, .finds = 1, .runs = 1},
    {"expired a second ago", RIGHT, ALICE, .expires = -1, .reason = SP_REASON_EXPIRED, .finds = 1,
	.runs = 1},
    {"expires in a second", RIGHT, ALICE, .expires = 1, .reason = SP_REASON_OK, .finds = 1,
	.runs = 1},
    {"expired, and the wrong secret", WRONG, ALICE, .expires = -1, .reason = SP_REASON_BAD_SECRET,
	.finds = 1, .runs = 1},
    {"valid from the next second", RIGHT, ALICE, .not_before = 1, .reason = SP_REASON_NOT_YET_VALID,
	.finds = 1, .runs = 1},
    {"valid since a second", RIGHT, ALICE, .not_before = -1, .reason = SP_REASON_OK, .finds = 1,
	.runs = 1},
    {"not yet valid, and the wrong secret", WRONG, ALICE, .not_before = 1,
	.reason = SP_REASON_BAD_SECRET, .finds = 1, .runs = 1},
    {"all of these", RIGHT, ALICE, .revoked = true, .suspended = true, .expires = -1,
	.not_before = 1, .reason = SP_REASON_REVOKED, .finds = 1, .runs = 1},
    {"all but revoked", RIGHT, ALICE, .suspended = true, .expires = -1, .not_before = 1,
	.reason = SP_REASON_SUSPENDED, .finds = 1, .runs = 1},
    {"expired before it is valid", RIGHT, ALICE, .expires = -1, .not_before = 1,
	.reason = SP_REASON_EXPIRED, .finds = 1, .runs = 1},
    {"for the attempt's service", RIGHT, ALICE, .service = "smtp", .reason = SP_REASON_OK,
	.finds = 1, .runs = 1},
    {"for another service", RIGHT, ALICE, .service = "imap", .reason = SP_REASON_SERVICE_DENIED,
	.finds = 1, .runs = 1},
    {"for another service, and the wrong secret", WRONG, ALICE, .service = "imap",
	.reason = SP_REASON_BAD_SECRET, .finds = 1, .runs = 1},
    {"from its network", RIGHT, ALICE, .network = "192.0.2.0/24", .reason = SP_REASON_OK,
	.finds = 1, .runs = 1},
    {"from elsewhere", RIGHT, ALICE, .network = "198.51.100.0/24",
	.reason = SP_REASON_NETWORK_DENIED, .finds = 1, .runs = 1},
    {"without the TLS it wants", RIGHT, ALICE, .tls_required = true,
	.reason = SP_REASON_TLS_REQUIRED, .finds = 1, .runs = 1},
    {"for another service, and expired", RIGHT, ALICE, .service = "imap", .expires = -1,
	.reason = SP_REASON_EXPIRED, .finds = 1, .runs = 1},
    {"revoked, and unusable", RIGHT, ALICE, .revoked = true,
	.unusable = "sendpassExpires is no time", .reason = SP_REASON_INTERNAL, .finds = 1,
	.detail = "sendpassExpires is no time"},

    /* whose it is */
    {"somebody else's login", RIGHT, .named = OTHER, .reason = SP_REASON_WRONG_OWNER, .finds = 1,
	.asks = 2},
    {"a login of nobody", RIGHT, .reason = SP_REASON_WRONG_OWNER, .finds = 1, .asks = 2},
    {"another spelling of the owner's name", RIGHT,
	.named = "UID=Alice,OU=People,dc=example,dc=org", .has_login = true, .active = true,
	.reason = SP_REASON_OK, .finds = 1, .asks = 1, .runs = 1},
    {"the owner is inactive", RIGHT, .has_login = true, .reason = SP_REASON_OWNER_INACTIVE,
	.finds = 1, .asks = 2, .runs = 1},
    {"the owner is inactive, and the wrong secret", WRONG, .has_login = true,
	.reason = SP_REASON_BAD_SECRET, .finds = 1, .asks = 2, .runs = 1},
    {"the owner is inactive, and it is revoked", RIGHT, .has_login = true, .revoked = true,
	.reason = SP_REASON_REVOKED, .finds = 1, .asks = 2, .runs = 1},
    {"the owner is inactive, and the login another's", RIGHT, .named = OTHER, .has_login = true,
	.reason = SP_REASON_OWNER_INACTIVE, .finds = 1, .asks = 2, .runs = 1},
    {"a login of its own", RIGHT, .own_login = "alice", .active = true, .reason = SP_REASON_OK,
	.finds = 1, .asks = 1, .runs = 1},
    {"a login of its own in upper case", RIGHT, .own_login = "ALICE", .active = true,
	.reason = SP_REASON_OK, .finds = 1, .asks = 1, .runs = 1},
    {"a login of its own that names another too", RIGHT, .own_login = "alice", .named = OTHER,
	.active = true, .reason = SP_REASON_OK, .finds = 1, .asks = 1, .runs = 1},
    {"a login of its own that names several", RIGHT, .own_login = "alice", .ambiguous = true,
	.active = true, .reason = SP_REASON_OK, .finds = 1, .asks = 1, .runs = 1},
    {"a login of its own, and the owner is gone", RIGHT, .own_login = "alice",
	.reason = SP_REASON_OWNER_INACTIVE, .finds = 1, .asks = 1, .runs = 1},
    {"the beginning of a login of its own", RIGHT, .own_login = "alice2", .active = true,
	.reason = SP_REASON_WRONG_OWNER, .finds = 1, .asks = 2},
    {"a login that names several", RIGHT, .ambiguous = true, .has_login = true, .active = true,
	.reason = SP_REASON_WRONG_OWNER, .finds = 1, .detail = "several entries have this login"},

    /* a login that everybody uses */
    {"the fixed login", RIGHT, .fixed_login = "alice", .active = true, .reason = SP_REASON_OK,
	.finds = 1, .asks = 1, .runs = 1},
    {"the fixed login in upper case", RIGHT, .fixed_login = "ALICE", .active = true,
	.reason = SP_REASON_OK, .finds = 1, .asks = 1, .runs = 1},
    {"the fixed login, and the wrong secret", WRONG, .fixed_login = "alice", .active = true,
	.reason = SP_REASON_BAD_SECRET, .finds = 1, .asks = 1, .runs = 1},
    {"the fixed login, and an unknown id", UNKNOWN, .fixed_login = "alice", .active = true,
	.reason = SP_REASON_NO_CREDENTIAL, .finds = 1},
    {"the fixed login, and the owner is gone", RIGHT, .fixed_login = "alice",
	.reason = SP_REASON_OWNER_INACTIVE, .finds = 1, .asks = 1, .runs = 1},
    {"the fixed login, and it is revoked", RIGHT, .fixed_login = "alice", .active = true,
	.revoked = true, .reason = SP_REASON_REVOKED, .finds = 1, .asks = 1, .runs = 1},
    {"the fixed login is somebody else's", RIGHT, .fixed_login = "alice", .named = OTHER,
	.active = true, .reason = SP_REASON_WRONG_OWNER, .finds = 1, .asks = 2},
    {"the fixed login is the owner's", RIGHT, ALICE, .fixed_login = "alice", .reason = SP_REASON_OK,
	.finds = 1, .runs = 1},
    {"the fixed login is several people's", RIGHT, .fixed_login = "alice", .ambiguous = true,
	.has_login = true, .active = true, .reason = SP_REASON_WRONG_OWNER, .finds = 1,
	.detail = "several entries have this login"},
    {"the beginning of the fixed login", RIGHT, .fixed_login = "alice2", .active = true,
	.reason = SP_REASON_WRONG_OWNER, .finds = 1, .asks = 2},
    {"a login that begins as the fixed one", RIGHT, .fixed_login = "alic", .active = true,
	.reason = SP_REASON_WRONG_OWNER, .finds = 1, .asks = 2},
    {"late when asked about the fixed login", RIGHT, .fixed_login = "alice", .fails = true,
	.find = FINE, .ask = {LATE, FINE}, .reason = SP_REASON_DIRECTORY_TIMEOUT, .finds = 1,
	.asks = 1},

    {"an unusable entry without an owner", RIGHT, ALICE, .unusable = "owner is missing",
	.reason = SP_REASON_INTERNAL, .finds = 1, .detail = "owner is missing"},

    /* a directory that cannot tell, at each call */
    {"down at the first search", RIGHT, ALICE, .fails = true, .find = DOWN, .ask = {FINE, FINE},
	.reason = SP_REASON_DIRECTORY_DOWN, .finds = 1},
    {"late at the first search", RIGHT, ALICE, .fails = true, .find = LATE, .ask = {FINE, FINE},
	.reason = SP_REASON_DIRECTORY_TIMEOUT, .finds = 1},
    {"nonsense at the first search", RIGHT, ALICE, .fails = true, .find = BUG, .ask = {FINE, FINE},
	.reason = SP_REASON_INTERNAL, .finds = 1},
    {"down, and an unknown id", UNKNOWN, ALICE, .fails = true, .find = DOWN, .ask = {FINE, FINE},
	.reason = SP_REASON_DIRECTORY_DOWN, .finds = 1},
    {"down, and a mailbox password", MAILBOX, ALICE, .fails = true, .find = DOWN,
	.ask = {FINE, FINE}, .reason = SP_REASON_MALFORMED, .detail = "not an app password"},
    {"down at the first question", RIGHT, .fails = true, .find = FINE, .ask = {DOWN, FINE},
	.reason = SP_REASON_DIRECTORY_DOWN, .finds = 1, .asks = 1},
    {"late at the first question", RIGHT, .fails = true, .find = FINE, .ask = {LATE, FINE},
	.reason = SP_REASON_DIRECTORY_TIMEOUT, .finds = 1, .asks = 1},
    {"nonsense at the first question", RIGHT, .fails = true, .find = FINE, .ask = {BUG, FINE},
	.reason = SP_REASON_INTERNAL, .finds = 1, .asks = 1},
    {"down at the second question", RIGHT, .fails = true, .find = FINE, .ask = {FINE, DOWN},
	.reason = SP_REASON_DIRECTORY_DOWN, .finds = 1, .asks = 2},
    {"late at the second question", RIGHT, .fails = true, .find = FINE, .ask = {FINE, LATE},
	.reason = SP_REASON_DIRECTORY_TIMEOUT, .finds = 1, .asks = 2},
    {"nonsense at the second question", RIGHT, .fails = true, .find = FINE, .ask = {FINE, BUG},
	.reason = SP_REASON_INTERNAL, .finds = 1, .asks = 2},
    {"down when asked about an own login", RIGHT, .own_login = "alice", .fails = true, .find = FINE,
	.ask = {DOWN, FINE}, .reason = SP_REASON_DIRECTORY_DOWN, .finds = 1, .asks = 1},
    {"late when asked about an own login", RIGHT, .own_login = "alice", .fails = true, .find = FINE,
	.ask = {LATE, FINE}, .reason = SP_REASON_DIRECTORY_TIMEOUT, .finds = 1, .asks = 1},

    /* what nobody would hold, as no policy door is open */
    {"with senders", RIGHT, ALICE, .sender = "*", .reason = SP_REASON_INTERNAL, .finds = 1,
	.runs = 1, .detail = UNHELD},
    {"with rates", RIGHT, ALICE, .rate = "1/1h", .reason = SP_REASON_INTERNAL, .finds = 1,
	.runs = 1, .detail = UNHELD},
    {"with senders, and the wrong secret", WRONG, ALICE, .sender = "*",
	.reason = SP_REASON_BAD_SECRET, .finds = 1, .runs = 1},
    {"with senders, and revoked", RIGHT, ALICE, .sender = "*", .revoked = true,
	.reason = SP_REASON_REVOKED, .finds = 1, .runs = 1},

    /* hashes that cannot be used say nothing about the password */
    {"a hash of 4 GiB", RIGHT, ALICE, .hash = HASH_OF_4_GIB, .reason = SP_REASON_INTERNAL,
	.finds = 1, .detail = "m is over the cap"},
    {"a hidden hash", RIGHT, ALICE, .hash = NO_HASH, .reason = SP_REASON_INTERNAL, .finds = 1,
	.detail = "the credential's hash cannot be read"},
    {"a hash of another kind", RIGHT, ALICE, .hash = NO_PHC_HASH, .reason = SP_REASON_INTERNAL,
	.finds = 1, .detail = "not a PHC string of argon2d, argon2i or argon2id"},
    {"an empty hash", RIGHT, ALICE, .hash = EMPTY_HASH, .reason = SP_REASON_INTERNAL, .finds = 1,
	.detail = "not a PHC string of argon2d, argon2i or argon2id"},
    {"a hash that cannot be used, and it is revoked", RIGHT, ALICE, .hash = NO_HASH,
	.revoked = true, .reason = SP_REASON_INTERNAL, .finds = 1,
	.detail = "the credential's hash cannot be read"},
};

#endif
