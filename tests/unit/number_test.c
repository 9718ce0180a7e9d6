/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/number.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define UNTOUCHED    4711

static const struct {
	const char *name;
	const char *text;
	uint64_t low, high;
	bool ok;
	uint64_t value;
} numbers[] = {
    {"zero", "0", 0, 10, true, 0},
    {"one digit", "7", 0, 10, true, 7},
    {"at the low end", "5", 5, 10, true, 5},
    {"at the high end", "10", 5, 10, true, 10},
    {"below", "4", 5, 10, false, 0},
    {"above", "11", 5, 10, false, 0},
    {"the largest", "18446744073709551615", 0, UINT64_MAX, true, UINT64_MAX},
    {"one more than the largest", "18446744073709551616", 0, UINT64_MAX, false, 0},
    {"one digit more", "184467440737095516150", 0, UINT64_MAX, false, 0},
    {"wraps to 0", "36893488147419103232", 0, UINT64_MAX, false, 0},
    {"empty", "", 0, 10, false, 0},
    {"leading zero", "07", 0, 10, false, 0},
    {"two zeros", "00", 0, 10, false, 0},
    {"minus", "-1", 0, UINT64_MAX, false, 0},
    {"plus", "+1", 0, 10, false, 0},
    {"leading space", " 1", 0, 10, false, 0},
    {"trailing space", "1 ", 0, 10, false, 0},
    {"trailing LF", "1\n", 0, 10, false, 0},
    {"hexadecimal", "0x1", 0, 10, false, 0},
    {"trailing letter", "1a", 0, 10, false, 0},
    {"fraction", "1.0", 0, 10, false, 0},
    {"exponent", "1e1", 0, 10, false, 0},
    {"before 0 in ASCII", "1/", 0, 100, false, 0},
    {"behind 9 in ASCII", "1:", 0, 100, false, 0},
};

static void a_number_is_whole_and_in_range_or_untouched(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(numbers); i++) {
		uint64_t value = UNTOUCHED;

		print_message("  %s\n", numbers[i].name);
		assert_int_equal(
		    sp_parse_number(numbers[i].text, numbers[i].low, numbers[i].high, &value),
		    numbers[i].ok);
		assert_int_equal(value, numbers[i].ok ? numbers[i].value : UNTOUCHED);
	}
}

static void the_length_form_reads_that_many_bytes(void **state)
{
	uint64_t value = UNTOUCHED;

	(void)state;
	assert_true(sp_parse_number_n("123x", 3, 0, 1000, &value));
	assert_int_equal(value, 123);
	assert_true(sp_parse_number_n("123x", 1, 0, 1000, &value));
	assert_int_equal(value, 1);
	value = UNTOUCHED;
	assert_false(sp_parse_number_n("123x", 4, 0, 1000, &value));
	assert_false(sp_parse_number_n("123x", 0, 0, 1000, &value));
	assert_false(sp_parse_number_n("12\0", 3, 0, 1000, &value));
	assert_int_equal(value, UNTOUCHED);
}

#define MINUTE (UINT64_C(60) * 1000)
#define DAY    (24 * 60 * MINUTE)

static const struct {
	const char *name;
	const char *text;
	uint64_t low, high;
	bool ok;
	uint64_t ms;
} durations[] = {
    {"milliseconds", "250ms", 0, DAY, true, 250},
    {"seconds", "3s", 0, DAY, true, 3000},
    {"minutes", "5m", 0, DAY, true, 5 * MINUTE},
    {"hours", "12h", 0, DAY, true, 720 * MINUTE},
    {"days", "90d", 0, 90 * DAY, true, 90 * DAY},
    {"weeks", "2w", 0, 90 * DAY, true, 14 * DAY},
    {"nothing of a unit", "0s", 0, DAY, true, 0},
    {"at the low end", "1s", 1000, 2000, true, 1000},
    {"below", "999ms", 1000, 2000, false, 0},
    {"at the high end", "2000ms", 1000, 2000, true, 2000},
    {"above", "2001ms", 1000, 2000, false, 0},
    {"no unit", "3", 0, DAY, false, 0},
    {"no number", "s", 0, DAY, false, 0},
    {"empty", "", 0, DAY, false, 0},
    {"space before the unit", "3 s", 0, DAY, false, 0},
    {"upper case", "3S", 0, DAY, false, 0},
    {"unknown unit", "3y", 0, UINT64_MAX, false, 0},
    {"two of them", "1h30m", 0, DAY, false, 0},
    {"fraction", "1.5h", 0, DAY, false, 0},
    {"minus", "-1s", 0, DAY, false, 0},
    {"leading zero", "03s", 0, DAY, false, 0},
    {"something behind", "3s ", 0, DAY, false, 0},
    {"as long as can be", "18446744073709551615ms", 0, UINT64_MAX, true, UINT64_MAX},
    {"overflow in the number", "18446744073709551616ms", 0, UINT64_MAX, false, 0},
    {"overflow by the unit", "18446744073709552s", 0, UINT64_MAX, false, 0},
    {"overflow that wraps to little", "30500568905w", 0, DAY, false, 0},
};

static void a_duration_has_its_unit_and_is_in_range_or_untouched(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(durations); i++) {
		uint64_t ms = UNTOUCHED;

		print_message("  %s\n", durations[i].name);
		assert_int_equal(
		    sp_parse_duration(durations[i].text, durations[i].low, durations[i].high, &ms),
		    durations[i].ok);
		assert_int_equal(ms, durations[i].ok ? durations[i].ms : UNTOUCHED);
	}
}

static void a_duration_is_printed_in_the_largest_unit_that_divides_it(void **state)
{
	static const struct {
		uint64_t ms;
		const char *text;
	} cases[] = {
	    {0, "0ms"},
	    {1, "1ms"},
	    {999, "999ms"},
	    {1000, "1s"},
	    {1001, "1001ms"},
	    {90 * 1000, "90s"},
	    {MINUTE, "1m"},
	    {60 * MINUTE, "1h"},
	    {DAY, "1d"},
	    {90 * DAY, "90d"},
	    {14 * DAY, "2w"},
	    {UINT64_MAX, "18446744073709551615ms"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char text[24];
		uint64_t again = UNTOUCHED;

		sp_format_duration(cases[i].ms, text, sizeof(text));
		assert_string_equal(text, cases[i].text);
		assert_true(sp_parse_duration(text, 0, UINT64_MAX, &again));
		assert_int_equal(again, cases[i].ms);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_number_is_whole_and_in_range_or_untouched),
	    cmocka_unit_test(the_length_form_reads_that_many_bytes),
	    cmocka_unit_test(a_duration_has_its_unit_and_is_in_range_or_untouched),
	    cmocka_unit_test(a_duration_is_printed_in_the_largest_unit_that_divides_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
