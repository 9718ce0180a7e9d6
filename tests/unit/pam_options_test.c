/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "pam/options.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The longest path that a socket can have, and one byte more. */
#define TEN  "/234567890"
#define P100 TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define P107 P100 "1234567"
/* 64 bytes. */
#define S64 "1234567890123456789012345678901234567890123456789012345678901234"

static void without_options_the_defaults_hold(void **state)
{
	struct sp_pam_options options;

	(void)state;
	memset(&options, 0xff, sizeof(options));
	sp_pam_options_read(0, NULL, &options);
	assert_string_equal(options.client.socket_path, "/run/sendpass/auth");
	assert_int_equal(options.client.timeout_ms, 6000);
	assert_int_equal(options.client.daemon_uid, 0);
	assert_null(options.service);
	assert_false(options.use_first_pass);
	assert_false(options.debug);
	assert_null(options.wrong);
	assert_null(options.why);
}

static void every_option_is_read(void **state)
{
	const char *argv[] = {("socket=" P107), "timeout=250ms", "daemon_uid=4294967294",
	    ("service=" S64), "use_first_pass", "debug"};
	struct sp_pam_options options;

	(void)state;
	sp_pam_options_read(COUNT(argv), argv, &options);
	assert_null(options.why);
	assert_string_equal(options.client.socket_path, P107);
	assert_int_equal(options.client.timeout_ms, 250);
	assert_int_equal(options.client.daemon_uid, 4294967294U);
	assert_string_equal(options.service, S64);
	assert_true(options.use_first_pass);
	assert_true(options.debug);
}

static void the_last_of_two_counts(void **state)
{
	const char *first_last[] = {"try_first_pass", "use_first_pass", "timeout=1s", "timeout=2s"};
	const char *try_last[] = {"use_first_pass", "try_first_pass"};
	struct sp_pam_options options;

	(void)state;
	sp_pam_options_read(COUNT(first_last), first_last, &options);
	assert_true(options.use_first_pass);
	assert_int_equal(options.client.timeout_ms, 2000);
	sp_pam_options_read(COUNT(try_last), try_last, &options);
	assert_false(options.use_first_pass);
}

static const struct {
	const char *text;
	const char *why;
} wrong[] = {
    {"", "is not known"},
    {"=", "is not known"},
    {"no_such_option", "is not known"},
    {"nullok", "is not known"},
    {"SOCKET=/run/x", "is not known"},
    {"socket", "is not known"},
    {"socket ", "is not known"},
    {"debug=yes", "is not known"},
    {"debugging", "is not known"},
    {"use_first_pass=no", "is not known"},
    {"try_first_passage", "is not known"},
    {"socket=", "is not an absolute path"},
    {"socket=run/sendpass/auth", "is not an absolute path"},
    {"socket=" P107 "8", "is longer than the path of a socket can be"},
    {"timeout=", "is no duration"},
    {"timeout=6", "is no duration"},
    {"timeout=-6s", "is no duration"},
    {"timeout=99ms", "is no duration"},
    {"timeout=61s", "is no duration"},
    {"timeout=6s ", "is no duration"},
    {"daemon_uid=", "is not the number of a user"},
    {"daemon_uid=root", "is not the number of a user"},
    {"daemon_uid=-1", "is not the number of a user"},
    {"daemon_uid=4294967295", "is not the number of a user"},
    {"service=", "is empty or longer"},
    {"service=" S64 "5", "is empty or longer"},
};

static void a_wrong_option_is_named_wherever_it_stands(void **state)
{
	struct sp_pam_options options;

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		const char *argv[] = {"debug", "timeout=3s", "service=smtp"};
		for (size_t at = 0; at < COUNT(argv); at++) {
			const char *right = argv[at];
			argv[at] = wrong[i].text;
			sp_pam_options_read(COUNT(argv), argv, &options);
			argv[at] = right;
			if (options.why == NULL)
				fail_msg("\"%s\" is taken", wrong[i].text);
			assert_ptr_equal(options.wrong, wrong[i].text);
			assert_non_null(strstr(options.why, wrong[i].why));
		}
	}
}

static void the_first_wrong_option_is_told(void **state)
{
	const char *argv[] = {"debug", "timeout=soon", "daemon_uid=root"};
	struct sp_pam_options options;

	(void)state;
	sp_pam_options_read(COUNT(argv), argv, &options);
	assert_string_equal(options.wrong, "timeout=soon");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(without_options_the_defaults_hold),
	    cmocka_unit_test(every_option_is_read),
	    cmocka_unit_test(the_last_of_two_counts),
	    cmocka_unit_test(a_wrong_option_is_named_wherever_it_stands),
	    cmocka_unit_test(the_first_wrong_option_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
