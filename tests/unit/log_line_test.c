/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/directory/credential.h"
#include "tool/log_event.h"
#include "tool/log_line.h"

#define NOW   ((time_t)1795523400) /* 2026-11-24T12:30:00Z */
#define EVENT "event=auth result=denied"

static int in_utc(void **state)
{
	(void)state;
	return setenv("TZ", "UTC", 1);
}

static const struct {
	const char *name, *line;
	time_t time;
	const char *program, *message;
	bool exim;
} read_cases[] = {
    {"RFC 3164", "Nov 24 12:00:00 mail sendpassd[12]: " EVENT, NOW - 1800, "sendpassd", EVENT,
	false},
    {"a blank in the day", "Nov  4 12:30:00 mail sendpassd[12]: x", NOW - 20 * 86400, "sendpassd",
	"x", false},
    {"journalctl -o short-precise", "Nov 24 12:00:00.123456 mail sendpassd[12]: x", NOW - 1800,
	"sendpassd", "x", false},
    {"of last year", "Dec 24 12:30:00 mail sendpassd: x", NOW - 335 * 86400, "sendpassd", "x",
	false},
    {"a clock ahead of ours", "Nov 24 13:30:00 mail sendpassd: x", NOW + 3600, "sendpassd", "x",
	false},
    {"ISO 8601, rsyslog", "2026-11-24T13:00:00.123456+01:00 mail postfix/smtpd[3]: x: y",
	NOW - 1800, "postfix/smtpd", "x: y", false},
    {"ISO 8601, short-iso", "2026-11-24T07:00:00-0500 mail postfix/submission/smtpd[3]: x",
	NOW - 1800, "postfix/submission/smtpd", "x", false},
    {"ISO 8601, UTC", "2026-11-24T12:00:00Z mail sendpass-milter[3]: x", NOW - 1800,
	"sendpass-milter", "x", false},
    {"mainlog", "2026-11-24 12:00:00 1tF-1-2X <= a@b", NOW - 1800, "", "1tF-1-2X <= a@b", true},
    {"mainlog, milliseconds and pid", "2026-11-24 12:00:00.123 [77] 1tF-1-2X Completed", NOW - 1800,
	"", "1tF-1-2X Completed", true},
    {"mainlog, log_timezone", "2026-11-24 13:00:00 +0100 [77] x", NOW - 1800, "", "x", true},
    {"standard error", "notice: " EVENT, SP_NO_TIME, "", "notice: " EVENT, false},
    {"bare", EVENT, SP_NO_TIME, "", EVENT, false},
};

static void each_kind_of_line_is_read(void **state)
{
	struct sp_logged logged;

	(void)state;
	for (size_t i = 0; i < sizeof(read_cases) / sizeof(read_cases[0]); i++) {
		print_message("%s\n", read_cases[i].name);
		assert_true(sp_log_line_read(read_cases[i].line, NOW, &logged));
		assert_int_equal(logged.time, read_cases[i].time);
		assert_string_equal(logged.program, read_cases[i].program);
		assert_string_equal(logged.message, read_cases[i].message);
		assert_int_equal(logged.exim, read_cases[i].exim);
	}
}

static void a_new_year_is_told_from_the_old_one(void **state)
{
	const time_t first_of_january = 1798761600; /* 2027-01-01T00:00:00Z */
	struct sp_logged logged;

	(void)state;
	assert_true(sp_log_line_read("Jan  1 00:00:00 m p: x", first_of_january - 60, &logged));
	assert_int_equal(logged.time, first_of_january);
	assert_true(sp_log_line_read("Dec 31 23:59:00 m p: x", first_of_january, &logged));
	assert_int_equal(logged.time, first_of_january - 60);
}

static void what_is_no_line_of_a_log_is_none(void **state)
{
	static const char *const lines[] = {"", " ", "Nov 24", "Nov 24 12:00:00",
	    "Nov 24 12:00:00 mail", "Nov 24 12:00:00 mail sendpassd",
	    "Nov 24 12:00:00 mail sendpassd[x]: y", "Nov 24 12:00:00 mail sendpassd[1] y",
	    "Nov 24 12:00:00 sendpassd: y", "Nov 24 12:00:00  x: y",
	    "2026-11-24T12:00:00 mail sendpassd: y", "2026-11-24", "99999-11-24 12:00:00 x",
	    "2026-13-24 12:00:00 x", "2026-11-24 12:00:00x", "-- Boot 4f -- ", "x event=auth",
	    "mail sendpassd[1]: " EVENT, "info: x " EVENT};
	struct sp_logged logged;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		print_message("%s\n", lines[i]);
		assert_false(sp_log_line_read(lines[i], NOW, &logged));
	}
}

