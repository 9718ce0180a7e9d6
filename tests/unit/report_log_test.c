/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/log.h"
#include "tool/report_log.h"

#define SYSLOG "Nov 24 09:22:40 mail sendpassd[123]: "
#define LEGACY "event=auth result=granted reason=legacy door=auth ip=192.0.2.7 login="
#define DENIED "event=auth result=denied reason="

static struct sp_report_log told;

static int clear(void **state)
{
	(void)state;
	sp_report_log_clear(&told);
	return 0;
}

static void read_bytes(const char *bytes, size_t length)
{
	FILE *in = fmemopen((void *)bytes, length, "r");

	sp_report_log_clear(&told);
	sp_report_log_init(&told);
	assert_non_null(in);
	assert_true(sp_report_log_read(&told, in));
	assert_int_equal(fclose(in), 0);
	assert_true(sp_report_log_settle(&told));
}

static void read_text(const char *text)
{
	read_bytes(text, strlen(text));
}

static void assert_refusals(
    size_t row, const char *reason, const char *result, size_t logins, size_t messages)
{
	assert_true(row < told.refusal_count);
	assert_string_equal(told.refusals[row].reason, reason);
	assert_string_equal(told.refusals[row].result, result);
	assert_int_equal(told.refusals[row].logins, logins);
	assert_int_equal(told.refusals[row].messages, messages);
}

static void refusals_are_counted_by_reason(void **state)
{
	(void)state;
	read_text("notice: " DENIED "bad_secret login=a\n" SYSLOG DENIED "revoked login=a\n"
		  "info: event=auth result=granted reason=ok login=a\n" DENIED "bad_secret\n"
		  "event=auth result=unavailable reason=directory_down login=a\n"
		  "event=policy result=denied reason=rate_limited sender=a\n"
		  "event=policy result=denied reason=rate_limited sender=a\n"
		  "event=policy result=denied reason=rate_limited sender=a\n"
		  "event=policy result=granted reason=ok sender=a\n"
		  "event=auth result=denied reason=of_a_later_version login=a\n"
		  "event=ready\n");
	assert_int_equal(told.granted, 1);
	assert_int_equal(told.denied, 4);
	assert_int_equal(told.unavailable, 1);
	assert_int_equal(told.by_legacy, 0);
	assert_int_equal(told.lines, 11);
	assert_int_equal(told.foreign + told.broken, 0);
	assert_int_equal(told.refusal_count, 5);
	assert_refusals(0, "rate_limited", "denied", 0, 3);
	assert_refusals(1, "bad_secret", "denied", 2, 0);
	assert_refusals(2, "directory_down", "unavailable", 1, 0);
	assert_refusals(3, "other", "denied", 1, 0);
	assert_refusals(4, "revoked", "denied", 1, 0);
}

static void a_line_of_repeats_counts_for_all_of_them(void **state)
{
	(void)state;
	read_text("notice: " DENIED "revoked port=1 ms=0.1 login=a\n"
		  "notice: " DENIED "revoked login=a repeats=4999\n"
		  "event=policy result=denied reason=rate_limited sender=a repeats=3\n"
		  "event=auth result=unavailable reason=directory_down login=a repeats=20\n");
	assert_int_equal(told.denied, 5000);
	assert_int_equal(told.unavailable, 20);
	assert_refusals(0, "revoked", "denied", 5000, 0);
	assert_refusals(1, "directory_down", "unavailable", 20, 0);
	assert_refusals(2, "rate_limited", "denied", 0, 3);
}

static void legacy_logins_are_told_with_their_last_time_and_address(void **state)
{
	(void)state;
	read_text(SYSLOG LEGACY
	    "bob\n" SYSLOG LEGACY "alice\n"
	    "2026-11-24T10:00:00+00:00 mail sendpassd[1]: info: event=auth result=granted "
	    "reason=legacy ip=2001:db8::1 login=alice\n"
	    "Nov 24 10:00:01 mail sendpassd[1]: event=auth result=granted reason=ok "
	    "ip=192.0.2.99 login=alice\n");
	assert_int_equal(told.legacy_count, 2);
	assert_int_equal(told.by_legacy, 3);
	assert_int_equal(told.granted, 4);
	assert_string_equal(told.legacy[0]->login, "alice");
	assert_int_equal(told.legacy[0]->count, 2);
	assert_string_equal(told.legacy[0]->last_time, "2026-11-24T10:00:00+00:00");
	assert_string_equal(told.legacy[0]->last_address, "2001:db8::1");
	assert_string_equal(told.legacy[1]->login, "bob");
	assert_string_equal(told.legacy[1]->last_time, "Nov 24 09:22:40");
	assert_string_equal(told.legacy[1]->last_address, "192.0.2.7");
	assert_string_equal(told.first_time, "Nov 24 09:22:40");
	assert_string_equal(told.last_time, "Nov 24 10:00:01");
}

static void what_the_log_does_not_tell_is_a_dash(void **state)
{
	static const char *const lines[] = {"event=auth result=granted reason=legacy\n",
	    "info: event=auth result=granted reason=legacy\n",
	    "sendpassd[1]: event=auth result=granted reason=legacy\n",
	    "mail sendpassd[1]: event=auth result=granted reason=legacy\n",
	    "\xff mail sendpassd[1]: event=auth result=granted reason=legacy"};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		read_text(lines[i]);
		assert_int_equal(told.legacy_count, 1);
		assert_string_equal(told.legacy[0]->login, "-");
		assert_string_equal(told.legacy[0]->last_time, "-");
		assert_string_equal(told.legacy[0]->last_address, "-");
		assert_string_equal(told.first_time, "-");
	}
}

