/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/log.h"
#include "tool/change.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static enum sp_admin_status answer;
static size_t lines, signals, signals_before_line;
static char last[SP_LOG_LINE_MAX];

/* ---- a directory in whose answer somebody presses Ctrl-C ---- */

static enum sp_admin_status interrupted(char why_r[SP_CONF_WHY_MAX])
{
	snprintf(why_r, SP_CONF_WHY_MAX, "a reason");
	raise(SIGINT);
	return answer;
}

enum sp_admin_status sp_admin_add(
    struct sp_admin *admin, const struct sp_credential *credential, char why_r[SP_CONF_WHY_MAX])
{
	(void)admin, (void)credential;
	return interrupted(why_r);
}

enum sp_admin_status sp_admin_change(struct sp_admin *admin, const struct sp_credential *before,
    const struct sp_credential *after, char why_r[SP_CONF_WHY_MAX])
{
	(void)admin, (void)before, (void)after;
	return interrupted(why_r);
}

enum sp_admin_status sp_admin_delete(
    struct sp_admin *admin, const struct sp_credential *credential, char why_r[SP_CONF_WHY_MAX])
{
	(void)admin, (void)credential;
	return interrupted(why_r);
}

static void on_signal(int number)
{
	(void)number;
	signals++;
}

static void on_line(enum sp_log_level level, const char *line, void *context)
{
	(void)level, (void)context;
	lines++;
	signals_before_line = signals;
	snprintf(last, sizeof(last), "%s", line);
}

static void do_each(int which)
{
	static const struct sp_credential credential = {
	    .id = "k7qf2m9x", .expires = SP_NO_TIME, .revoked = SP_NO_TIME};
	struct sp_session session = {.identity = "external"};
	char why[SP_CONF_WHY_MAX];

	lines = signals = signals_before_line = 0;
	if (which == 0)
		assert_int_equal(sp_change_add(&session, "event_0", &credential, why), answer);
	else if (which == 1)
		assert_int_equal(
		    sp_change(&session, "event_1", &credential, &credential) == SP_EXIT_OK,
		    answer == SP_ADMIN_OK);
	else
		assert_int_equal(sp_change_delete(&session, "event_2", &credential) == SP_EXIT_OK,
		    answer == SP_ADMIN_OK);
}

static void a_change_has_its_line_before_an_interrupt_ends_us(void **state)
{
	char begin[32];

	(void)state;
	answer = SP_ADMIN_OK;
	for (int which = 0; which < 3; which++) {
		do_each(which);
		snprintf(begin, sizeof(begin), "event=event_%d id=k7qf2m9x ", which);
		assert_memory_equal(last, begin, strlen(begin));
		assert_null(strstr(last, "result="));
		assert_int_equal(lines, 1);
		assert_int_equal(signals_before_line, 0);
		assert_int_equal(signals, 1);
	}
}

static void what_nobody_knows_is_logged_so_and_what_was_not_done_is_not(void **state)
{
	static const enum sp_admin_status undone[] = {SP_ADMIN_FORBIDDEN, SP_ADMIN_NOT_FOUND,
	    SP_ADMIN_AMBIGUOUS, SP_ADMIN_EXISTS, SP_ADMIN_ERROR};

	(void)state;
	for (int which = 0; which < 3; which++) {
		answer = SP_ADMIN_DOWN;
		do_each(which);
		assert_int_equal(lines, 1);
		assert_non_null(strstr(last, " result=unknown"));
		for (size_t i = 0; i < COUNT(undone); i++) {
			answer = undone[i];
			do_each(which);
			assert_int_equal(lines, 0);
		}
	}
}

static int hear(void **state)
{
	(void)state;
	signal(SIGINT, on_signal);
	sp_log_set_sink(on_line, NULL, SP_LOG_INFO);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_change_has_its_line_before_an_interrupt_ends_us),
	    cmocka_unit_test(what_nobody_knows_is_logged_so_and_what_was_not_done_is_not),
	};

	return cmocka_run_group_tests(tests, hear, NULL);
}
