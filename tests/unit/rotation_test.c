/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/base/clock.h"
#include "tool/rotation.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define NONE         SP_NO_TIME
#define NOW          ((time_t)1000000)

/* verbs.c's */
void sp_verb_help(const struct sp_verb *verb)
{
	(void)verb;
}

static struct sp_credential made(char *id, time_t created, time_t expires)
{
	return (struct sp_credential){
	    .id = id,
	    .created = created,
	    .last_used = NONE,
	    .not_before = NONE,
	    .expires = expires,
	    .revoked = NONE,
	};
}

static void the_old_one_ends_with_the_overlap_and_never_later_than_it_would(void **state)
{
	static const struct {
		time_t expires, overlap, end;
	} cases[] = {
	    {NONE, 100, NOW + 100},
	    {NONE, 0, NOW},
	    {NOW + 500, 100, NOW + 100},
	    {NOW + 50, 100, NOW + 50},
	    {NOW + 50, 0, NOW},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct sp_credential old = made("a", 100, cases[i].expires);
		assert_int_equal(sp_rotation_end(&old, NOW, cases[i].overlap), cases[i].end);
	}
}

static void the_new_one_has_the_old_ones_life(void **state)
{
	static const struct {
		time_t created, expires, end;
	} cases[] = {
	    {NOW - 80, NOW + 20, NOW + 100},
	    {NOW - 80, NONE, NONE},
	    {NONE, NOW + 20, NOW + 20},
	    {NOW - 80, SP_LAST_TIME, SP_LAST_TIME},
	    {NONE, NONE, NONE},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct sp_credential old = made("a", cases[i].created, cases[i].expires);
		assert_int_equal(sp_rotation_expiry(&old, NOW), cases[i].end);
	}
}

static void due_are_active_old_ones_that_none_replaces(void **state)
{
	struct sp_credential old = made("old", NOW - 100, NONE);
	struct sp_credential successor = made("new", NOW, NONE);
	struct sp_credential *items[] = {&old, &successor};
	const struct sp_credential_list all = {items, COUNT(items)};

	(void)state;
	assert_true(sp_rotation_is_due(&old, &all, NOW, 100));
	assert_false(sp_rotation_is_due(&old, &all, NOW, 101));
	successor.replaces = "another";
	assert_true(sp_rotation_is_due(&old, &all, NOW, 100));
	successor.replaces = "old";
	assert_false(sp_rotation_is_due(&old, &all, NOW, 100));
	successor.suspended = true;
	assert_false(sp_rotation_is_due(&old, &all, NOW, 100));
	successor.revoked = NOW;
	assert_true(sp_rotation_is_due(&old, &all, NOW, 100));
	old.suspended = true;
	assert_false(sp_rotation_is_due(&old, &all, NOW, 100));
	old.suspended = false;
	old.created = NONE;
	assert_false(sp_rotation_is_due(&old, &all, NOW, 100));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_old_one_ends_with_the_overlap_and_never_later_than_it_would),
	    cmocka_unit_test(the_new_one_has_the_old_ones_life),
	    cmocka_unit_test(due_are_active_old_ones_that_none_replaces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
