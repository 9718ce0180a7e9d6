/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/alert_environment.h"

static char strings[SP_ALERT_ENVIRONMENT_MAX], written[SP_LOG_LINE_MAX + 1];

static void take_line(enum sp_log_level level, const char *line, void *context)
{
	(void)level;
	(void)context;
	memcpy(written, line, strlen(line) + 1);
}

/* Fails if the environment has not just these strings, in this order. */
static void assert_environment(const char *line, const char *const *expected, size_t count)
{
	size_t length = sp_alert_environment(line, 3, strings), found = 0;
	char whole[SP_LOG_LINE_MAX + 32];

	for (const char *at = strings; at < strings + length; at += strlen(at) + 1, found++) {
		if (found == 0) {
			assert_memory_equal(at, "PATH=/", 6);
		} else if (found == 1) {
			assert_string_equal(at, "SENDPASS_HELD_BACK=3");
		} else if (found == 2) {
			snprintf(whole, sizeof(whole), "SENDPASS_LINE=%s", line);
			assert_string_equal(at, whole);
		} else {
			assert_true(found - 3 < count);
			assert_string_equal(at, expected[found - 3]);
		}
	}
	assert_int_equal(found, count + 3);
}

static void each_pair_is_a_variable(void **state)
{
	static const char *const expected[] = {
	    "SENDPASS_EVENT=first_use_from_network",
	    "SENDPASS_LAST_IP=192.0.2.7",
	    "SENDPASS_OWNER=uid=alice,dc=example",
	    "SENDPASS_LABEL=Gerät \"$(reboot)\" `id`",
	};

	(void)state;
	assert_environment("event=first_use_from_network last_ip=192.0.2.7 "
			   "owner=\"uid=alice,dc=example\" label=\"Gerät \\\"$(reboot)\\\" `id`\"",
	    expected, sizeof(expected) / sizeof(expected[0]));
}

static void what_could_be_another_line_or_variable_is_none(void **state)
{
	static const char bytes[] = "x\nSENDPASS_EVENT=y\0Z=1\r\x1b[2J\x7f\xff\xc3\xa4";
	static const char *const expected[] = {
	    "SENDPASS_EVENT=auth",
	    "SENDPASS_LOGIN=x?SENDPASS_EVENT=y?Z=1??[2J????",
	};
	struct sp_log_line line;

	(void)state;
	sp_log_begin(&line, SP_LOG_NOTICE, "auth");
	sp_log_text_n(&line, "login", bytes, sizeof(bytes) - 1);
	sp_log_end(&line);
	assert_environment(written, expected, sizeof(expected) / sizeof(expected[0]));
}

static void every_byte_arrives_as_itself_or_as_a_question_mark(void **state)
{
	struct sp_log_line line;

	(void)state;
	for (int byte = 0; byte < 256; byte++) {
		char value[] = {'a', (char)byte, 'b', '\0'};
		char expected[] = {'S', 'E', 'N', 'D', 'P', 'A', 'S', 'S', '_', 'X', '=', 'a',
		    (char)(byte >= ' ' && byte <= '~' ? byte : '?'), 'b', '\0'};
		const char *const both[] = {"SENDPASS_EVENT=e", expected};

		sp_log_begin(&line, SP_LOG_NOTICE, "e");
		sp_log_text_n(&line, "x", value, 3);
		sp_log_end(&line);
		assert_environment(written, both, 2);
	}
}

static void the_longest_line_fits(void **state)
{
	static const char last[] = "SENDPASS_CLIPPED=yes";
	char value[SP_LOG_TEXT_MAX + 1] = "";
	struct sp_log_line line;
	size_t count = 0;

	(void)state;
	memset(value, 'x', SP_LOG_TEXT_MAX);
	sp_log_begin(&line, SP_LOG_NOTICE, "e");
	for (; !line.full; count++) {
		char key[] = {(char)('a' + count % 26), (char)('a' + count / 26), '\0'};
		sp_log_text(&line, key, value + count % SP_LOG_TEXT_MAX);
	}
	sp_log_end(&line);
	size_t length = sp_alert_environment(written, UINT64_MAX, strings);
	assert_in_range(length, 2 * strlen(written), SP_ALERT_ENVIRONMENT_MAX - 1);
	assert_string_equal(strings + length - sizeof(last), last);
}

static int begin_log(void **state)
{
	(void)state;
	sp_log_set_sink(take_line, NULL, SP_LOG_DEBUG);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_pair_is_a_variable),
	    cmocka_unit_test(what_could_be_another_line_or_variable_is_none),
	    cmocka_unit_test(every_byte_arrives_as_itself_or_as_a_question_mark),
	    cmocka_unit_test(the_longest_line_fits),
	};

	return cmocka_run_group_tests(tests, begin_log, NULL);
}
