/* SPDX-License-Identifier: BSD-2-Clause */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/process/log_file.h"

#define SOMEBODY 12345

static char directory[] = "/tmp/sendpass-logfile-XXXXXX";
static char path[sizeof(directory) + 8], other[sizeof(directory) + 8];

static int set_up(void **state)
{
	(void)state;
	if (mkdtemp(directory) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/log", directory);
	snprintf(other, sizeof(other), "%s/other", directory);
	return 0;
}

static int remove_files(void **state)
{
	(void)state;
	remove(path);
	remove(other);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	return rmdir(directory);
}

static int open_log(void)
{
	const char *why = "nothing";
	int fd = sp_log_file_open(path, SOMEBODY, &why);

	if (fd < 0)
		fail_msg("%s", why);
	return fd;
}

static void assert_holds(const char *text)
{
	char found[256] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	assert_true(read(fd, found, sizeof(found) - 1) >= 0);
	close(fd);
	assert_string_equal(found, text);
}

static void a_file_that_is_not_there_is_made_for_the_daemon(void **state)
{
	struct stat status;
	mode_t before = umask(077);

	(void)state;
	int fd = open_log();
	umask(before);
	assert_int_equal(fstat(fd, &status), 0);
	assert_int_equal(status.st_mode, S_IFREG | 0640);
	assert_int_equal(status.st_uid, geteuid() == 0 ? SOMEBODY : geteuid());
	assert_true((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
	close(fd);
}

static void a_file_that_is_there_goes_on_as_it_is(void **state)
{
	bool torn = false;
	struct stat status;

	(void)state;
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_int_equal(write(fd, "one\n", 4), 4);
	close(fd);
	fd = open_log();
	assert_int_equal(sp_log_file_write(fd, "two\n", 4, &torn), 0);
	assert_int_equal(fstat(fd, &status), 0);
	assert_int_equal(status.st_mode, S_IFREG | 0600);
	close(fd);
	assert_holds("one\ntwo\n");
}

static void make_link(void)
{
	close(open(other, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	assert_int_equal(symlink(other, path), 0);
}

static void make_dangling_link(void)
{
	assert_int_equal(symlink(other, path), 0);
}

static void make_second_name(void)
{
	close(open(other, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	assert_int_equal(link(other, path), 0);
}

static void make_fifo(void)
{
	assert_int_equal(mkfifo(path, 0600), 0);
}

static void make_directory(void)
{
	assert_int_equal(mkdir(path, 0700), 0);
}

static const struct {
	const char *name;
	void (*make)(void);
} traps[] = {
    {"a symbolic link", make_link},
    {"a symbolic link to nowhere", make_dangling_link},
    {"a file of another name too", make_second_name},
    {"a FIFO that nobody reads", make_fifo},
    {"a directory", make_directory},
};

static void nothing_but_a_file_of_its_own_is_written_to(void **state)
{
	for (size_t i = 0; i < sizeof(traps) / sizeof(traps[0]); i++) {
		const char *why = NULL;
		print_message("  %s\n", traps[i].name);
		traps[i].make();
		assert_int_equal(sp_log_file_open(path, SOMEBODY, &why), -1);
		assert_non_null(why);
		remove_files(state);
	}
}

static void a_line_that_was_torn_does_not_swallow_the_next(void **state)
{
	struct rlimit before, full = {.rlim_cur = 12};
	bool torn = false;

	(void)state;
	int fd = open_log();
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	full.rlim_max = before.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &full), 0);
	assert_int_equal(sp_log_file_write(fd, "line 1\n", 7, &torn), 0);
	assert_int_equal(sp_log_file_write(fd, "line 2\n", 7, &torn), 1);
	assert_true(torn);
	assert_int_equal(sp_log_file_write(fd, "line 3\n", 7, &torn), 1);
	assert_true(torn);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(sp_log_file_write(fd, "line 4\n", 7, &torn), 0);
	assert_int_equal(sp_log_file_write(fd, "line 5\n", 7, &torn), 0);
	close(fd);
	assert_holds("line 1\nline \nline 4\nline 5\n");
}

/* How much room there is for three lines of 7 bytes, and what then holds. */
static void of_lines_written_together_those_that_did_not_get_in_are_counted(void **state)
{
	static const struct {
		rlim_t room;
		size_t lost;
		bool torn;
		const char *then;
	} cases[] = {
	    {21, 0, false, "line 1\nline 2\nline 3\nline 4\n"},
	    {20, 1, true, "line 1\nline 2\nline 3\nline 4\n"},
	    {14, 1, false, "line 1\nline 2\nline 4\n"},
	    {13, 2, true, "line 1\nline 2\nline 4\n"},
	    {1, 3, true, "l\nline 4\n"},
	};
	struct rlimit before, full;

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	full = before;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool torn = false;
		int fd = open_log();

		full.rlim_cur = cases[i].room;
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &full), 0);
		size_t lost = sp_log_file_write(fd, "line 1\nline 2\nline 3\n", 21, &torn);
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
		assert_int_equal(lost, cases[i].lost);
		assert_int_equal(torn, cases[i].torn);
		assert_int_equal(sp_log_file_write(fd, "line 4\n", 7, &torn), 0);
		close(fd);
		assert_holds(cases[i].then);
		remove_files(state);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(
		a_file_that_is_not_there_is_made_for_the_daemon, remove_files),
	    cmocka_unit_test_teardown(a_file_that_is_there_goes_on_as_it_is, remove_files),
	    cmocka_unit_test_teardown(nothing_but_a_file_of_its_own_is_written_to, remove_files),
	    cmocka_unit_test_teardown(a_line_that_was_torn_does_not_swallow_the_next, remove_files),
	    cmocka_unit_test_teardown(
		of_lines_written_together_those_that_did_not_get_in_are_counted, remove_files),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