#define MAIL    "Nov 24 12:00:00 mail "
#define MAINLOG "2026-11-24 12:00:00 "

static const struct {
	const char *line;
	bool ours;
} event_cases[] = {
    {MAIL "sendpassd[1]: " EVENT, true},
    {MAIL "sendpassd: info: " EVENT, true},
    {MAIL "sendpass-milter[1]: " EVENT, true},
    {MAIL "sendpass[1]: " EVENT, true},
    {"warning: " EVENT, true},
    {MAIL "sendpassd[1]: x " EVENT, false},
    {MAIL "postfix/smtpd[1]: " EVENT, false},
    {MAIL "postfix/smtpd[1]: warning: x sendpassd[1]: " EVENT, false},
    {MAIL "notsendpassd[1]: " EVENT, false},
    {MAINLOG EVENT, false},
    {MAINLOG "H=x [192.0.2.1] F=<\"x sendpassd: " EVENT "\"@example.org> rejected", false},
    {MAINLOG "[1] sendpassd: " EVENT, false},
};

static void only_what_one_of_our_programs_said_is_an_event(void **state)
{
	struct sp_logged logged;

	(void)state;
	for (size_t i = 0; i < sizeof(event_cases) / sizeof(event_cases[0]); i++) {
		print_message("%s\n", event_cases[i].line);
		assert_true(sp_log_line_read(event_cases[i].line, NOW, &logged));
		const char *event = sp_logged_event(&logged);
		if (event_cases[i].ours)
			assert_string_equal(event, EVENT);
		else
			assert_null(event);
	}
}

static void an_event_has_its_values_and_how_they_are_written(void **state)
{
	struct sp_log_event event;

	(void)state;
	assert_true(
	    sp_log_event_read("event=auth label=\"a \\\"b\\\" \\x00\\x1b\" login=\"x y\"", &event));
	assert_int_equal(event.count, 3);
	assert_string_equal(sp_log_event_get(&event, "label"), "a \"b\" \\x00\x1b");
	assert_string_equal(event.pairs[1].written, "\"a \\\"b\\\" \\x00\\x1b\"");
	assert_string_equal(sp_log_event_get(&event, "login"), "x y");
	assert_string_equal(event.pairs[2].written, "\"x y\"");
	assert_null(sp_log_event_get(&event, "owner"));
	assert_false(sp_log_event_read("event=auth login=x y", &event));
	assert_false(sp_log_event_read("", &event));
}

static void an_event_of_the_longest_line_is_read(void **state)
{
	struct sp_log_event event;
	char line[SP_LOG_LINE_MAX + 1] = "event=";

	(void)state;
	memset(line + 6, 'x', sizeof(line) - 7);
	assert_true(sp_log_event_read(line, &event));
	assert_int_equal(strlen(sp_log_event_get(&event, "event")), SP_LOG_LINE_MAX - 6);
}

static void an_event_of_too_many_pairs_is_none(void **state)
{
	struct sp_log_event event;
	char line[SP_EVENT_PAIRS_MAX * 4 + 8];

	(void)state;
	for (size_t i = 0; i <= SP_EVENT_PAIRS_MAX; i++)
		memcpy(line + 4 * i, "a=b ", 5);
	assert_false(sp_log_event_read(line, &event));
	assert_true(sp_log_event_read(line + 4, &event));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_kind_of_line_is_read),
	    cmocka_unit_test(a_new_year_is_told_from_the_old_one),
	    cmocka_unit_test(what_is_no_line_of_a_log_is_none),
	    cmocka_unit_test(only_what_one_of_our_programs_said_is_an_event),
	    cmocka_unit_test(an_event_has_its_values_and_how_they_are_written),
	    cmocka_unit_test(an_event_of_the_longest_line_is_read),
	    cmocka_unit_test(an_event_of_too_many_pairs_is_none),
	};
	return cmocka_run_group_tests(tests, in_utc, NULL);
}
