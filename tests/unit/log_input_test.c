/* SPDX-License-Identifier: BSD-2-Clause */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tool/log_input.h"
#include "tool/log_line.h"

static char directory[] = "/tmp/log_input_test.XXXXXX";
static char path[sizeof(directory) + 8], old_path[sizeof(directory) + 8];
static struct sp_log_input *file;

static int make_directory(void **state)
{
	(void)state;
	if (mkdtemp(directory) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/log", directory);
	snprintf(old_path, sizeof(old_path), "%s/log.1", directory);
	return 0;
}

static int remove_directory(void **state)
{
	(void)state;
	return rmdir(directory);
}

static int clear(void **state)
{
	(void)state;
	sp_log_input_close(&file);
	unlink(path);
	unlink(old_path);
	return 0;
}

static void add_bytes(const char *to, const char *bytes, size_t length)
{
	int fd = open(to, O_WRONLY | O_CREAT | O_APPEND, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, length), length);
	close(fd);
}

static void add(const char *to, const char *text)
{
	add_bytes(to, text, strlen(text));
}

static void begin(const char *text)
{
	add(path, text);
	file = sp_log_input_open(path);
	assert_non_null(file);
}

static void assert_line(bool follow, const char *expected)
{
	const char *line = NULL;

	assert_int_equal(sp_log_input_next(file, follow, &line), SP_LOG_READ_LINE);
	assert_string_equal(line, expected);
}

static void assert_no_line(bool follow)
{
	const char *line = NULL;

	assert_int_equal(
	    sp_log_input_next(file, follow, &line), follow ? SP_LOG_READ_NOTHING : SP_LOG_READ_END);
}

static void all_lines_are_read_and_again_from_the_start(void **state)
{
	(void)state;
	begin("one\n\ntwo");
	for (int i = 0; i < 2; i++) {
		assert_line(false, "one");
		assert_line(false, "");
		assert_line(false, "two");
		assert_no_line(false);
		assert_true(sp_log_input_rewind(file));
	}
}

static void what_is_added_is_read_when_its_line_is_whole(void **state)
{
	(void)state;
	begin("before\n");
	assert_true(sp_log_input_to_end(file));
	assert_no_line(true);
	add(path, "on");
	assert_no_line(true);
	add(path, "e\ntwo\n");
	assert_line(true, "one");
	assert_line(true, "two");
	assert_no_line(true);
}

static void a_renamed_file_is_read_until_the_new_one_has_something(void **state)
{
	(void)state;
	begin("one\n");
	assert_line(true, "one");
	assert_no_line(true);
	assert_int_equal(rename(path, old_path), 0);
	add(old_path, "two\n");
	assert_line(true, "two");
	add(path, "");
	assert_no_line(true);
	add(old_path, "three\n");
	add(path, "four\n");
	assert_line(true, "three");
	assert_line(true, "four");
	add(path, "five\n");
	assert_line(true, "five");
	assert_no_line(true);
}

static void an_emptied_file_is_read_from_its_start(void **state)
{
	(void)state;
	begin("one, which is longer\nand not fin");
	assert_line(true, "one, which is longer");
	assert_no_line(true);
	assert_int_equal(truncate(path, 0), 0);
	add(path, "two\n");
	assert_line(true, "two");
	assert_no_line(true);
}

static void lines_that_are_too_long_or_have_a_nul_are_passed_over(void **state)
{
	static char longest[SP_MAIL_LINE_MAX + 2];

	(void)state;
	begin("one\n");
	memset(longest, 'x', SP_MAIL_LINE_MAX);
	longest[SP_MAIL_LINE_MAX] = '\n';
	add_bytes(path, longest, SP_MAIL_LINE_MAX + 1);
	memset(longest, 'x', SP_MAIL_LINE_MAX + 1);
	add_bytes(path, longest, SP_MAIL_LINE_MAX + 1);
	add_bytes(path, longest, SP_MAIL_LINE_MAX + 1);
	add_bytes(path, "\na\0b\ntwo\n", 9);
	add_bytes(path, longest, SP_MAIL_LINE_MAX + 1);
	assert_line(false, "one");
	longest[SP_MAIL_LINE_MAX] = '\0';
	assert_line(false, longest);
	assert_line(false, "two");
	assert_no_line(false);
}

static void a_pipe_ends_where_it_ends_and_is_read_twice(void **state)
{
	int ends[2];
	char name[32];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", ends[0]);
	file = sp_log_input_open(name);
	assert_non_null(file);
	assert_int_equal(write(ends[1], "one\ntwo\n", 8), 8);
	close(ends[1]);
	close(ends[0]);
	for (int i = 0; i < 2; i++) {
		assert_true(sp_log_input_rewind(file));
		assert_line(false, "one");
		assert_line(false, "two");
		assert_no_line(false);
	}
}

static void a_pipe_that_is_followed_is_never_waited_for(void **state)
{
	const char *line;
	int ends[2];
	char name[32];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", ends[0]);
	file = sp_log_input_open(name);
	assert_non_null(file);
	assert_no_line(true);
	assert_int_equal(write(ends[1], "one\ntw", 6), 6);
	assert_line(true, "one");
	assert_no_line(true);
	close(ends[1]);
	close(ends[0]);
	assert_line(true, "tw");
	assert_int_equal(sp_log_input_next(file, true, &line), SP_LOG_READ_END);
}

static void a_directory_is_no_log(void **state)
{
	(void)state;
	file = sp_log_input_open(directory);
	assert_null(file);
	file = sp_log_input_open(path);
	assert_null(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(all_lines_are_read_and_again_from_the_start, clear),
	    cmocka_unit_test_teardown(what_is_added_is_read_when_its_line_is_whole, clear),
	    cmocka_unit_test_teardown(
		a_renamed_file_is_read_until_the_new_one_has_something, clear),
	    cmocka_unit_test_teardown(an_emptied_file_is_read_from_its_start, clear),
	    cmocka_unit_test_teardown(lines_that_are_too_long_or_have_a_nul_are_passed_over, clear),
	    cmocka_unit_test_teardown(a_pipe_ends_where_it_ends_and_is_read_twice, clear),
	    cmocka_unit_test_teardown(a_pipe_that_is_followed_is_never_waited_for, clear),
	    cmocka_unit_test_teardown(a_directory_is_no_log, clear),
	};
	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
