/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/policy/rate_counter.h"

#define HOUR 3600000
#define ID   "k7qf2m9x"

static struct sp_rate_charge charge_of(const char *id, uint32_t limit, uint64_t window_ms)
{
	return (struct sp_rate_charge){id, {SP_RATE_MESSAGES, limit, window_ms}, 1};
}

static bool one(struct sp_rate_counters *counters, const struct sp_rate_charge *charge, int64_t now)
{
	return sp_rate_charge(counters, charge, 1, now, true) == SP_RATE_WITHIN;
}

/* A small generator of its own, so that a failure comes again. */
static uint32_t random_below(uint64_t *seed, uint32_t bound)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(*seed >> 33) % bound;
}

#define EVENTS 3000

/* One random run against the plain definition: what was let through, with its
 * time on a clock that does not go back. */
static void check_run(uint64_t seed)
{
	struct sp_rate_counters *counters = sp_rate_counters_new(8);
	uint64_t window = 1000 + random_below(&seed, 100000);
	struct sp_rate_charge charge = charge_of(ID, 1 + random_below(&seed, 50), window);
	static struct {
		int64_t time;
		uint32_t amount;
	} passed[EVENTS];
	int64_t on = (int64_t)random_below(&seed, 2000000) - 1000000, latest = INT64_MIN;
	size_t count = 0;

	assert_non_null(counters);
	for (size_t i = 0; i < EVENTS; i++) {
		on += random_below(&seed, (uint32_t)(2 * window / charge.rate.limit) + 1);
		bool back = random_below(&seed, 20) == 0;
		int64_t now = back ? on - random_below(&seed, (uint32_t)(3 * window)) : on;
		latest = now > latest ? now : latest;
		charge.amount = 1 + random_below(&seed, 3);
		if (!one(counters, &charge, now))
			continue;
		passed[count].time = latest;
		passed[count++].amount = charge.amount;
		uint64_t sum = 0;
		for (size_t at = count; at-- > 0 && passed[at].time > latest - (int64_t)window;)
			sum += passed[at].amount;
		if (sum > charge.rate.limit)
			fail_msg(
			    "%llu in a window of %u", (unsigned long long)sum, charge.rate.limit);
	}
	assert_true(count > EVENTS / 10);
	sp_rate_counters_free(&counters);
}

static void no_window_ever_holds_more_than_the_limit(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 300; seed++)
		check_run(seed);
}

static void the_limit_is_reached_and_comes_free_soon_after_the_window(void **state)
{
	struct sp_rate_counters *counters = sp_rate_counters_new(8);
	struct sp_rate_charge charge = charge_of(ID, 3, HOUR);

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_true(one(counters, &charge, 1000));
	assert_false(one(counters, &charge, 1000));
	assert_false(one(counters, &charge, 1000 + HOUR - 1));
	assert_true(one(counters, &charge, 1000 + HOUR + 2 * HOUR / 63));
	sp_rate_counters_free(&counters);
}

static void a_clock_that_goes_back_frees_nothing_and_blocks_nothing_new(void **state)
{
	struct sp_rate_counters *counters = sp_rate_counters_new(8);
	struct sp_rate_charge charge = charge_of(ID, 2, HOUR);

	(void)state;
	assert_true(one(counters, &charge, 100 * (int64_t)HOUR));
	assert_true(one(counters, &charge, 0));
	assert_false(one(counters, &charge, -100 * (int64_t)HOUR));
	assert_false(one(counters, &charge, 100 * (int64_t)HOUR));
	assert_true(one(counters, &charge, 102 * (int64_t)HOUR));
	sp_rate_counters_free(&counters);
}

static void all_are_charged_or_none(void **state)
{
	struct sp_rate_counters *counters = sp_rate_counters_new(8);
	struct sp_rate_charge charges[2] = {
	    charge_of("aaaaaaaa", 5, HOUR), charge_of("bbbbbbbb", 1, HOUR)};

	(void)state;
	assert_int_equal(sp_rate_charge(counters, charges, 2, 0, true), SP_RATE_WITHIN);
	for (int i = 0; i < 10; i++)
		assert_int_equal(sp_rate_charge(counters, charges, 2, 0, true), SP_RATE_OVER);
	for (int i = 0; i < 4; i++)
		assert_true(one(counters, &charges[0], 0));
	assert_false(one(counters, &charges[0], 0));
	sp_rate_counters_free(&counters);
}

