/* SPDX-License-Identifier: BSD-2-Clause */
/* sender_logins_test.c - a sender's logins are those that could send as it, and no others */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/log.h"
#include "lib/policy/sender_logins.h"
#include "tests/unit/fake_directory.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define NOW          1795500000
#define ALICE        "uid=alice,dc=example,dc=org"
#define SENDER       "alice@example.org"

static struct sp_sender_logins found;
static char logged[512];

static void collect(enum sp_log_level level, const char *line, void *context)
{
	(void)level, (void)context;
	snprintf(logged, sizeof(logged), "%s", line);
}

/* One owner, alice, and one credential of hers. */
static const struct {
	const char *name;
	/* the owner; of several values the first two */
	bool inactive;
	const char *addresses[3], *logins[3];
	/* the credential */
	const char *senders[3], *own_logins[3];
	bool revoked, suspended;
	int expires, not_before; /* seconds from now, 0 for none */
	const char *unusable;
	const char *owner; /* NULL: alice's */
	/* what comes of it */
	bool owned;
	const char *list;
} cases[] = {
    {"an owner's address", .addresses = {SENDER}, .logins = {"alice"}, .owned = true,
	.list = "alice"},
    {"in another case", .addresses = {"Alice@EXAMPLE.org"}, .logins = {"alice"}, .owned = true,
	.list = "alice"},
    {"one of two addresses", .addresses = {"a@b", SENDER}, .logins = {"alice", SENDER},
	.owned = true, .list = "alice," SENDER},
    {"another address", .addresses = {"bob@example.org"}, .logins = {"alice"}, .list = ""},
    {"an owner's address is no pattern", .addresses = {"@example.org", "*"}, .logins = {"alice"},
	.list = ""},
    {"an owner who is not active", .inactive = true, .addresses = {SENDER}, .logins = {"alice"},
	.list = ""},
    {"an owner without a login", .addresses = {SENDER}, .owned = true, .list = ""},
    {"a sender", .logins = {"alice"}, .senders = {SENDER}, .owned = true, .list = "alice"},
    {"a domain", .logins = {"alice"}, .senders = {"@example.org"}, .owned = true, .list = "alice"},
    {"a domain above", .logins = {"alice"}, .senders = {"@.org"}, .owned = true, .list = "alice"},
    {"everybody", .logins = {"alice"}, .senders = {"*"}, .owned = true, .list = "alice"},
    {"the second of two", .logins = {"alice"}, .senders = {"a@b", SENDER}, .owned = true,
	.list = "alice"},
    {"another sender", .logins = {"alice"}, .senders = {"bob@example.org"}, .list = ""},
    {"another domain", .logins = {"alice"}, .senders = {"@example.com", "@.example.org"},
	.list = ""},
    {"the null sender", .logins = {"alice"}, .senders = {"<>"}, .list = ""},
    {"logins of its own", .logins = {"alice"}, .senders = {SENDER}, .own_logins = {"scanner"},
	.owned = true, .list = "scanner,alice"},
    {"logins of its own alone", .senders = {SENDER}, .own_logins = {"scanner", "printer"},
	.owned = true, .list = "scanner,printer"},
    {"without senders, as its owner", .addresses = {SENDER}, .logins = {"alice"},
	.own_logins = {"scanner"}, .owned = true, .list = "alice,scanner"},
    {"without senders, not as its owner", .addresses = {"a@b"}, .logins = {"alice"},
	.own_logins = {"scanner"}, .list = ""},
    {"with other senders, not as its owner", .addresses = {SENDER}, .logins = {"alice"},
	.senders = {"a@b"}, .own_logins = {"scanner"}, .owned = true, .list = "alice"},
    {"revoked", .logins = {"alice"}, .senders = {"*"}, .revoked = true, .list = ""},
    {"suspended", .logins = {"alice"}, .senders = {"*"}, .suspended = true, .list = ""},
    {"expired", .logins = {"alice"}, .senders = {"*"}, .expires = -1, .list = ""},
    {"not expired", .logins = {"alice"}, .senders = {"*"}, .expires = 1, .owned = true,
	.list = "alice"},
    {"not yet valid", .logins = {"alice"}, .senders = {"*"}, .not_before = 1, .list = ""},
    {"not understood", .logins = {"alice"}, .senders = {"*"}, .unusable = "x", .list = ""},
    {"of an owner who is not active", .inactive = true, .logins = {"alice"}, .senders = {"*"},
	.own_logins = {"scanner"}, .list = ""},
    {"of an owner who is not there", .logins = {"alice"}, .senders = {"*"}, .owner = "uid=bob",
	.list = ""},
    {"revoked, but the owner's address", .addresses = {SENDER}, .logins = {"alice"},
	.senders = {SENDER}, .own_logins = {"scanner"}, .revoked = true, .owned = true,
	.list = "alice"},
    {"each login once", .addresses = {SENDER}, .logins = {"alice", "Alice"}, .senders = {SENDER},
	.own_logins = {"ALICE", "alic"}, .owned = true, .list = "alice,alic"},
    {"a login with a comma", .addresses = {SENDER}, .logins = {"alice,bob", "a"}, .owned = true,
	.list = "a"},
    {"a login with a blank", .addresses = {SENDER}, .logins = {"alice bob"}, .owned = true,
	.list = ""},
    {"a login with a tab", .addresses = {SENDER}, .logins = {"alice\tbob"}, .owned = true,
	.list = ""},
    {"an empty login", .addresses = {SENDER}, .logins = {"", "a"}, .owned = true, .list = "a"},
};

