/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/base/log.h"
#include "lib/base/text.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct {
	int calls;
	enum sp_log_level level;
	char line[SP_LOG_LINE_MAX + 1];
} seen;

static int context;

static void take_line(enum sp_log_level level, const char *line, void *given)
{
	assert_ptr_equal(given, &context);
	assert_true(strlen(line) < SP_LOG_LINE_MAX);
	seen.calls++;
	seen.level = level;
	snprintf(seen.line, sizeof(seen.line), "%s", line);
}

static void observe(const char *line)
{
	seen.calls++;
	snprintf(seen.line, sizeof(seen.line), "%s", line);
}

static int take_all(void **state)
{
	(void)state;
	memset(&seen, 0, sizeof(seen));
	sp_log_set_sink(take_line, &context, SP_LOG_DEBUG);
	return 0;
}

/* ---- a reader of such lines, as somebody else would write it ---- */

static int hexadecimal(char c)
{
	static const char digits[] = "0123456789abcdef";

	assert_true(c != '\0' && strchr(digits, c) != NULL);
	return (int)(strchr(digits, c) - digits);
}

/* Takes the value at *at, which ends up behind it. Returns its length. */
static size_t read_value(const char **at, char *value_r, size_t size)
{
	bool quoted = **at == '"';
	size_t length = 0;

	*at += quoted;
	while (**at != '\0' && **at != (quoted ? '"' : ' ')) {
		char c = *(*at)++;
		if (c == '\\' && **at == 'x') {
			c = (char)(hexadecimal((*at)[1]) << 4 | hexadecimal((*at)[2]));
			*at += 3;
		} else if (c == '\\') {
			c = *(*at)++;
		}
		assert_true(length < size);
		value_r[length++] = c;
	}
	if (quoted)
		assert_int_equal(*(*at)++, '"');
	return length;
}

/* The value of the one pair behind "event=try ", which must end the line or be
 * followed by " end=yes". */
static size_t read_only_value(const char *line, char *value_r, size_t size)
{
	static const char start[] = "event=try value=";
	const char *at = line + strlen(start);

	assert_memory_equal(line, start, strlen(start));
	size_t length = read_value(&at, value_r, size);
	assert_string_equal(at, " end=yes");
	return length;
}

static void assert_plain_line(const char *line)
{
	for (const char *at = line; *at != '\0'; at++) {
		if ((unsigned char)*at < 0x20 || *at == 0x7f)
			fail_msg("control byte in: %s", line);
	}
	if (!sp_text_is_printable_utf8(line, strlen(line)))
		fail_msg("not printable UTF-8: %s", line);
}

static void log_value(const char *value, size_t length)
{
	struct sp_log_line line;

	sp_log_begin(&line, SP_LOG_NOTICE, "try");
	sp_log_text_n(&line, "value", value, length);
	sp_log_text(&line, "end", "yes");
	sp_log_end(&line);
}

static void assert_reads_back(const char *value, size_t length)
{
	char again[SP_LOG_LINE_MAX];

	log_value(value, length);
	assert_plain_line(seen.line);
	assert_int_equal(read_only_value(seen.line, again, sizeof(again)), length);
	assert_memory_equal(again, value, length);
}

static void every_byte_comes_back_in_one_line(void **state)
{
	(void)state;
	assert_reads_back("", 0);
	for (int byte = 0; byte < 256; byte++) {
		char value[] = {(char)byte, 'a', (char)byte, 'b', (char)byte};
		for (size_t length = 1; length <= sizeof(value); length++)
			assert_reads_back(value, length);
	}
}

static void pseudo_random_values_come_back_in_one_line(void **state)
{
	/* Bytes that mean something to a reader come more often. */
	static const char special[] = "\"\\ =x0\n\t\r\x1b\x7f\xc3\xbc\xe2\x82\xac\xc2\x9b";
	char value[SP_LOG_TEXT_MAX];

	(void)state;
	srandom(1);
	for (int round = 0; round < 20000; round++) {
		size_t length = (size_t)random() % (sizeof(value) + 1);
		long mix = random() % 3;
		for (size_t i = 0; i < length; i++) {
			if (mix > 0 && random() % mix == 0)
				value[i] = special[(size_t)random() % sizeof(special)];
			else
				value[i] = (char)random();
		}
		assert_reads_back(value, length);
	}
}

static const struct {
	const char *name;
	const char *value;
	const char *line;
} shown[] = {
    {"plain", "ldapi:///", "value=ldapi:///"},
    {"a space", "a b", "value=\"a b\""},
    {"empty", "", "value=\"\""},
    {"an equals sign", "a=b", "value=\"a=b\""},
    {"a quote", "a\"b", "value=\"a\\\"b\""},
    {"a backslash", "a\\b", "value=\"a\\\\b\""},
    {"another pair", "x result=granted", "value=\"x result=granted\""},
    {"another line", "x\nevent=auth", "value=\"x\\x0aevent=auth\""},
    {"an end of the quotes", "x\" result=granted", "value=\"x\\\" result=granted\""},
    {"UTF-8 stays readable", "B\xc3\xbcro", "value=\"B\xc3\xbcro\""},
    {"Latin-1 does not", "B\xfcro", "value=\"B\\xfcro\""},
    {"a C1 control", "\xc2\x9b", "value=\"\\xc2\\x9b\""},
};