static void asking_counts_nothing(void **state)
{
	struct sp_rate_counters *counters = sp_rate_counters_new(8);
	struct sp_rate_charge charge = charge_of(ID, 1, HOUR), nothing = charge;

	(void)state;
	for (int i = 0; i < 5; i++)
		assert_int_equal(sp_rate_charge(counters, &charge, 1, 0, false), SP_RATE_WITHIN);
	assert_true(one(counters, &charge, 0));
	assert_int_equal(sp_rate_charge(counters, &charge, 1, 0, false), SP_RATE_OVER);
	nothing.amount = 0;
	assert_true(one(counters, &nothing, 0));
	charge.amount = UINT32_MAX;
	assert_false(one(counters, &charge, 0));
	sp_rate_counters_free(&counters);
}

static void two_limits_of_one_window_count_once(void **state)
{
	struct sp_rate_counters *counters = sp_rate_counters_new(8);
	struct sp_rate_charge charges[2] = {charge_of(ID, 4, HOUR), charge_of(ID, 9, HOUR)};

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(sp_rate_charge(counters, charges, 2, 0, true), SP_RATE_WITHIN);
	assert_int_equal(sp_rate_charge(counters, charges, 2, 0, true), SP_RATE_OVER);
	sp_rate_counters_free(&counters);
}

static void kinds_windows_and_credentials_are_apart(void **state)
{
	struct sp_rate_counters *counters = sp_rate_counters_new(8);
	struct sp_rate_charge first = charge_of(ID, 1, HOUR),
			      other = charge_of("k7qf2m9y", 1, HOUR);
	struct sp_rate_charge longer = charge_of(ID, 1, 2 * HOUR), recipients = first;

	(void)state;
	recipients.rate.kind = SP_RATE_RECIPIENTS;
	assert_true(one(counters, &first, 0));
	assert_true(one(counters, &other, 0));
	assert_true(one(counters, &longer, 0));
	assert_true(one(counters, &recipients, 0));
	assert_false(one(counters, &first, 0));
	first.rate.limit = 2; /* a changed limit finds what was counted */
	assert_true(one(counters, &first, 0));
	assert_false(one(counters, &first, 0));
	sp_rate_counters_free(&counters);
}

static void a_full_table_forgets_nobody_and_takes_others_once_some_have_passed(void **state)
{
	struct sp_rate_counters *counters = sp_rate_counters_new(4);
	struct sp_rate_record records[8];
	char id[4][3] = {"a", "b", "c", "d"};
	struct sp_rate_charge newcomer = charge_of("e", 1, HOUR);

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct sp_rate_charge charge = charge_of(id[i], 1, HOUR);
		assert_true(one(counters, &charge, 0));
	}
	assert_int_equal(sp_rate_charge(counters, &newcomer, 1, 0, true), SP_RATE_UNKNOWN);
	struct sp_rate_charge known = charge_of("a", 1, HOUR);
	assert_int_equal(sp_rate_charge(counters, &known, 1, 0, true), SP_RATE_OVER);
	assert_int_equal(sp_rate_charge(counters, &newcomer, 1, 3 * HOUR, true), SP_RATE_UNKNOWN);
	assert_int_equal(sp_rate_collect(counters, records, 8), 4);
	assert_int_equal(sp_rate_charge(counters, &newcomer, 1, 3 * HOUR, true), SP_RATE_WITHIN);
	sp_rate_counters_free(&counters);
}

