/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/alert_runner.h"
#include "tests/unit/try_file.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define PATIENCE_MS  30000

static int runner;

static int start_runner(void **state)
{
	(void)state;
	runner = sp_alert_runner_start();
	return runner < 0;
}

static int end_runner(void **state)
{
	close(runner);
	return try_file_remove(state);
}

static void run(const char *command, uint32_t timeout_ms, enum sp_alert_end end, int number)
{
	static const char strings[] = "SENDPASS_EVENT=e\0PATH=/usr/bin:/bin";
	struct pollfd answer = {.fd = runner, .events = POLLIN};
	struct sp_alert_outcome outcome;

	assert_true(sp_alert_runner_run(runner, command, timeout_ms, strings, sizeof(strings)));
	assert_int_equal(poll(&answer, 1, PATIENCE_MS), 1);
	assert_true(sp_alert_runner_heard(runner, &outcome));
	assert_int_equal(outcome.end, end);
	assert_int_equal(outcome.number, number);
}

static void every_end_is_told_and_the_next_command_runs(void **state)
{
	static const struct {
		const char *script;
		mode_t mode;
		uint32_t timeout_ms;
		enum sp_alert_end end;
		int number;
	} cases[] = {
	    {"#!/bin/sh\nexit 0\n", 0700, PATIENCE_MS, SP_ALERT_EXITED, 0},
	    {"#!/bin/sh\nexit 3\n", 0700, PATIENCE_MS, SP_ALERT_EXITED, 3},
	    {"#!/bin/sh\nkill -9 $$\n", 0700, PATIENCE_MS, SP_ALERT_KILLED, SIGKILL},
	    {"#!/bin/sh\nsleep 1000\n", 0700, 100, SP_ALERT_LATE, 0},
	    {"#!/bin/sh\ntrap '' TERM INT HUP\nsleep 1000\n", 0700, 100, SP_ALERT_LATE, 0},
	    {"#!/bin/sh\n[ \"$SENDPASS_EVENT $PATH $*\" = 'e /usr/bin:/bin ' ]\n", 0700,
		PATIENCE_MS, SP_ALERT_EXITED, 0},
	    /* signals are as they are for everybody: to be ended by SIGTERM is the way out */
	    {"#!/bin/sh\nkill $$\n", 0700, PATIENCE_MS, SP_ALERT_KILLED, SIGTERM},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		print_message("  %zu\n", i);
		try_file_write(cases[i].script, strlen(cases[i].script), cases[i].mode);
		run(try_path, cases[i].timeout_ms, cases[i].end, cases[i].number);
	}
}

/* valgrind, which preloads itself, ends a process whose execve(2) fails. */
static void what_cannot_be_started_is_told(void **state)
{
	static const struct {
		const char *script;
		mode_t mode;
		int error;
	} cases[] = {
	    {"#!/no/such/shell\n", 0700, ENOENT},
	    {"#!/bin/sh\n", 0600, EACCES},
	    {"neither a script nor a program\n", 0700, ENOEXEC},
	};
	const char *preloaded = getenv("LD_PRELOAD");

	(void)state;
	if (preloaded != NULL && strstr(preloaded, "vgpreload") != NULL)
		skip();
	for (size_t i = 0; i < COUNT(cases); i++) {
		try_file_write(cases[i].script, strlen(cases[i].script), cases[i].mode);
		run(try_path, PATIENCE_MS, SP_ALERT_NOT_STARTED, cases[i].error);
	}
}

static int start_runner_ignoring_children(void **state)
{
	signal(SIGCHLD, SIG_IGN);
	int failed = start_runner(state);
	signal(SIGCHLD, SIG_DFL);
	return failed;
}

/* As whoever starts sendpassd may, and exec keeps it. */
static void the_end_is_seen_where_ends_of_children_were_ignored(void **state)
{
	static const char script[] = "#!/bin/sh\nexit 3\n";

	(void)state;
	try_file_write(script, strlen(script), 0700);
	run(try_path, 5000, SP_ALERT_EXITED, 3);
}

static void it_does_not_wait_for_what_has_not_come(void **state)
{
	struct sp_alert_outcome outcome;

	(void)state;
	assert_false(sp_alert_runner_heard(runner, &outcome));
	assert_int_equal(errno, EAGAIN);
}

static void what_is_too_long_is_not_run(void **state)
{
	char command[SP_ALERT_COMMAND_MAX + 1];
	static char strings[SP_ALERT_ENVIRONMENT_MAX + 1];

	(void)state;
	memset(command, '/', sizeof(command) - 1);
	command[sizeof(command) - 1] = '\0';
	assert_false(sp_alert_runner_run(runner, command, 1, "", 0));
	assert_false(sp_alert_runner_run(runner, "/bin/true", 1, strings, sizeof(strings)));
	run("/bin/true", PATIENCE_MS, SP_ALERT_EXITED, 0);
}

static void a_user_who_is_unknown_is_an_error(void **state)
{
	(void)state;
	assert_false(sp_alert_runner_become(runner, "no such user"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		every_end_is_told_and_the_next_command_runs, start_runner, end_runner),
	    cmocka_unit_test_setup_teardown(
		what_cannot_be_started_is_told, start_runner, end_runner),
	    cmocka_unit_test_setup_teardown(the_end_is_seen_where_ends_of_children_were_ignored,
		start_runner_ignoring_children, end_runner),
	    cmocka_unit_test_setup_teardown(
		it_does_not_wait_for_what_has_not_come, start_runner, end_runner),
	    cmocka_unit_test_setup_teardown(what_is_too_long_is_not_run, start_runner, end_runner),
	    cmocka_unit_test_setup_teardown(
		a_user_who_is_unknown_is_an_error, start_runner, end_runner),
	};

	return cmocka_run_group_tests(tests, try_file_make_directory, try_file_remove_directory);
}