static char **list_of(const char *const values[3])
{
	return values[0] != NULL ? (char **)values : NULL;
}

static enum sp_directory_status find_case(size_t i, const char *sender)
{
	struct fake_directory fake;
	struct sp_credential credential = {
	    .dn = "x",
	    .id = "x",
	    .owner = (char *)(cases[i].owner != NULL ? cases[i].owner : ALICE),
	    .senders = list_of(cases[i].senders),
	    .logins = list_of(cases[i].own_logins),
	    .revoked = cases[i].revoked ? NOW + 1 : SP_NO_TIME,
	    .suspended = cases[i].suspended,
	    .expires = cases[i].expires != 0 ? NOW + cases[i].expires : SP_NO_TIME,
	    .not_before = cases[i].not_before != 0 ? NOW + cases[i].not_before : SP_NO_TIME,
	    .unusable = cases[i].unusable,
	};
	struct sp_credential *credentials[] = {&credential};
	struct sp_named_owner owner = {(char *)ALICE,
	    {!cases[i].inactive, list_of(cases[i].addresses), list_of(cases[i].logins)}};
	const struct sp_sender_answer answer = {&owner, 1, {credentials, 1}};

	fake_directory_init(&fake);
	fake.senders = &answer;
	enum sp_directory_status status = sp_sender_logins_find(&fake.base, sender, NOW, &found);
	if (fake.sender_finds == 0)
		assert_string_equal(found.list, "");
	return status;
}

static void who_may_send_is_listed_and_nobody_else(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		if (find_case(i, SENDER) != SP_DIRECTORY_OK || found.owned != cases[i].owned ||
		    strcmp(found.list, cases[i].list) != 0)
			fail_msg("%s: %s %s", cases[i].name, found.owned ? "owned" : "nobody's",
			    found.list);
	}
}

static void less_than_an_address_is_nobodys(void **state)
{
	static const char *const senders[] = {"", "alice", "@example.org", "@.org", "*", "<>"};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		for (size_t j = 0; j < COUNT(senders); j++) {
			if (find_case(i, senders[j]) != SP_DIRECTORY_OK || found.owned)
				fail_msg("%s: %s", cases[i].name, senders[j]);
		}
	}
}

static void what_cannot_be_known_is_not_nobodys(void **state)
{
	static const enum sp_directory_status statuses[] = {
	    SP_DIRECTORY_DOWN, SP_DIRECTORY_TIMEOUT, SP_DIRECTORY_ERROR};
	struct fake_directory fake;

	(void)state;
	for (size_t i = 0; i < COUNT(statuses); i++) {
		fake_directory_init(&fake);
		fake.senders_status = statuses[i];
		assert_int_equal(
		    sp_sender_logins_find(&fake.base, SENDER, NOW, &found), statuses[i]);
		assert_string_equal(found.list, "");
	}
}

static void a_list_that_is_too_long_is_an_error_and_not_cut(void **state)
{
	enum { LOGINS = 200, LENGTH = 500 };
	static char texts[LOGINS][LENGTH + 1];
	static char *logins[LOGINS + 1];
	char *addresses[] = {(char *)SENDER, NULL};
	struct sp_named_owner owner = {(char *)ALICE, {true, addresses, logins}};
	const struct sp_sender_answer answer = {.owners = &owner, .owner_count = 1};
	struct fake_directory fake;

	(void)state;
	for (size_t i = 0; i < LOGINS; i++) {
		memset(texts[i], 'x', LENGTH);
		snprintf(texts[i] + LENGTH - 4, 5, "%04zu", i);
		logins[i] = texts[i];
	}
	fake_directory_init(&fake);
	fake.senders = &answer;
	assert_int_equal(
	    sp_sender_logins_find(&fake.base, SENDER, NOW, &found), SP_DIRECTORY_ERROR);
	assert_string_equal(found.list, "");
	assert_false(found.owned);
	logins[LOGINS / 2] = NULL;
	assert_int_equal(sp_sender_logins_find(&fake.base, SENDER, NOW, &found), SP_DIRECTORY_OK);
	assert_int_equal(strlen(found.list), LOGINS / 2 * (LENGTH + 1) - 1);
}

static void a_login_that_is_left_out_is_logged(void **state)
{
	char *addresses[] = {(char *)SENDER, NULL}, *logins[] = {(char *)"Alice A", NULL};
	struct sp_named_owner owner = {(char *)ALICE, {true, addresses, logins}};
	const struct sp_sender_answer answer = {.owners = &owner, .owner_count = 1};
	struct fake_directory fake;

	(void)state;
	fake_directory_init(&fake);
	fake.senders = &answer;
	logged[0] = '\0';
	assert_int_equal(sp_sender_logins_find(&fake.base, SENDER, NOW, &found), SP_DIRECTORY_OK);
	assert_string_equal(logged, "event=login_not_listed login=\"Alice A\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(who_may_send_is_listed_and_nobody_else),
	    cmocka_unit_test(less_than_an_address_is_nobodys),
	    cmocka_unit_test(what_cannot_be_known_is_not_nobodys),
	    cmocka_unit_test(a_list_that_is_too_long_is_an_error_and_not_cut),
	    cmocka_unit_test(a_login_that_is_left_out_is_logged),
	};

	sp_log_set_sink(collect, NULL, SP_LOG_DEBUG);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