static void what_is_collected_can_be_taken_back(void **state)
{
	struct sp_rate_counters *counters = sp_rate_counters_new(8),
				*next = sp_rate_counters_new(8);
	struct sp_rate_charge charge = charge_of(ID, 3, HOUR);
	struct sp_rate_record records[4];

	(void)state;
	assert_true(one(counters, &charge, HOUR));
	assert_true(one(counters, &charge, HOUR + HOUR / 2));
	assert_int_equal(sp_rate_collect(counters, records, 4), 1);
	assert_int_equal(sp_rate_collect(counters, records + 1, 3), 0);
	assert_true(sp_rate_record_time(&records[0]) <= HOUR + HOUR / 2);
	assert_true(sp_rate_record_time(&records[0]) > HOUR + HOUR / 3);
	assert_true(sp_rate_restore(next, &records[0], 2 * HOUR - 1000));
	assert_false(sp_rate_restore(next, &records[0], 2 * HOUR - 1000));
	assert_true(one(next, &charge, 2 * HOUR - 1000));
	assert_false(one(next, &charge, 2 * HOUR - 1000));
	assert_true(one(next, &charge, 2 * HOUR + 2 * HOUR / 63));
	sp_rate_counters_free(&counters);
	sp_rate_counters_free(&next);
}

static void what_has_passed_is_collected_as_gone(void **state)
{
	struct sp_rate_counters *counters = sp_rate_counters_new(8),
				*next = sp_rate_counters_new(8);
	struct sp_rate_charge charge = charge_of(ID, 3, HOUR);
	struct sp_rate_record records[4];

	(void)state;
	assert_true(one(counters, &charge, 0));
	assert_int_equal(sp_rate_collect(counters, records, 4), 1);
	assert_true(sp_rate_restore(next, &records[0], 5 * HOUR));
	assert_int_equal(sp_rate_collect(next, records, 4), 1);
	assert_string_equal(records[0].id, ID);
	assert_int_equal(records[0].total, 0);
	assert_int_equal(sp_rate_collect(next, records, 4), 0);
	sp_rate_counters_free(&counters);
	sp_rate_counters_free(&next);
}

static void a_record_of_nonsense_is_not_taken(void **state)
{
	static const struct {
		const char *name;
		struct sp_rate_record record;
	} bad[] = {
	    {"no window", {ID, SP_RATE_MESSAGES, 0, 0, 1, {1}}},
	    {"a huge window", {ID, SP_RATE_MESSAGES, UINT64_MAX, 0, 1, {1}}},
	    {"another kind", {ID, (enum sp_rate_kind)7, HOUR, 0, 1, {1}}},
	    {"a wrong total", {ID, SP_RATE_MESSAGES, HOUR, 0, 2, {1}}},
	    {"a sum that wraps", {ID, SP_RATE_MESSAGES, HOUR, 0, 0, {UINT32_MAX, 1}}},
	    {"nothing in it", {ID, SP_RATE_MESSAGES, HOUR, 0, 0, {0}}},
	    {"a slot out of time", {ID, SP_RATE_MESSAGES, HOUR, INT64_MAX, 1, {1}}},
	    {"a slot before time", {ID, SP_RATE_MESSAGES, HOUR, INT64_MIN, 1, {1}}},
	};
	struct sp_rate_counters *counters = sp_rate_counters_new(8);
	struct sp_rate_record unending = {
	    .kind = SP_RATE_MESSAGES, .window_ms = HOUR, .total = 1, .slots = {1}};

	(void)state;
	memset(unending.id, 'x', sizeof(unending.id));
	assert_false(sp_rate_restore(counters, &unending, 0));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (sp_rate_restore(counters, &bad[i].record, 0))
			fail_msg("%s", bad[i].name);
	}
	sp_rate_counters_free(&counters);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_window_ever_holds_more_than_the_limit),
	    cmocka_unit_test(the_limit_is_reached_and_comes_free_soon_after_the_window),
	    cmocka_unit_test(a_clock_that_goes_back_frees_nothing_and_blocks_nothing_new),
	    cmocka_unit_test(all_are_charged_or_none),
	    cmocka_unit_test(asking_counts_nothing),
	    cmocka_unit_test(two_limits_of_one_window_count_once),
	    cmocka_unit_test(kinds_windows_and_credentials_are_apart),
	    cmocka_unit_test(a_full_table_forgets_nobody_and_takes_others_once_some_have_passed),
	    cmocka_unit_test(what_is_collected_can_be_taken_back),
	    cmocka_unit_test(what_has_passed_is_collected_as_gone),
	    cmocka_unit_test(a_record_of_nonsense_is_not_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
