/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/policy/alert_limit.h"

#define INTERVAL 1000
#define NOW      5000
#define ALICE    7
#define BOB      8

enum { FIRST, SECOND, KINDS };

static int set_up(void **state)
{
	*state = sp_alert_limit_new(KINDS, INTERVAL);
	return *state == NULL;
}

static int tear_down(void **state)
{
	sp_alert_limit_free((struct sp_alert_limit **)state);
	return *state != NULL;
}

/* -1 if it is held back, or else how many were before it. */
static int take(struct sp_alert_limit *limit, size_t kind, uint64_t subject, int64_t now)
{
	uint64_t held_back = 0;

	return sp_alert_limit_take(limit, kind, subject, "a line", true, now, &held_back)
		   ? (int)held_back
		   : -1;
}

/* -1 if none is due, or else how many more it stands for. */
static int due(struct sp_alert_limit *limit, const char *line, int64_t now)
{
	uint64_t held_back = 0;
	char *found;

	if (!sp_alert_limit_due(limit, now, &found, &held_back))
		return -1;
	assert_string_equal(found, line);
	free(found);
	return (int)held_back;
}

static void one_goes_at_once_and_the_rest_of_a_burst_as_one_at_the_end(void **state)
{
	assert_int_equal(take(*state, FIRST, ALICE, NOW), 0);
	assert_false(sp_alert_limit_holds(*state));
	for (int i = 1; i < 1000; i++)
		assert_int_equal(take(*state, FIRST, ALICE, NOW + i / 2), -1);
	assert_true(sp_alert_limit_holds(*state));
	assert_int_equal(due(*state, "a line", NOW + INTERVAL - 1), -1);
	assert_int_equal(due(*state, "a line", NOW + INTERVAL), 998);
	assert_int_equal(due(*state, "a line", NOW + INTERVAL), -1);
	assert_false(sp_alert_limit_holds(*state));
	/* that one began another interval */
	assert_int_equal(take(*state, FIRST, ALICE, NOW + 2 * INTERVAL - 1), -1);
	assert_int_equal(take(*state, FIRST, ALICE, NOW + 2 * INTERVAL), 1);
	assert_int_equal(take(*state, FIRST, ALICE, NOW + 3 * INTERVAL), 0);
}

static void the_last_line_of_those_held_back_is_told(void **state)
{
	uint64_t held_back;

	assert_int_equal(take(*state, FIRST, ALICE, NOW), 0);
	assert_int_equal(take(*state, FIRST, ALICE, NOW), -1);
	assert_false(sp_alert_limit_take(*state, FIRST, ALICE, "the last", true, NOW, &held_back));
	assert_int_equal(due(*state, "the last", NOW + INTERVAL), 1);
}

static void subjects_and_kinds_do_not_hold_back_each_other(void **state)
{
	assert_int_equal(take(*state, FIRST, ALICE, NOW), 0);
	assert_int_equal(take(*state, FIRST, BOB, NOW), 0);
	assert_int_equal(take(*state, SECOND, ALICE, NOW), 0);
	assert_int_equal(take(*state, FIRST, ALICE, NOW), -1);
}

static void many_subjects_of_a_kind_are_told_of_together(void **state)
{
	for (uint64_t subject = 0; subject < 1000; subject++)
		assert_int_equal(
		    take(*state, FIRST, subject, NOW), subject < SP_ALERT_SUBJECTS ? 0 : -1);
	assert_int_equal(take(*state, SECOND, ALICE, NOW), 0);
	assert_int_equal(due(*state, "a line", NOW + INTERVAL - 1), -1);
	assert_int_equal(due(*state, "a line", NOW + INTERVAL), 1000 - SP_ALERT_SUBJECTS - 1);
	assert_int_equal(due(*state, "a line", NOW + INTERVAL), -1);
	/* and then there is room for others */
	assert_int_equal(take(*state, FIRST, 5000, NOW + INTERVAL), 0);
	for (uint64_t subject = 5001; subject < 5100; subject++)
		(void)take(*state, FIRST, subject, NOW + INTERVAL);
	assert_int_equal(due(*state, "a line", NOW + 2 * INTERVAL), 100 - SP_ALERT_SUBJECTS - 1);
}

static void a_flood_of_subjects_is_held_back_however_long_it_lasts(void **state)
{
	const int intervals = 50;
	int out = 0;

	for (int64_t now = NOW; now < NOW + intervals * INTERVAL; now++) {
		out += take(*state, FIRST, (uint64_t)now, now) >= 0;
		out += due(*state, "a line", now) >= 0;
	}
	assert_in_range(out, intervals, intervals * (2 * SP_ALERT_SUBJECTS + 1));
}

static void what_has_no_room_goes_as_soon_as_there_is_some(void **state)
{
	uint64_t held_back;

	assert_false(sp_alert_limit_take(*state, FIRST, ALICE, "a line", false, NOW, &held_back));
	assert_int_equal(due(*state, "a line", NOW), 0);
	assert_int_equal(take(*state, FIRST, ALICE, NOW + 1), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		one_goes_at_once_and_the_rest_of_a_burst_as_one_at_the_end, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		the_last_line_of_those_held_back_is_told, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		subjects_and_kinds_do_not_hold_back_each_other, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		many_subjects_of_a_kind_are_told_of_together, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		a_flood_of_subjects_is_held_back_however_long_it_lasts, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		what_has_no_room_goes_as_soon_as_there_is_some, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
