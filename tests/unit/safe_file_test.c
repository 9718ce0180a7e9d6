/* SPDX-License-Identifier: BSD-2-Clause */
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/conf/safe_file.h"
#include "tests/unit/try_file.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void assert_opens(enum sp_file_privacy privacy)
{
	const char *why = "stale";
	char byte;
	int fd = sp_file_open(try_path, privacy, &why);

	if (fd < 0)
		fail_msg("%s", why);
	assert_null(why);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(read(fd, &byte, 1), 1);
	close(fd);
}

static void assert_refused(const char *name, enum sp_file_privacy privacy, const char *expected)
{
	const char *why = NULL;

	assert_int_equal(sp_file_open(name, privacy, &why), -1);
	assert_string_equal(why, expected);
}

static void modes_are_judged_by_how_private_the_file_must_be(void **state)
{
	static const char write_fault[] = "group or others can write it: chmod go-w";
	static const char read_fault[] = "group or others can read it: chmod 600";
	static const struct {
		mode_t mode;
		const char *public, *secret; /* NULL: opens */
	} cases[] = {
	    {0600, NULL, NULL},
	    {0400, NULL, NULL},
	    {0700, NULL, NULL},
	    {0640, NULL, read_fault},
	    {0604, NULL, read_fault},
	    {0644, NULL, read_fault},
	    {0610, NULL, read_fault},
	    {0620, write_fault, write_fault},
	    {0602, write_fault, write_fault},
	    {0660, write_fault, write_fault},
	    {0666, write_fault, write_fault},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		print_message("  %04o\n", (unsigned)cases[i].mode);
		try_file_write("x\n", 2, cases[i].mode);
		if (cases[i].public == NULL)
			assert_opens(SP_FILE_PUBLIC);
		else
			assert_refused(try_path, SP_FILE_PUBLIC, cases[i].public);
		if (cases[i].secret == NULL)
			assert_opens(SP_FILE_SECRET);
		else
			assert_refused(try_path, SP_FILE_SECRET, cases[i].secret);
	}
}

static void a_relative_path_is_refused(void **state)
{
	(void)state;
	assert_refused("file", SP_FILE_PUBLIC, "must be an absolute path");
	assert_refused("", SP_FILE_PUBLIC, "must be an absolute path");
}

static void a_file_that_is_not_there_is_told_so(void **state)
{
	(void)state;
	assert_refused(try_path, SP_FILE_PUBLIC, "No such file or directory");
}

static void a_symbolic_link_is_refused_whatever_it_points_at(void **state)
{
	(void)state;
	assert_int_equal(symlink("/etc/passwd", try_path), 0);
	assert_refused(try_path, SP_FILE_PUBLIC, "is a symbolic link");
}

static void a_fifo_is_refused_without_waiting_for_a_writer(void **state)
{
	(void)state;
	assert_int_equal(mkfifo(try_path, 0600), 0);
	assert_refused(try_path, SP_FILE_SECRET, "not a regular file");
}

static void what_is_no_regular_file_is_refused(void **state)
{
	(void)state;
	assert_refused(try_directory, SP_FILE_PUBLIC, "not a regular file");
	assert_refused("/dev/null", SP_FILE_PUBLIC, "not a regular file");
}

static void a_file_of_somebody_else_is_refused(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	try_file_write("x\n", 2, 0600);
	assert_int_equal(chown(try_path, 12345, 0), 0);
	assert_refused(
	    try_path, SP_FILE_PUBLIC, "must belong to root or to the user who runs this");
}

static void a_file_of_root_or_of_our_own_opens(void **state)
{
	(void)state;
	try_file_write("x\n", 2, 0644);
	if (geteuid() == 0) {
		assert_int_equal(seteuid(12345), 0);
		assert_opens(SP_FILE_PUBLIC);
		assert_int_equal(seteuid(0), 0);
		assert_int_equal(chown(try_path, 12345, 0), 0);
		assert_int_equal(seteuid(12345), 0);
	}
	assert_opens(SP_FILE_PUBLIC);
	if (getuid() == 0)
		assert_int_equal(seteuid(0), 0);
}

static void a_program_is_judged_by_its_name_kind_owner_and_mode(void **state)
{
	static const struct {
		mode_t mode;
		const char *fault; /* NULL: it may be run */
	} cases[] = {
	    {0700, NULL},
	    {0755, NULL},
	    {0711, NULL},
	    {0644, "cannot be executed: chmod +x"},
	    {0775, "group or others can write it: chmod go-w"},
	    {0757, "group or others can write it: chmod go-w"},
	};
	const char *why = "stale";

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		try_file_write("x", 1, cases[i].mode);
		assert_int_equal(sp_file_is_safe_program(try_path, &why), cases[i].fault == NULL);
		assert_int_equal(why == NULL, cases[i].fault == NULL);
		if (why != NULL)
			assert_string_equal(why, cases[i].fault);
	}
	assert_false(sp_file_is_safe_program("bin/true", &why));
	assert_string_equal(why, "must be an absolute path");
	assert_false(sp_file_is_safe_program("/no/such/file", &why));
	assert_string_equal(why, "No such file or directory");
	assert_false(sp_file_is_safe_program(try_directory, &why));
	assert_string_equal(why, "not a regular file");
	try_file_remove(NULL);
	assert_int_equal(symlink("/bin/true", try_path), 0);
	assert_false(sp_file_is_safe_program(try_path, &why));
	assert_string_equal(why, "is a symbolic link");
}