static void lines_of_others_are_foreign_whatever_they_say(void **state)
{
	(void)state;
	read_text("\n-- Boot 1 --\n" SYSLOG "hello " LEGACY "x\n"
		  "Nov 24 09:22:40 mail postfix/smtpd[1]: " LEGACY "x\n"
		  "Nov 24 09:22:40 mail postfix/smtpd[1]: a: sendpassd[1]: " LEGACY "x\n"
		  " " LEGACY "x\n");
	assert_int_equal(told.lines, 6);
	assert_int_equal(told.foreign, 6);
	assert_int_equal(told.granted, 0);
	assert_int_equal(told.legacy_count, 0);
}

static void a_line_that_is_not_as_written_counts_for_nothing(void **state)
{
	static const char *const lines[] = {
	    LEGACY "a b\n",
	    LEGACY "\"a\n",
	    LEGACY "a reason=\n",
	    "event=auth\n",
	    "event=auth result=perhaps reason=legacy\n",
	    "event=policy reason=legacy\n",
	    "event=auth result=granted reason=legacy result\n",
	    "event=auth result=granted reason=0123456789012345678901234567890123456789\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		read_text(lines[i]);
		if (told.broken != 1 || told.foreign != 0 || told.granted != 0)
			fail_msg("%s", lines[i]);
	}
}

static void a_hostile_login_is_one_login(void **state)
{
	(void)state;
	read_text(LEGACY "\"x\\x0a event=auth result=granted reason=legacy login=root\"\n" LEGACY
			 "\"\\x1b[2J\\xff<script>\"\n" LEGACY "\"a\\\" reason=ok \\\\\"\n");
	assert_int_equal(told.granted, 3);
	assert_int_equal(told.legacy_count, 3);
	assert_string_equal(told.legacy[0]->login, "\\x1b[2J\\xff<script>");
	assert_string_equal(told.legacy[1]->login, "a\" reason=ok \\");
	assert_string_equal(
	    told.legacy[2]->login, "x\\x0a event=auth result=granted reason=legacy login=root");
}

static void lines_of_any_length_are_read(void **state)
{
	enum { LONG = 1 << 20 };
	char *bytes = malloc(LONG);
	static const char begin[] = LEGACY, end[] = "\n" LEGACY "bob\n";

	(void)state;
	assert_non_null(bytes);
	memset(bytes, 'x', LONG);
	memcpy(bytes, begin, strlen(begin));
	memcpy(bytes + LONG - strlen(end), end, strlen(end));
	read_bytes(bytes, LONG);
	assert_int_equal(told.lines, 2);
	assert_int_equal(told.broken, 1);
	assert_int_equal(told.legacy_count, 1);
	assert_string_equal(told.legacy[0]->login, "bob");
	free(bytes);
}

static void a_nul_hides_nothing_behind_it(void **state)
{
	static const char bytes[] = LEGACY "a\0\n" LEGACY "b\n\0" LEGACY "c\n";

	(void)state;
	read_bytes(bytes, sizeof(bytes) - 1);
	assert_int_equal(told.lines, 3);
	assert_int_equal(told.broken + told.foreign, 2);
	assert_int_equal(told.legacy_count, 1);
	assert_string_equal(told.legacy[0]->login, "b");
}

static void take_line(enum sp_log_level level, const char *line, void *context)
{
	(void)level;
	fprintf(context, "%s%s\n", SYSLOG, line);
}

/* The longest line that log.h can write is read. */
static void what_sendpassd_writes_is_never_broken(void **state)
{
	char *text = NULL, value[SP_LOG_TEXT_MAX + 10];
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	struct sp_log_line line;

	(void)state;
	assert_non_null(out);
	memset(value, '\x01', sizeof(value));
	sp_log_set_sink(take_line, out, SP_LOG_DEBUG);
	sp_log_begin(&line, SP_LOG_INFO, "auth");
	sp_log_text(&line, "result", "granted");
	sp_log_text(&line, "reason", "legacy");
	sp_log_text_n(&line, "login", value, sizeof(value));
	for (int i = 0; i < 20; i++)
		sp_log_text_n(&line, "label", value, sizeof(value));
	sp_log_end(&line);
	sp_log_set_sink(NULL, NULL, SP_LOG_DEBUG);
	assert_int_equal(fclose(out), 0);
	read_text(text);
	assert_int_equal(told.broken, 0);
	assert_int_equal(told.legacy_count, 1);
	free(text);
}

static void a_log_that_cannot_be_read_is_told(void **state)
{
	FILE *in = fopen("/", "r");

	(void)state;
	assert_non_null(in);
	sp_report_log_init(&told);
	assert_false(sp_report_log_read(&told, in));
	fclose(in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(refusals_are_counted_by_reason, clear),
	    cmocka_unit_test_teardown(a_line_of_repeats_counts_for_all_of_them, clear),
	    cmocka_unit_test_teardown(
		legacy_logins_are_told_with_their_last_time_and_address, clear),
	    cmocka_unit_test_teardown(what_the_log_does_not_tell_is_a_dash, clear),
	    cmocka_unit_test_teardown(lines_of_others_are_foreign_whatever_they_say, clear),
	    cmocka_unit_test_teardown(a_line_that_is_not_as_written_counts_for_nothing, clear),
	    cmocka_unit_test_teardown(a_hostile_login_is_one_login, clear),
	    cmocka_unit_test_teardown(lines_of_any_length_are_read, clear),
	    cmocka_unit_test_teardown(a_nul_hides_nothing_behind_it, clear),
	    cmocka_unit_test_teardown(what_sendpassd_writes_is_never_broken, clear),
	    cmocka_unit_test_teardown(a_log_that_cannot_be_read_is_told, clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
