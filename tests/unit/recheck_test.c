/* SPDX-License-Identifier: BSD-2-Clause */
/* recheck_test.c - a session that goes on is judged as a login is, but for the secret */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/policy/attempt.h"
#include "tests/unit/fake_directory.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define OWNER        "uid=alice,ou=people,dc=example,dc=org"
#define NOW          1795500000

static const struct {
	const char *name;
	/* the credential */
	bool revoked, suspended, senders;
	int expires; /* seconds from now, 0 for none */
	const char *network;
	const char *unusable;
	/* the directory */
	bool absent, renamed, inactive, not_by_address;
	bool fixed; /* the login is the one that everybody uses, and names nobody */
	enum sp_directory_status find, read;
	/* what comes of it */
	enum sp_reason reason;
	int reads;
} cases[] = {
    {"all as it was", .reason = SP_REASON_OK, .reads = 1},
    {"with senders of its own", .senders = true, .reason = SP_REASON_OK},
    {"where addresses do not matter", .not_by_address = true, .reason = SP_REASON_OK},
    {"revoked since", .revoked = true, .reason = SP_REASON_REVOKED, .reads = 1},
    {"suspended since", .suspended = true, .reason = SP_REASON_SUSPENDED, .reads = 1},
    {"expired since", .expires = -1, .reason = SP_REASON_EXPIRED, .reads = 1},
    {"not expired", .expires = 1, .reason = SP_REASON_OK, .reads = 1},
    {"deleted since", .absent = true, .reason = SP_REASON_NO_CREDENTIAL},
    {"by the fixed login", .fixed = true, .reason = SP_REASON_OK, .reads = 1},
    {"by the fixed login, which is another's since", .fixed = true, .renamed = true,
	.reason = SP_REASON_WRONG_OWNER},
    {"by the fixed login, and the owner is gone", .fixed = true, .inactive = true,
	.reason = SP_REASON_OWNER_INACTIVE, .reads = 1},
    {"another's since", .renamed = true, .reason = SP_REASON_WRONG_OWNER},
    {"its network", .network = "192.0.2.0/24", .reason = SP_REASON_OK, .reads = 1},
    {"another network since", .network = "198.51.100.0/24", .reason = SP_REASON_NETWORK_DENIED,
	.reads = 1},
    {"an owner who went between two searches", .inactive = true, .reason = SP_REASON_OWNER_INACTIVE,
	.reads = 1},
    {"no longer understood", .unusable = "x", .reason = SP_REASON_INTERNAL},
    {"down", .find = SP_DIRECTORY_DOWN, .reason = SP_REASON_DIRECTORY_DOWN},
    {"late", .find = SP_DIRECTORY_TIMEOUT, .reason = SP_REASON_DIRECTORY_TIMEOUT},
    {"down when the owner is read", .read = SP_DIRECTORY_DOWN, .reason = SP_REASON_DIRECTORY_DOWN,
	.reads = 1},
    {"late when the owner is read", .read = SP_DIRECTORY_TIMEOUT,
	.reason = SP_REASON_DIRECTORY_TIMEOUT, .reads = 1},
    {"revoked, but down when the owner is read", .revoked = true, .read = SP_DIRECTORY_DOWN,
	.reason = SP_REASON_DIRECTORY_DOWN, .reads = 1},
};

static char *const addresses[] = {(char *)"alice@example.org", NULL};

static void check(size_t i)
{
	static char dn[] = "sendpassId=k7qf2m9x", id[] = "k7qf2m9x", owner[] = OWNER, hash[] = "h";
	static char any[] = "*";
	char *senders[] = {any, NULL}, *networks[] = {(char *)cases[i].network, NULL};
	const struct sp_attempt_rules rules = {.policy_door = true,
	    .own_addresses = !cases[i].not_by_address,
	    .fixed_login = cases[i].fixed ? "alice" : NULL};
	struct sp_credential credential = {.dn = dn,
	    .id = id,
	    .owner = owner,
	    .hash = hash,
	    .senders = cases[i].senders ? senders : NULL,
	    .networks = cases[i].network != NULL ? networks : NULL,
	    .unusable = cases[i].unusable,
	    .created = SP_NO_TIME,
	    .not_before = SP_NO_TIME,
	    .expires = cases[i].expires != 0 ? NOW + cases[i].expires : SP_NO_TIME,
	    .revoked = cases[i].revoked ? NOW : SP_NO_TIME,
	    .suspended = cases[i].suspended};
	struct sp_attempt attempt = {.request = {.login = "alice", .address = "192.0.2.7"}};
	struct fake_directory fake;

	fake_directory_init(&fake);
	fake.credential = &credential;
	if (cases[i].renamed)
		fake.owner_dn = "uid=bob";
	else if (!cases[i].fixed)
		fake.owner_dn = OWNER;
	fake.is_active = !cases[i].inactive;
	fake.addresses = addresses;
	if (cases[i].find != SP_DIRECTORY_ERROR)
		fake.find_status = cases[i].find;
	if (cases[i].read != SP_DIRECTORY_ERROR)
		fake.read_status = cases[i].read;
	memcpy(attempt.parsed.id, cases[i].absent ? "k7qf2m9y" : id, sizeof(id));
	sp_attempt_recheck(&attempt, &fake.base, &rules, NOW);
	assert_string_equal(sp_reason_name(attempt.reason), sp_reason_name(cases[i].reason));
	assert_int_equal(fake.owner_reads, cases[i].reads);
	if (cases[i].reason == SP_REASON_OK && cases[i].reads > 0)
		assert_string_equal(attempt.owner.addresses[0], addresses[0]);
	sp_attempt_clear(&attempt);
	assert_null(attempt.owner.addresses);
}

static void a_session_is_judged_as_of_now(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		print_message("  %s\n", cases[i].name);
		check(i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_session_is_judged_as_of_now),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
