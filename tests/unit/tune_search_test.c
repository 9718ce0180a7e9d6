/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tool/tune_search.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A machine on which a pass over 1 MiB takes so long. */
struct machine {
	int64_t us_per_mib;
	int fails_at; /* the measurement that does; 0: none */
	int measured;
	uint32_t most_memory_kib;
};

static int64_t measure(void *context, const struct sp_argon2_cost *cost)
{
	struct machine *machine = context;

	machine->measured++;
	if (cost->memory_kib > machine->most_memory_kib)
		machine->most_memory_kib = cost->memory_kib;
	if (machine->measured == machine->fails_at)
		return -1;
	return (int64_t)cost->memory_kib * cost->passes * machine->us_per_mib / 1024;
}

static const struct {
	const char *name;
	int64_t us_per_mib;
	struct sp_tune_limits limits;
	uint32_t memory_kib, passes;
} cases[] = {
    {"memory grows first", 400, {30000, 65536, 10}, 37888, 2},
    {"then passes", 400, {100000, 65536, 10}, 65536, 3},
    {"as far as they may", 1, {100000, 65536, 10}, 65536, 10},
    {"the last bit of memory", 1, {1000000, 65000, 3}, 65000, 3},
    {"all of the time, to the microsecond", 1000, {38000, 65536, 10}, 19456, 2},
    {"a microsecond less, and no less cost", 1000, {37999, 65536, 10}, 19456, 2},
    {"far too little time", 1000, {1000, 65536, 10}, 19456, 2},
    {"no memory to grow", 1000, {200000, 19456, 10}, 19456, 10},
    {"less memory, more passes", 1000, {1000, 19455, 10}, 12288, 3},
    {"less still", 1000, {1000, 12287, 10}, 9216, 4},
    {"the least", 1000, {1000, 7168, 10}, 7168, 5},
    {"the least, and time for more", 1000, {70000, 7168, 10}, 7168, 10},
    {"memory between two of OWASP's", 1000, {46000, 16384, 10}, 15360, 3},
    {"fewer passes permitted than OWASP has", 1000, {70000, 7168, 1}, 7168, 5},
};

static void the_proposal_is_the_most_that_fits(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct machine machine = {.us_per_mib = cases[i].us_per_mib};
		struct sp_tuning tuning;

		print_message("  %s\n", cases[i].name);
		assert_true(sp_tune_search(&cases[i].limits, measure, &machine, &tuning));
		assert_int_equal(tuning.cost.memory_kib, cases[i].memory_kib);
		assert_int_equal(tuning.cost.passes, cases[i].passes);
		assert_int_equal(tuning.cost.lanes, 1);
		assert_int_equal(tuning.took_us, measure(&machine, &tuning.cost));
		assert_true(machine.most_memory_kib <= cases[i].limits.memory_max_kib);
		assert_in_range(machine.measured, 2, 20);
	}
}

static void more_time_never_gives_less(void **state)
{
	struct sp_tuning before = {0}, now;

	(void)state;
	for (int64_t target_us = 1000; target_us < 400000; target_us += 1000) {
		const struct sp_tune_limits limits = {target_us, 65536, 10};
		struct machine machine = {.us_per_mib = 400};

		assert_true(sp_tune_search(&limits, measure, &machine, &now));
		assert_true(now.took_us >= before.took_us);
		assert_true(now.cost.memory_kib >= before.cost.memory_kib);
		assert_true(now.cost.memory_kib >= 19456 && now.cost.passes >= 2);
		before = now;
	}
	assert_true(before.took_us > 100000);
}

static void what_cannot_be_measured_is_not_proposed(void **state)
{
	const struct sp_tune_limits limits = {100000, 65536, 10};

	(void)state;
	for (int at = 1; at <= 6; at++) {
		struct machine machine = {.us_per_mib = 400, .fails_at = at};
		struct sp_tuning tuning;
		assert_false(sp_tune_search(&limits, measure, &machine, &tuning));
		assert_int_equal(machine.measured, at);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_proposal_is_the_most_that_fits),
	    cmocka_unit_test(more_time_never_gives_less),
	    cmocka_unit_test(what_cannot_be_measured_is_not_proposed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
