/* SPDX-License-Identifier: BSD-2-Clause */
/* run_program_test.c - other programs are run without a shell, bounded in time and output */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/clock.h"
#include "lib/base/number.h"
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

/* A zombie counts as gone: whoever is its parent now may take its time. */
static bool is_gone(pid_t pid)
{
	char path[64], text[256] = "";

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	FILE *file = fopen(path, "r");
	if (file == NULL)
		return true;
	bool read = fgets(text, sizeof(text), file) != NULL;
	fclose(file);
	return !read || strstr(text, ") Z ") != NULL;
}

static void what_does_not_end_is_ended_in_time_with_its_children(void **state)
{
	const char *const arguments[] = {"/bin/sh", "-c", "sleep 1000 & echo $!; wait", NULL};
	struct sp_program_result result;
	int64_t begin_ms = sp_now_ms();
	uint64_t pid;
	const char *why;

	(void)state;
	assert_false(sp_program_run(arguments, &result, &why));
	assert_string_equal(why, "it does not end");
	assert_in_range(sp_now_ms() - begin_ms, 9900, 20000);
	result.output[strcspn(result.output, "\n")] = '\0';
	assert_true(sp_parse_number(result.output, 2, INT32_MAX, &pid));
	for (int64_t end_ms = sp_now_ms() + 5000; !is_gone((pid_t)pid) && sp_now_ms() < end_ms;)
		poll(NULL, 0, 5);
	assert_true(is_gone((pid_t)pid));
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
	    cmocka_unit_test(what_does_not_end_is_ended_in_time_with_its_children),
	    cmocka_unit_test(programs_are_looked_for_in_few_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
