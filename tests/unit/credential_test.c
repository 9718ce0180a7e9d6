/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/directory/credential.h"

#define NOW ((time_t)1000)

static const struct {
	const char *name;
	time_t not_before, expires, revoked;
	bool suspended;
	const char *unusable;
	enum sp_credential_state state;
} cases[] = {
    {"nothing set", SP_NO_TIME, SP_NO_TIME, SP_NO_TIME, false, NULL, SP_STATE_ACTIVE},
    {"within its time", 999, 1001, SP_NO_TIME, false, NULL, SP_STATE_ACTIVE},
    {"begins now", 1000, SP_NO_TIME, SP_NO_TIME, false, NULL, SP_STATE_ACTIVE},
    {"begins a second later", 1001, SP_NO_TIME, SP_NO_TIME, false, NULL, SP_STATE_NOT_YET_VALID},
    {"expires now", SP_NO_TIME, 1000, SP_NO_TIME, false, NULL, SP_STATE_EXPIRED},
    {"expires a second later", SP_NO_TIME, 1001, SP_NO_TIME, false, NULL, SP_STATE_ACTIVE},
    {"expired in 1970", SP_NO_TIME, 0, SP_NO_TIME, false, NULL, SP_STATE_EXPIRED},
    {"suspended", SP_NO_TIME, SP_NO_TIME, SP_NO_TIME, true, NULL, SP_STATE_SUSPENDED},
    {"suspended and expired", SP_NO_TIME, 1, SP_NO_TIME, true, NULL, SP_STATE_SUSPENDED},
    {"revoked", SP_NO_TIME, SP_NO_TIME, 1, false, NULL, SP_STATE_REVOKED},
    {"revoked in the future", SP_NO_TIME, SP_NO_TIME, 5000, false, NULL, SP_STATE_REVOKED},
    {"revoked and suspended", SP_NO_TIME, SP_NO_TIME, 1, true, NULL, SP_STATE_REVOKED},
    {"expired before it began", 2000, 500, SP_NO_TIME, false, NULL, SP_STATE_EXPIRED},
    {"unusable", SP_NO_TIME, SP_NO_TIME, SP_NO_TIME, false, "why", SP_STATE_UNUSABLE},
    {"unusable and revoked", SP_NO_TIME, SP_NO_TIME, 1, true, "why", SP_STATE_UNUSABLE},
};

static void the_first_state_that_holds_is_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sp_credential credential = {
		    .created = SP_NO_TIME,
		    .not_before = cases[i].not_before,
		    .expires = cases[i].expires,
		    .revoked = cases[i].revoked,
		    .suspended = cases[i].suspended,
		    .unusable = cases[i].unusable,
		};
		enum sp_credential_state got = sp_credential_state(&credential, NOW);
		if (got != cases[i].state)
			fail_msg("%s: %s", cases[i].name, sp_credential_state_name(got));
	}
}

static void every_state_has_a_name_of_its_own(void **state)
{
	const char *names[SP_STATE_NOT_YET_VALID + 1];

	(void)state;
	for (int i = SP_STATE_ACTIVE; i <= SP_STATE_NOT_YET_VALID; i++) {
		names[i] = sp_credential_state_name((enum sp_credential_state)i);
		for (int j = SP_STATE_ACTIVE; j < i; j++)
			assert_string_not_equal(names[i], names[j]);
	}
	for (int i = SP_STATE_ACTIVE; i <= SP_STATE_NOT_YET_VALID; i++) {
		enum sp_credential_state parsed = (enum sp_credential_state)99;
		assert_true(sp_credential_state_parse(names[i], &parsed));
		assert_int_equal(parsed, i);
	}
	assert_false(sp_credential_state_parse("Active", &(enum sp_credential_state){0}));
	assert_string_equal(names[SP_STATE_ACTIVE], "active");
	assert_string_not_equal(sp_credential_state_name((enum sp_credential_state)99), "active");
}

static void freeing_takes_everything_and_nothing(void **state)
{
	struct sp_credential_list list = {.items = calloc(2, sizeof(*list.items)), .count = 2};
	struct sp_credential *none = NULL;

	(void)state;
	assert_non_null(list.items);
	list.items[0] = calloc(1, sizeof(*list.items[0]));
	assert_non_null(list.items[0]);
	list.items[0]->hash = strdup("$argon2id$");
	list.items[0]->logins = calloc(2, sizeof(char *));
	list.items[0]->logins[0] = strdup("printer");
	sp_credential_list_free(&list);
	assert_null(list.items);
	assert_int_equal(list.count, 0);
	sp_credential_list_free(&list);
	sp_credential_free(&none);
	sp_credential_free(NULL);
}

static struct sp_credential_list list_of(const char *dn, time_t created)
{
	struct sp_credential_list list = {.items = calloc(1, sizeof(*list.items)), .count = 1};

	assert_non_null(list.items);
	list.items[0] = calloc(1, sizeof(*list.items[0]));
	assert_non_null(list.items[0]);
	list.items[0]->dn = strdup(dn);
	list.items[0]->created = created;
	return list;
}

static void lists_are_joined_and_sorted_by_age(void **state)
{
	struct sp_credential_list list = {0}, nothing = {0};
	static const char *const order[] = {"old", "a", "b"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct sp_credential_list more =
		    list_of(((const char *[]){"b", "a", "old"})[i], i == 2 ? 10 : 20);
		assert_true(sp_credential_list_take(&list, &more));
		assert_null(more.items);
		assert_int_equal(more.count, 0);
	}
	assert_true(sp_credential_list_take(&list, &nothing));
	assert_int_equal(list.count, 3);
	sp_credential_list_sort(&list);
	for (size_t i = 0; i < 3; i++)
		assert_string_equal(list.items[i]->dn, order[i]);
	sp_credential_list_free(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_first_state_that_holds_is_told),
	    cmocka_unit_test(every_state_has_a_name_of_its_own),
	    cmocka_unit_test(lists_are_joined_and_sorted_by_age),
	    cmocka_unit_test(freeing_takes_everything_and_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
