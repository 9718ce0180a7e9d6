/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/histogram.h"

/* What the bounds are called is what they are. */
static void each_bound_is_what_its_name_says(void **state)
{
	static const int64_t bounds[] = {
#define BOUND(us, seconds) us,
	    SP_HISTOGRAM_BOUNDS(BOUND)
#undef BOUND
	};

	(void)state;
	for (size_t i = 0; i + 1 < SP_HISTOGRAM_BUCKETS; i++) {
		double us = strtod(sp_histogram_bound(i), NULL) * 1e6;
		assert_int_equal((int64_t)(us + 0.5), bounds[i]);
		assert_true(bounds[i] < bounds[i + 1]);
	}
	assert_string_equal(sp_histogram_bound(SP_HISTOGRAM_BUCKETS - 1), "+Inf");
}

static const struct {
	const char *name;
	int64_t took_us;
	const char *bound; /* the lowest bucket that takes it in */
	uint64_t sum_us;
} cases[] = {
    {"nothing", 0, "0.001", 0},
    {"a clock that went back", -5, "0.001", 0},
    {"just a bound", 1000, "0.001", 1000},
    {"just more than a bound", 1001, "0.0025", 1001},
    {"a second", 1000000, "1.0", 1000000},
    {"the last bound", 10000000, "10.0", 10000000},
    {"more than the last bound", 10000001, "+Inf", 10000001},
    {"a year", INT64_C(31536000000000), "+Inf", UINT64_C(31536000000000)},
};

static void a_time_counts_in_its_bucket_and_in_all_above(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sp_histogram histogram = {0};
		sp_histogram_observe(&histogram, cases[i].took_us);
		struct sp_histogram_reading reading = sp_histogram_read(&histogram);
		uint64_t expected = 0;
		print_message("%s\n", cases[i].name);
		assert_int_equal(reading.sum_us, cases[i].sum_us);
		for (size_t bucket = 0; bucket < SP_HISTOGRAM_BUCKETS; bucket++) {
			if (strcmp(sp_histogram_bound(bucket), cases[i].bound) == 0)
				expected = 1;
			assert_int_equal(reading.below[bucket], expected);
		}
	}
}

static void all_times_together_never_fall_from_bucket_to_bucket(void **state)
{
	const size_t count = sizeof(cases) / sizeof(cases[0]);
	struct sp_histogram histogram = {0};
	uint64_t sum_us = 0, before = 0;

	(void)state;
	for (size_t i = 0; i < count; i++) {
		sp_histogram_observe(&histogram, cases[i].took_us);
		sum_us += cases[i].sum_us;
	}
	struct sp_histogram_reading reading = sp_histogram_read(&histogram);
	for (size_t bucket = 0; bucket < SP_HISTOGRAM_BUCKETS; bucket++) {
		assert_true(reading.below[bucket] >= before);
		before = reading.below[bucket];
	}
	assert_int_equal(before, count);
	assert_int_equal(reading.sum_us, sum_us);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_bound_is_what_its_name_says),
	    cmocka_unit_test(a_time_counts_in_its_bucket_and_in_all_above),
	    cmocka_unit_test(all_times_together_never_fall_from_bucket_to_bucket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
