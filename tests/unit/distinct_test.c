/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/policy/distinct.h"

#define NOW   1000
#define ALICE 7
#define BOB   8

static int set_up(void **state)
{
	*state = sp_distinct_new();
	return *state == NULL;
}

static int tear_down(void **state)
{
	sp_distinct_free((struct sp_distinct **)state);
	return *state != NULL;
}

/* How often it was news that the subject showed these things, one after another. */
static unsigned show(
    struct sp_distinct *distinct, uint64_t subject, uint64_t first, unsigned count, int64_t now)
{
	unsigned news = 0;

	for (unsigned i = 0; i < count; i++)
		news += sp_distinct_add(distinct, subject, first + i, now);
	return news;
}

static void the_tenth_thing_is_news_once(void **state)
{
	assert_int_equal(show(*state, ALICE, 1, SP_DISTINCT_MANY - 1, NOW), 0);
	assert_int_equal(show(*state, ALICE, 100, 1, NOW), 1);
	assert_int_equal(show(*state, ALICE, 200, 1000, NOW), 0);
}

static void one_thing_again_and_again_is_no_news(void **state)
{
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(show(*state, ALICE, 1, SP_DISTINCT_MANY - 1, NOW), 0);
	assert_int_equal(show(*state, ALICE, 100, 1, NOW), 1);
}

static void subjects_count_apart(void **state)
{
	assert_int_equal(show(*state, ALICE, 1, SP_DISTINCT_MANY - 1, NOW), 0);
	assert_int_equal(show(*state, BOB, 100, SP_DISTINCT_MANY - 1, NOW), 0);
	assert_int_equal(show(*state, BOB, 1, 1, NOW), 1);
}

static void an_hour_after_the_first_thing_it_begins_anew(void **state)
{
	int64_t end = NOW + SP_DISTINCT_WINDOW_MS;

	assert_int_equal(show(*state, ALICE, 1, 1, NOW), 0);
	assert_int_equal(show(*state, ALICE, 2, SP_DISTINCT_MANY - 2, end - 1), 0);
	assert_int_equal(show(*state, ALICE, 100, SP_DISTINCT_MANY - 1, end), 0);
	assert_int_equal(show(*state, ALICE, 200, 1, end), 1);
	assert_int_equal(show(*state, ALICE, 300, SP_DISTINCT_MANY, end * 2), 1);
}

static void a_crowd_that_shows_little_does_not_drive_out_who_shows_much(void **state)
{
	assert_int_equal(show(*state, ALICE, 1, SP_DISTINCT_MANY - 1, NOW), 0);
	for (uint64_t subject = 1000; subject < 101000; subject++)
		assert_int_equal(show(*state, subject, 1, 2, NOW), 0);
	assert_int_equal(show(*state, ALICE, 100, 1, NOW), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(the_tenth_thing_is_news_once, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		one_thing_again_and_again_is_no_news, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(subjects_count_apart, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		an_hour_after_the_first_thing_it_begins_anew, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		a_crowd_that_shows_little_does_not_drive_out_who_shows_much, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
