/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tool/selection.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define NONE         SP_NO_TIME
#define NOW          ((time_t)1000000)

static struct sp_selection everything(void)
{
	return SP_SELECT_ALL;
}

/* verbs.c's */
void sp_verb_help(const struct sp_verb *verb)
{
	(void)verb;
}

static struct sp_credential credential_of(time_t created, time_t last_used, time_t expires)
{
	return (struct sp_credential){
	    .label = "2nd floor Printer",
	    .created = created,
	    .last_used = last_used,
	    .not_before = NONE,
	    .expires = expires,
	    .revoked = NONE,
	};
}

static void unused_since_goes_by_the_last_use_or_else_the_making(void **state)
{
	static const struct {
		const char *name;
		time_t created, last_used, since;
		bool selected;
	} cases[] = {
	    {"used before", 100, 500, 501, true},
	    {"used then", 100, 500, 500, false},
	    {"used after", 100, 600, 500, false},
	    {"made before, never used", 100, NONE, 500, true},
	    {"made after, never used", 600, NONE, 500, false},
	    {"nobody knows", NONE, NONE, 500, false},
	    {"not asked", NONE, NONE, NONE, true},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sp_selection selection = everything();
		const struct sp_credential credential =
		    credential_of(cases[i].created, cases[i].last_used, NONE);

		print_message("  %s\n", cases[i].name);
		selection.unused_since = cases[i].since;
		assert_int_equal(sp_selects(&selection, &credential, NOW), cases[i].selected);
	}
}

static void expiring_are_those_that_have_not_ended_and_will(void **state)
{
	static const struct {
		const char *name;
		time_t expires, revoked;
		bool selected;
	} cases[] = {
	    {"in time", NOW + 50, NONE, true},
	    {"at the very end", NOW + 100, NONE, true},
	    {"later", NOW + 101, NONE, false},
	    {"never", NONE, NONE, false},
	    {"ended now", NOW, NONE, false},
	    {"revoked", NOW + 50, NOW, false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sp_selection selection = everything();
		struct sp_credential credential = credential_of(100, NONE, cases[i].expires);

		print_message("  %s\n", cases[i].name);
		credential.revoked = cases[i].revoked;
		selection.expiring_before = NOW + 100;
		assert_int_equal(sp_selects(&selection, &credential, NOW), cases[i].selected);
	}
}

static void label_state_and_never_used_all_count(void **state)
{
	struct sp_credential credential = credential_of(100, NONE, NONE);
	struct sp_selection selection = everything();

	(void)state;
	selection.label = "FLOOR print";
	assert_true(sp_selects(&selection, &credential, NOW));
	selection.never_used = true;
	assert_true(sp_selects(&selection, &credential, NOW));
	selection.has_state = true;
	selection.state = SP_STATE_SUSPENDED;
	assert_false(sp_selects(&selection, &credential, NOW));
	credential.suspended = true;
	assert_true(sp_selects(&selection, &credential, NOW));
	credential.last_used = 200;
	assert_false(sp_selects(&selection, &credential, NOW));
	credential.last_used = NONE;
	credential.label = NULL;
	assert_false(sp_selects(&selection, &credential, NOW));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(unused_since_goes_by_the_last_use_or_else_the_making),
	    cmocka_unit_test(expiring_are_those_that_have_not_ended_and_will),
	    cmocka_unit_test(label_state_and_never_used_all_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
