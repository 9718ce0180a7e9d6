/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/base/rate.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define HOUR         (UINT64_C(60) * 60 * 1000)

static const struct {
	const char *text;
	bool ok;
	struct sp_rate rate;
} texts[] = {
    {"100/1h", true, {SP_RATE_MESSAGES, 100, HOUR}},
    {"1/1s", true, {SP_RATE_MESSAGES, 1, 1000}},
    {"1000000/366d", true, {SP_RATE_MESSAGES, 1000000, 366 * 24 * HOUR}},
    {"recipients=500/1d", true, {SP_RATE_RECIPIENTS, 500, 24 * HOUR}},
    {"5/1500ms", true, {SP_RATE_MESSAGES, 5, 1500}},
    {"0/1h", false, {0}},
    {"1000001/1h", false, {0}},
    {"1/999ms", false, {0}},
    {"1/367d", false, {0}},
    {"100", false, {0}},
    {"100/", false, {0}},
    {"100/h", false, {0}},
    {"100/1", false, {0}},
    {"/1h", false, {0}},
    {"-1/1h", false, {0}},
    {"+1/1h", false, {0}},
    {"01/1h", false, {0}},
    {" 1/1h", false, {0}},
    {"1/1h ", false, {0}},
    {"1 /1h", false, {0}},
    {"1/1h/1h", false, {0}},
    {"messages=1/1h", false, {0}},
    {"Recipients=1/1h", false, {0}},
    {"recipients=", false, {0}},
    {"recipients", false, {0}},
    {"18446744073709551617/1h", false, {0}},
    {"1/18446744073709551616s", false, {0}},
    {"", false, {0}},
};

static void a_rate_is_whole_and_in_bounds_or_untouched(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct sp_rate rate = {.limit = 4711};
		print_message("  %s\n", texts[i].text);
		assert_int_equal(sp_rate_parse(texts[i].text, &rate), texts[i].ok);
		assert_int_equal(rate.limit, texts[i].ok ? texts[i].rate.limit : 4711);
		assert_int_equal(rate.kind, texts[i].rate.kind);
		assert_int_equal(rate.window_ms, texts[i].rate.window_ms);
	}
}

static void rates_have_blanks_between_them(void **state)
{
	struct sp_rate rates[SP_RATES_OF_ONE_MAX];
	size_t count;

	(void)state;
	assert_true(sp_rates_parse("", rates, &count));
	assert_int_equal(count, 0);
	assert_true(sp_rates_parse(" 1/1h\trecipients=2/1d  ", rates, &count));
	assert_int_equal(count, 2);
	assert_int_equal(rates[0].limit, 1);
	assert_int_equal(rates[1].kind, SP_RATE_RECIPIENTS);
	assert_true(sp_rates_parse("1/1s 1/2s 1/3s 1/4s 1/5s 1/6s 1/7s 1/8s", rates, &count));
	assert_int_equal(count, SP_RATES_OF_ONE_MAX);
	assert_false(sp_rates_parse("1/1s 1/2s 1/3s 1/4s 1/5s 1/6s 1/7s 1/8s 1/9s", rates, &count));
	assert_false(sp_rates_parse("1/1h,2/1h", rates, &count));
	assert_false(sp_rates_parse("1/1h x", rates, &count));
	assert_false(sp_rates_parse(
	    "recipients=00000000000000000000000000000000000000000000000001/1h", rates, &count));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_rate_is_whole_and_in_bounds_or_untouched),
	    cmocka_unit_test(rates_have_blanks_between_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