static void values_are_quoted_where_they_must_be(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(shown); i++) {
		char line[128];

		print_message("  %s\n", shown[i].name);
		log_value(shown[i].value, strlen(shown[i].value));
		snprintf(line, sizeof(line), "event=try %s end=yes", shown[i].line);
		assert_string_equal(seen.line, line);
	}
}

static void a_value_over_the_limit_is_clipped_and_marked(void **state)
{
	char value[SP_LOG_TEXT_MAX + 100], again[SP_LOG_LINE_MAX];

	(void)state;
	memset(value, 'v', sizeof(value));
	assert_reads_back(value, SP_LOG_TEXT_MAX);
	for (size_t more = 1; more <= 100; more++) {
		log_value(value, SP_LOG_TEXT_MAX + more);
		assert_int_equal(
		    read_only_value(seen.line, again, sizeof(again)), SP_LOG_TEXT_MAX + 3);
		assert_memory_equal(again, value, SP_LOG_TEXT_MAX);
		assert_memory_equal(again + SP_LOG_TEXT_MAX, "...", 3);
	}
}

static void clipping_does_not_cut_a_character(void **state)
{
	static const char *const characters[] = {"\xc3\xbc", "\xe2\x82\xac", "\xf0\x9f\x96\xa8"};

	(void)state;
	for (size_t i = 0; i < COUNT(characters); i++) {
		for (size_t shift = 0; shift < 4; shift++) {
			char value[SP_LOG_TEXT_MAX + 20] = "aaaa";
			size_t length = shift;
			while (length + strlen(characters[i]) < sizeof(value)) {
				memcpy(value + length, characters[i], strlen(characters[i]));
				length += strlen(characters[i]);
			}
			log_value(value, length);
			assert_plain_line(seen.line);
			assert_null(strstr(seen.line, "\\x"));
			assert_non_null(strstr(seen.line, "...\" end=yes"));
		}
	}
}

static void a_pair_that_does_not_fit_is_left_out_whole_and_that_is_said(void **state)
{
	struct sp_log_line line;
	char value[SP_LOG_TEXT_MAX];

	(void)state;
	/* Three bytes of each value get four times as long. */
	memset(value, '\n', sizeof(value));
	sp_log_begin(&line, SP_LOG_NOTICE, "try");
	for (int i = 0; i < 10; i++)
		sp_log_text_n(&line, "value", value, sizeof(value));
	sp_log_text(&line, "last", "fits");
	sp_log_end(&line);
	assert_plain_line(seen.line);
	assert_non_null(strstr(seen.line, " last=fits clipped=yes"));
	assert_string_equal(strstr(seen.line, " clipped=yes"), " clipped=yes");

	const char *at = seen.line + strlen("event=try");
	while (memcmp(at, " value=", 7) == 0) {
		char again[SP_LOG_LINE_MAX];
		at += 7;
		assert_int_equal(read_value(&at, again, sizeof(again)), sizeof(value));
		assert_memory_equal(again, value, sizeof(value));
	}
	assert_string_equal(at, " last=fits clipped=yes");
}

static void a_line_of_any_length_ends_within_its_bound(void **state)
{
	(void)state;
	for (size_t length = 0; length <= SP_LOG_TEXT_MAX; length++) {
		struct sp_log_line line;
		char value[SP_LOG_TEXT_MAX];

		memset(value, 'v', sizeof(value));
		sp_log_begin(&line, SP_LOG_NOTICE, "try");
		for (int i = 0; i < 30; i++)
			sp_log_text_n(&line, "value", value, length);
		sp_log_end(&line);
		assert_true(strlen(seen.line) < SP_LOG_LINE_MAX);
		bool all = 30 * (length + 7) < SP_LOG_LINE_MAX - 100;
		if (all)
			assert_null(strstr(seen.line, "clipped"));
		if (30 * (length + 7) > SP_LOG_LINE_MAX)
			assert_non_null(strstr(seen.line, " clipped=yes"));
	}
}

static void numbers_and_times_are_printed(void **state)
{
	struct sp_log_line line;

	(void)state;
	sp_log_begin(&line, SP_LOG_NOTICE, "try");
	sp_log_number(&line, "a", 0);
	sp_log_number(&line, "b", INT64_MIN);
	sp_log_number(&line, "c", INT64_MAX);
	sp_log_milliseconds(&line, "d", 0);
	sp_log_milliseconds(&line, "e", 3199);
	sp_log_text(&line, "f", NULL);
	sp_log_end(&line);
	assert_string_equal(
	    seen.line, "event=try a=0 b=-9223372036854775808 c=9223372036854775807 d=0.0 e=3.1");
}

