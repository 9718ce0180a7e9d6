/* SPDX-License-Identifier: BSD-2-Clause */
/* run_program_test.c - other programs are run without a shell, bounded in time and output */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/clock.h"
#include "tool/run_program.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void output_and_status_are_told(void **state)
{
	static const struct {
		const char *script;
		int status;
		const char *output, *errors;
	} cases[] = {
	    {"echo out; echo err >&2", 0, "out\n", "err\n"},
	    {"exit 3", 3, "", ""},
	    {"kill -9 $$", 137, "", ""},
	    {"cat", 0, "", ""}, /* nothing on standard input */
	    {"echo $HOME$LD_PRELOAD", 0, "\n", ""},
	    {"exec 1>&- 2>&-; exit 4", 4, "", ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *const arguments[] = {"/bin/sh", "-c", cases[i].script, NULL};
		struct sp_program_result result;
		const char *why;
		assert_true(sp_program_run(arguments, &result, &why));
		assert_null(why);
		assert_int_equal(result.status, cases[i].status);
		assert_string_equal(result.output, cases[i].output);
		assert_string_equal(result.errors, cases[i].errors);
		sp_program_result_free(&result);
	}
}

static void the_environment_is_not_handed_on(void **state)
{
	const char *const arguments[] = {"/usr/bin/env", NULL};
	struct sp_program_result result;
	const char *why;

	(void)state;
	setenv("MAIL_CONFIG", "/nonexistent", 1);
	assert_true(sp_program_run(arguments, &result, &why));
	assert_null(strstr(result.output, "MAIL_CONFIG"));
	assert_non_null(strstr(result.output, "PATH="));
	sp_program_result_free(&result);
}

static void what_cannot_be_run_is_a_failure(void **state)
{
	const char *const arguments[] = {"/nonexistent/program", NULL};
	struct sp_program_result result;
	const char *why;

	(void)state;
	assert_false(sp_program_run(arguments, &result, &why));
	assert_string_equal(why, "it cannot be started");
	sp_program_result_free(&result);
}

static void what_says_too_much_is_ended(void **state)
{
	const char *const arguments[] = {"/usr/bin/yes", NULL};
	struct sp_program_result result;
	const char *why;

	(void)state;
	assert_false(sp_program_run(arguments, &result, &why));
	assert_string_equal(why, "it says too much");
	assert_int_equal(strlen(result.output), SP_PROGRAM_OUTPUT_MAX);
	sp_program_result_free(&result);
}

/* With a child that keeps the pipes open. */
static void what_does_not_end_is_ended_in_time(void **state)
{
	const char *const arguments[] = {"/bin/sh", "-c", "sleep 1000 & wait", NULL};
	struct sp_program_result result;
	int64_t begin_ms = sp_now_ms();
	const char *why;

	(void)state;
	assert_false(sp_program_run(arguments, &result, &why));
	assert_string_equal(why, "it does not end");
	assert_in_range(sp_now_ms() - begin_ms, 9900, 20000);
	sp_program_result_free(&result);
}

static void programs_are_looked_for_in_few_places(void **state)
{
	char path[SP_PROGRAM_PATH_MAX];

	(void)state;
	setenv("PATH", "/tmp", 1);
	assert_true(sp_program_find("env", path));
	assert_string_equal(path, "/usr/bin/env");
	assert_false(sp_program_find("no-such-program", path));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(output_and_status_are_told),
	    cmocka_unit_test(the_environment_is_not_handed_on),
	    cmocka_unit_test(what_cannot_be_run_is_a_failure),
	    cmocka_unit_test(what_says_too_much_is_ended),
	    cmocka_unit_test(what_does_not_end_is_ended_in_time),
	    cmocka_unit_test(programs_are_looked_for_in_few_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
