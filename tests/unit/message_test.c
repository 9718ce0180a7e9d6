/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/text.h"
#include "tool/message.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What sp_escape() writes, which must take the columns that it says. */
static void escape(const char *text, char *written_r, size_t size)
{
	FILE *out = fmemopen(written_r, size, "w");

	assert_non_null(out);
	size_t columns = sp_escape(out, text);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(sp_escape(NULL, text), columns);
	size_t characters = 0;
	for (const char *at = written_r; *at != '\0'; at++)
		characters += ((unsigned char)*at & 0xc0) != 0x80;
	assert_int_equal(characters, columns);
}

static void what_a_terminal_would_obey_is_escaped_and_the_rest_is_not(void **state)
{
	static const struct {
		const char *text, *written;
	} cases[] = {
	    {"", ""},
	    {"2nd floor printer", "2nd floor printer"},
	    {"B\xc3\xbcro \xe2\x82\xac \xf0\x9f\x96\xa8",
		"B\xc3\xbcro \xe2\x82\xac \xf0\x9f\x96\xa8"},
	    {"a\tb\nc\rd", "a\\x09b\\x0ac\\x0dd"},
	    {"\x1b[31mred", "\\x1b[31mred"},
	    {"\xc3\xbc\x1b]0;title\x07", "\xc3\xbc\\x1b]0;title\\x07"},
	    {"\x7f", "\\x7f"},
	    {"\xc2\x9b"
	     "31m",
		"\\xc2\\x9b31m"},
	    {"\x9b"
	     "31m",
		"\\x9b31m"},
	    {"B\xfcro", "B\\xfcro"},
	    {"cut \xe2\x82", "cut \\xe2\\x82"},
	    {"\xed\xa0\x80", "\\xed\\xa0\\x80"},
	    {"\xff\xc3\xbc", "\\xff\xc3\xbc"},
	    {"a\\b", "a\\b"},
	    {"a\xe2\x80\xae"
	     "b\xe2\x81\xa7\xe2\x80\xa8",
		"a\\xe2\\x80\\xaeb\\xe2\\x81\\xa7\\xe2\\x80\\xa8"},
	    {"\xe2\x80\xa7\xe2\x80\xaf\xe2\x81\xa5\xe2\x81\xaa",
		"\xe2\x80\xa7\xe2\x80\xaf\xe2\x81\xa5\xe2\x81\xaa"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char written[128] = "";
		escape(cases[i].text, written, sizeof(written));
		assert_string_equal(written, cases[i].written);
	}
}

static void whatever_the_bytes_printable_text_comes_out(void **state)
{
	(void)state;
	srandom(1);
	for (int round = 0; round < 20000; round++) {
		char text[64], written[4 * sizeof(text)] = "";
		size_t length = (size_t)random() % sizeof(text);

		for (size_t i = 0; i < length; i++)
			text[i] = (char)(random() % 255 + 1);
		text[length] = '\0';
		escape(text, written, sizeof(written));
		assert_true(sp_text_is_printable_utf8(written, strlen(written)));
	}
}

/* Runs with standard error in memory. */
static char told[4096];
static FILE *standard_error;

static int catch_errors(void **state)
{
	(void)state;
	memset(told, 0, sizeof(told));
	standard_error = stderr;
	stderr = fmemopen(told, sizeof(told), "w");
	return stderr != NULL ? 0 : -1;
}

static int release_errors(void **state)
{
	(void)state;
	fclose(stderr);
	stderr = standard_error;
	return 0;
}

static void a_failure_is_one_line_and_returns_its_status(void **state)
{
	(void)state;
	assert_int_equal(sp_fail(SP_EXIT_FORBIDDEN, "%s: %d", "a\nb\x1b", 7), SP_EXIT_FORBIDDEN);
	sp_say("%s", "plain\n");
	fflush(stderr);
	assert_string_equal(told, "sendpass: a\\x0ab\\x1b: 7\nplain\\x0a\n");
}

static void a_long_message_is_cut_and_still_a_line(void **state)
{
	char much[3000];

	(void)state;
	memset(much, 'x', sizeof(much));
	much[sizeof(much) - 1] = '\0';
	sp_say("%s", much);
	fflush(stderr);
	assert_in_range(strlen(told), 1000, 2048);
	assert_int_equal(told[strlen(told) - 1], '\n');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_a_terminal_would_obey_is_escaped_and_the_rest_is_not),
	    cmocka_unit_test(whatever_the_bytes_printable_text_comes_out),
	    cmocka_unit_test_setup_teardown(
		a_failure_is_one_line_and_returns_its_status, catch_errors, release_errors),
	    cmocka_unit_test_setup_teardown(
		a_long_message_is_cut_and_still_a_line, catch_errors, release_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