static void a_message_is_one_value(void **state)
{
	(void)state;
	sp_log_message(SP_LOG_ERROR, "try", "%s:%d: bad \"%s\"", "file", 7, "x\ny");
	assert_string_equal(seen.line, "event=try message=\"file:7: bad \\\"x\\x0ay\\\"\"");
	assert_int_equal(seen.level, SP_LOG_ERROR);
}

static void the_sink_gets_its_level_and_what_is_graver(void **state)
{
	(void)state;
	for (int lowest = SP_LOG_ERROR; lowest <= SP_LOG_DEBUG; lowest++) {
		sp_log_set_sink(take_line, &context, (enum sp_log_level)lowest);
		for (int level = SP_LOG_ERROR; level <= SP_LOG_DEBUG; level++) {
			seen.calls = 0;
			sp_log_message((enum sp_log_level)level, "try", "x");
			assert_int_equal(seen.calls, level <= lowest);
		}
	}
	seen.calls = 0;
	sp_log_set_sink(NULL, NULL, SP_LOG_DEBUG);
	sp_log_message(SP_LOG_ERROR, "try", "x");
	assert_int_equal(seen.calls, 0);
}

static void the_observer_gets_every_line_whatever_the_sink_does(void **state)
{
	(void)state;
	sp_log_set_sink(NULL, NULL, SP_LOG_ERROR);
	sp_log_set_observer(observe);
	for (int level = SP_LOG_ERROR; level <= SP_LOG_DEBUG; level++) {
		seen.calls = 0;
		sp_log_message((enum sp_log_level)level, "try", "x\n");
		assert_int_equal(seen.calls, 1);
		assert_string_equal(seen.line, "event=try message=\"x\\x0a\"");
	}
	struct sp_log_line line;
	sp_log_set_sink(take_line, &context, SP_LOG_DEBUG);
	sp_log_begin(&line, SP_LOG_NOTICE, "left_out");
	sp_log_leave_out(&line);
	assert_int_equal(seen.calls, 2);
	assert_string_equal(seen.line, "event=left_out");
	sp_log_set_sink(NULL, NULL, SP_LOG_DEBUG);
	sp_log_set_observer(NULL);
	sp_log_message(SP_LOG_ERROR, "try", "y");
	assert_int_equal(seen.calls, 2);
}

static void standard_error_gets_the_line_with_its_level(void **state)
{
	char text[64] = "";
	int ends[2], before = dup(STDERR_FILENO);

	(void)state;
	assert_int_equal(pipe(ends), 0);
	dup2(ends[1], STDERR_FILENO);
	sp_log_to_stderr(SP_LOG_WARNING, "event=try", NULL);
	dup2(before, STDERR_FILENO);
	ssize_t got = read(ends[0], text, sizeof(text) - 1);
	close(before);
	close(ends[0]);
	close(ends[1]);
	assert_int_equal(got, strlen("warning: event=try\n"));
	assert_string_equal(text, "warning: event=try\n");
}

static void levels_are_known_by_their_names(void **state)
{
	static const char *const unknown[] = {"", "Error", "warn", "errorx", "err"};

	(void)state;
	for (int level = SP_LOG_ERROR; level <= SP_LOG_DEBUG; level++) {
		enum sp_log_level again;
		assert_true(
		    sp_log_level_parse(sp_log_level_name((enum sp_log_level)level), &again));
		assert_int_equal(again, level);
	}
	for (size_t i = 0; i < COUNT(unknown); i++) {
		enum sp_log_level level = SP_LOG_NOTICE;
		assert_false(sp_log_level_parse(unknown[i], &level));
		assert_int_equal(level, SP_LOG_NOTICE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(every_byte_comes_back_in_one_line, take_all),
	    cmocka_unit_test_setup(pseudo_random_values_come_back_in_one_line, take_all),
	    cmocka_unit_test_setup(values_are_quoted_where_they_must_be, take_all),
	    cmocka_unit_test_setup(a_value_over_the_limit_is_clipped_and_marked, take_all),
	    cmocka_unit_test_setup(clipping_does_not_cut_a_character, take_all),
	    cmocka_unit_test_setup(
		a_pair_that_does_not_fit_is_left_out_whole_and_that_is_said, take_all),
	    cmocka_unit_test_setup(a_line_of_any_length_ends_within_its_bound, take_all),
	    cmocka_unit_test_setup(numbers_and_times_are_printed, take_all),
	    cmocka_unit_test_setup(a_message_is_one_value, take_all),
	    cmocka_unit_test_setup(the_sink_gets_its_level_and_what_is_graver, take_all),
	    cmocka_unit_test_setup(the_observer_gets_every_line_whatever_the_sink_does, take_all),
	    cmocka_unit_test_setup(standard_error_gets_the_line_with_its_level, take_all),
	    cmocka_unit_test_setup(levels_are_known_by_their_names, take_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
