/* SPDX-License-Identifier: BSD-2-Clause */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/clock.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define UNTOUCHED    ((time_t)-4711)

/* 2026-11-24 06:07:08 UTC */
#define MOMENT ((time_t)1795500428)

static const struct {
	const char *name;
	const char *text;
	bool ok;
	time_t time;
} times[] = {
    {"seconds", "20261124060708Z", true, MOMENT},
    {"minutes", "202611240607Z", true, MOMENT - 8},
    {"hours", "2026112406Z", true, MOMENT - 7 * 60 - 8},
    {"a fraction of a second", "20261124060708.999Z", true, MOMENT},
    {"a fraction behind a comma", "20261124060708,5Z", true, MOMENT},
    {"a fraction of an hour", "2026112406.5Z", true, MOMENT - 7 * 60 - 8},
    {"a zone to the east", "20261124070708+0100", true, MOMENT},
    {"a zone to the west", "20261124000708-0600", true, MOMENT},
    {"a zone in hours", "20261124070708+01", true, MOMENT},
    {"a zone of half an hour", "20261124113708+0530", true, MOMENT},
    {"the epoch", "19700101000000Z", true, 0},
    {"before the epoch", "19691231235958Z", true, -2},
    {"beyond 32 bits", "20380119031408Z", true, (time_t)INT32_MAX + 1},
    {"the last year", "99991231235959Z", true, (time_t)253402300799},
    {"29 February of a leap year", "20240229000000Z", true, (time_t)1709164800},
    {"29 February of 2000", "20000229000000Z", true, (time_t)951782400},
    {"a leap second", "20161231235960Z", true, (time_t)1483228799},
    {"29 February of another year", "20260229000000Z", false, 0},
    {"29 February of 2100", "21000229000000Z", false, 0},
    {"31 April", "20260431000000Z", false, 0},
    {"month 0", "20260024060708Z", false, 0},
    {"month 13", "20261324060708Z", false, 0},
    {"day 0", "20261100060708Z", false, 0},
    {"day 32", "20261232060708Z", false, 0},
    {"hour 24", "20261124240000Z", false, 0},
    {"minute 60", "20261124066000Z", false, 0},
    {"second 61", "20261124060761Z", false, 0},
    {"no zone", "20261124060708", false, 0},
    {"zone in lower case", "20261124060708z", false, 0},
    {"zone beyond a day", "20261124060708+2400", false, 0},
    {"zone minutes", "20261124060708+0160", false, 0},
    {"half a zone", "20261124060708+1", false, 0},
    {"zone with a colon", "20261124060708+01:00", false, 0},
    {"a sign alone", "20261124060708+", false, 0},
    {"an empty fraction", "20261124060708.Z", false, 0},
    {"a day alone", "20261124Z", false, 0},
    {"an odd digit", "202611240607081Z", false, 0},
    {"something behind", "20261124060708Z ", false, 0},
    {"something before", " 20261124060708Z", false, 0},
    {"two zones", "20261124060708ZZ", false, 0},
    {"a sign in a number", "2026+124060708Z", false, 0},
    {"UTCTime", "261124060708Z", false, 0},
    {"ISO 8601", "2026-11-24T06:07:08Z", false, 0},
    {"empty", "", false, 0},
};

static void generalized_time_is_read_and_anything_else_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(times); i++) {
		time_t time = UNTOUCHED;

		print_message("  %s\n", times[i].name);
		assert_int_equal(sp_parse_generalized_time(times[i].text, &time), times[i].ok);
		assert_true(time == (times[i].ok ? times[i].time : UNTOUCHED));
	}
}

static void a_time_cut_anywhere_is_refused(void **state)
{
	static const char whole[] = "20261124060708.123+0100";
	char text[sizeof(whole)];
	time_t time;

	(void)state;
	for (size_t length = 0; length < strlen(whole) - 2; length++) {
		memcpy(text, whole, length);
		text[length] = '\0';
		assert_false(sp_parse_generalized_time(text, &time));
	}
}

static void a_printed_time_reads_as_the_same(void **state)
{
	static const time_t cases[] = {0, -2, 1, MOMENT, INT32_MAX, 253402300799, -62167219200};
	char text[SP_GENERALIZED_TIME_SIZE];
	time_t again;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_true(sp_format_generalized_time(cases[i], text));
		assert_int_equal(strlen(text), SP_GENERALIZED_TIME_SIZE - 1);
		assert_true(sp_parse_generalized_time(text, &again));
		assert_true(again == cases[i]);
	}
	assert_true(sp_format_generalized_time(MOMENT, text));
	assert_string_equal(text, "20261124060708Z");
}

static void years_of_more_or_less_than_four_digits_are_not_printed(void **state)
{
	static const time_t cases[] = {253402300800, -62167219201, (time_t)INT64_MAX};
	char text[SP_GENERALIZED_TIME_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		memset(text, 'x', sizeof(text));
		assert_false(sp_format_generalized_time(cases[i], text));
		assert_string_equal(text, "");
	}
}

static void the_time_left_is_never_negative_nor_too_much_for_poll(void **state)
{
	(void)state;
	assert_int_equal(sp_remaining_ms(sp_now_ms() - 1), 0);
	assert_int_equal(sp_remaining_ms(INT64_MIN / 2), 0);
	assert_int_equal(sp_remaining_ms(INT64_MAX / 2), INT_MAX);
	int left = sp_remaining_ms(sp_now_ms() + 3600 * 1000);
	assert_true(left > 3500 * 1000 && left <= 3600 * 1000);
}

static void the_clocks_agree_and_go_forward(void **state)
{
	(void)state;
	int64_t before = sp_now_us(), between = sp_now_ms(), after = sp_now_us();
	assert_true(before / 1000 <= between && between <= after / 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(generalized_time_is_read_and_anything_else_refused),
	    cmocka_unit_test(a_time_cut_anywhere_is_refused),
	    cmocka_unit_test(a_printed_time_reads_as_the_same),
	    cmocka_unit_test(years_of_more_or_less_than_four_digits_are_not_printed),
	    cmocka_unit_test(the_time_left_is_never_negative_nor_too_much_for_poll),
	    cmocka_unit_test(the_clocks_agree_and_go_forward),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
