/* SPDX-License-Identifier: BSD-2-Clause */
/* The buckets that the bench counts times in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bench/latency.h"

static void a_time_is_told_at_most_a_32nd_too_long(void **state)
{
	static struct sp_latency latency;

	(void)state;
	for (unsigned bit = 0; bit < 63; bit++) {
		for (int off = -1; off <= 1; off++) {
			uint64_t ns = (UINT64_C(1) << bit) + (uint64_t)(int64_t)off;
			latency = (struct sp_latency){0};
			sp_latency_add(&latency, ns);
			/* a longer one, as the longest of all is told exactly */
			sp_latency_add(&latency, UINT64_MAX);
			uint64_t told = sp_latency_quantile(&latency, 0.5);
			assert_true(told >= ns);
			assert_true(told - ns <= ns / 32);
		}
	}
}

static void quantiles_count_attempts_and_not_buckets(void **state)
{
	static struct sp_latency latency;

	(void)state;
	for (int i = 0; i < 98; i++)
		sp_latency_add(&latency, 10);
	sp_latency_add(&latency, 20);
	sp_latency_add(&latency, 5000);
	assert_int_equal(sp_latency_quantile(&latency, 0.5), 10);
	assert_int_equal(sp_latency_quantile(&latency, 0.98), 10);
	assert_int_equal(sp_latency_quantile(&latency, 0.99), 20);
	assert_int_equal(sp_latency_quantile(&latency, 1), 5000);
}

static void of_nothing_there_is_no_time(void **state)
{
	static struct sp_latency latency;

	(void)state;
	assert_int_equal(sp_latency_quantile(&latency, 0.99), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_time_is_told_at_most_a_32nd_too_long),
	    cmocka_unit_test(quantiles_count_attempts_and_not_buckets),
	    cmocka_unit_test(of_nothing_there_is_no_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