static void a_program_of_somebody_else_is_refused(void **state)
{
	const char *why = NULL;

	(void)state;
	if (geteuid() != 0)
		skip();
	try_file_write("x", 1, 0700);
	assert_int_equal(chown(try_path, 12345, 0), 0);
	assert_int_equal(chmod(try_path, 0755), 0);
	assert_false(sp_file_is_safe_program(try_path, &why));
	assert_string_equal(why, "must belong to root or to the user who runs this");
}

static void more_than_a_mebibyte_is_refused(void **state)
{
	(void)state;
	try_file_write("x\n", 2, 0600);
	assert_int_equal(truncate(try_path, 1024 * 1024), 0);
	assert_opens(SP_FILE_SECRET);
	assert_int_equal(truncate(try_path, 1024 * 1024 + 1), 0);
	assert_refused(try_path, SP_FILE_SECRET, "larger than 1 MiB");
}

static void a_secret_is_the_first_line(void **state)
{
	static const struct {
		const char *text;
		const char *secret; /* NULL: refused */
	} cases[] = {
	    {"secret\n", "secret"},
	    {"secret", "secret"},
	    {"secret\r\n", "secret"},
	    {" sec ret \nmore\n", " sec ret "},
	    {"", NULL},
	    {"\n", NULL},
	    {"\nsecret\n", NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sp_secret secret;
		const char *why = NULL;

		memset(&secret, 'x', sizeof(secret));
		try_file_write(cases[i].text, strlen(cases[i].text), 0600);
		bool ok = sp_file_read_secret(try_path, &secret, &why);
		assert_int_equal(ok, cases[i].secret != NULL);
		assert_string_equal(secret.bytes, ok ? cases[i].secret : "");
		assert_int_equal(secret.length, strlen(secret.bytes));
		if (!ok)
			assert_string_equal(why, "its first line must hold the secret");
	}
}

static void a_secret_that_others_can_read_is_not_read(void **state)
{
	struct sp_secret secret;
	const char *why = NULL;

	(void)state;
	memset(&secret, 'x', sizeof(secret));
	try_file_write("secret\n", 7, 0644);
	assert_false(sp_file_read_secret(try_path, &secret, &why));
	assert_int_equal(secret.length, 0);
	assert_string_equal(secret.bytes, "");
	assert_string_equal(why, "group or others can read it: chmod 600");
}

/* A file of the user 12345. */
static void make_credential(const char *path, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "secret\n", 7), 7);
	assert_int_equal(fchown(fd, 12345, 0), 0);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void a_credential_of_systemd_is_read_for_its_unit_alone(void **state)
{
	static const struct {
		const char *path;
		mode_t mode;
		const char *fault; /* NULL: it is read */
	} cases[] = {
	    {"/run/credentials/a.service/own", 0400, NULL},
	    {"/run/credentials/a.service/acl", 0440, NULL},
	    {"/run/credentials/a.service/open", 0444, "group or others can read it: chmod 600"},
	    {"/run/credentials/a.service/loose", 0460, "group or others can write it: chmod go-w"},
	    {"/run/credentials.a", 0400, "must belong to root or to the user who runs this"},
	    {"/run/credentials/../else", 0400, "must belong to root or to the user who runs this"},
	};

	(void)state;
	if (geteuid() != 0 || unshare(CLONE_NEWNS) != 0)
		skip();
	assert_int_equal(mount("none", "/", "", MS_REC | MS_PRIVATE, ""), 0);
	assert_int_equal(mount("none", "/run", "tmpfs", 0, "mode=755"), 0);
	assert_int_equal(mkdir("/run/credentials", 0755), 0);
	assert_int_equal(mkdir("/run/credentials/a.service", 0755), 0);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sp_secret secret;
		const char *why = NULL;

		make_credential(cases[i].path, cases[i].mode);
		bool ok = sp_file_read_secret(cases[i].path, &secret, &why);
		assert_string_equal(
		    why == NULL ? "" : why, cases[i].fault == NULL ? "" : cases[i].fault);
		assert_int_equal(ok, cases[i].fault == NULL);
		assert_string_equal(secret.bytes, ok ? "secret" : "");
	}
}

#define TEST(name) cmocka_unit_test_teardown(name, try_file_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(modes_are_judged_by_how_private_the_file_must_be),
	    TEST(a_relative_path_is_refused),
	    TEST(a_file_that_is_not_there_is_told_so),
	    TEST(a_symbolic_link_is_refused_whatever_it_points_at),
	    TEST(a_fifo_is_refused_without_waiting_for_a_writer),
	    TEST(what_is_no_regular_file_is_refused),
	    TEST(a_file_of_somebody_else_is_refused),
	    TEST(a_file_of_root_or_of_our_own_opens),
	    TEST(a_program_is_judged_by_its_name_kind_owner_and_mode),
	    TEST(a_program_of_somebody_else_is_refused),
	    TEST(more_than_a_mebibyte_is_refused),
	    TEST(a_secret_is_the_first_line),
	    TEST(a_secret_that_others_can_read_is_not_read),
	    TEST(a_credential_of_systemd_is_read_for_its_unit_alone),
	};

	return cmocka_run_group_tests(tests, try_file_make_directory, try_file_remove_directory);
}
