/* SPDX-License-Identifier: BSD-2-Clause */
/* mail_settings_test.c - what mail servers and libsasl2's files say, read as they read it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tool/postfix_settings.h"
#include "tool/sasl_file.h"
#include "tool/setting_lines.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void lines_are_cut_at_their_first_equals_sign(void **state)
{
	char text[] =
	    "plain authenticator:\n  driver = dovecot \n\nempty =\ncondition = a = b\r\n = x";
	static const struct sp_setting_line wanted[] = {
	    {"plain authenticator:", NULL},
	    {"driver", "dovecot"},
	    {"empty", ""},
	    {"condition", "a = b"},
	    {"", "x"},
	};
	struct sp_setting_lines lines;

	(void)state;
	assert_true(sp_setting_lines_cut(text, &lines));
	assert_int_equal(lines.count, COUNT(wanted));
	for (size_t i = 0; i < COUNT(wanted); i++) {
		assert_string_equal(lines.items[i].name, wanted[i].name);
		if (wanted[i].value == NULL)
			assert_null(lines.items[i].value);
		else
			assert_string_equal(lines.items[i].value, wanted[i].value);
	}
	assert_string_equal(sp_setting_lines_find(&lines, "driver"), "dovecot");
	assert_null(sp_setting_lines_find(&lines, "drive"));
	sp_setting_lines_free(&lines);
}

/* ---- libsasl2's file ---- */

static void a_sasl_file_is_read_as_libsasl2_reads_it(void **state)
{
	static const struct {
		const char *text;
		int bad_line;
		const char *value; /* of mech_list */
	} cases[] = {
	    {"mech_list: PLAIN LOGIN\n", 0, "PLAIN LOGIN"},
	    {"# a comment\n\n  MECH_LIST:PLAIN  \r\n", 0, "PLAIN"},
	    {"mech_list: a\nmech_list: b", 0, "a"},
	    {"x: 1\nmech_list PLAIN\n", 2, NULL},
	    {"mech_list:\n", 1, NULL},
	    {"mech list: PLAIN", 1, NULL},
	    {"=", 1, NULL},
	    {"", 0, NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sp_sasl_file file;
		snprintf(file.text, sizeof(file.text), "%s", cases[i].text);
		sp_sasl_file_cut(&file);
		const char *value = sp_sasl_file_get(&file, "mech_list");
		bool same = value == NULL || cases[i].value == NULL
				? value == cases[i].value
				: strcmp(value, cases[i].value) == 0;
		if (!same || file.bad_line != cases[i].bad_line)
			fail_msg("%s: %s, line %d", cases[i].text, value, file.bad_line);
	}
}

static void words_of_a_sasl_option_are_found_in_any_case(void **state)
{
	struct sp_sasl_file file = {.text = "mech_list: plain, LOGIN  CRAM-MD5"};
	size_t others = 9;

	(void)state;
	sp_sasl_file_cut(&file);
	assert_true(sp_sasl_file_lists(&file, "mech_list", "PLAIN", &others));
	assert_int_equal(others, 2);
	assert_false(sp_sasl_file_lists(&file, "mech_list", "PLAI", &others));
	assert_int_equal(others, 3);
	assert_false(sp_sasl_file_lists(&file, "auxprop_plugin", "sendpass", &others));
	assert_int_equal(others, 0);
}

static void too_many_sasl_options_are_refused(void **state)
{
	static struct sp_sasl_file file;

	(void)state;
	for (int i = 0; i <= SP_SASL_OPTIONS_MAX; i++)
		snprintf(file.text + strlen(file.text), 8, "a: b\n");
	sp_sasl_file_cut(&file);
	assert_int_equal(file.bad_line, SP_SASL_OPTIONS_MAX + 1);
}

/* ---- Postfix ---- */

static const char master[] =
    "smtp       inet  n       -       -       -       -       smtpd\n"
    "submission inet  n       -       y       -       -       smtpd -o a=b\n"
    "465        inet  n       -       n       -       -       smtpd\n"
    "pickup     unix  n       -       y       60      1       pickup\n"
    "broken\n";
static const char overrides[] = "submission/inet/smtpd_tls_auth_only = yes\n"
				"submission/inet/smtpd_sasl_path = \n";

static void a_service_has_its_own_values_or_those_of_main_cf(void **state)
{
	struct sp_postfix_settings settings;

	(void)state;
	assert_true(sp_postfix_settings_read(master, overrides,
	    "compatibility_level = 3.6\nsmtpd_tls_auth_only = no\nsmtpd_sasl_path = smtpd\n",
	    &settings));
	assert_int_equal(settings.service_count, 3);
	const struct sp_postfix_service *smtp = &settings.services[0];
	const struct sp_postfix_service *submission = &settings.services[1];
	assert_string_equal(smtp->name, "smtp/inet");
	assert_false(smtp->chroot);
	assert_true(submission->chroot);
	assert_false(settings.services[2].chroot);
	assert_false(sp_postfix_is_yes(&settings, smtp, "smtpd_tls_auth_only"));
	assert_true(sp_postfix_is_yes(&settings, submission, "smtpd_tls_auth_only"));
	assert_false(sp_postfix_is_yes(&settings, NULL, "smtpd_tls_auth_only"));
	assert_string_equal(sp_postfix_get(&settings, smtp, "smtpd_sasl_path"), "smtpd");
	assert_string_equal(sp_postfix_get(&settings, submission, "smtpd_sasl_path"), "");
	assert_string_equal(sp_postfix_get(&settings, smtp, "unheard_of"), "");
	sp_postfix_settings_free(&settings);
}

static void an_old_postfix_has_services_in_its_chroot(void **state)
{
	struct sp_postfix_settings settings;

	(void)state;
	assert_true(sp_postfix_settings_read(master, "", "compatibility_level = 0\n", &settings));
	assert_true(settings.services[0].chroot);
	assert_false(settings.services[2].chroot);
	sp_postfix_settings_free(&settings);
}

static void a_policy_service_is_found_behind_what_permits(void **state)
{
	static const struct {
		const char *list, *server, *permit; /* a NULL server: none is found */
	} cases[] = {
	    {"check_policy_service unix:private/a", "unix:private/a", ""},
	    {"reject_x, check_policy_service\n\tinet:127.0.0.1:1,permit", "inet:127.0.0.1:1", ""},
	    {"check_policy_service { unix:private/a, timeout=9 }", "unix:private/a", ""},
	    {"check_policy_service {unix:private/a}", "unix:private/a", ""},
	    {"permit_mynetworks,check_policy_service unix:a", "unix:a", "permit_mynetworks"},
	    {"permit_a permit_b check_policy_service unix:a", "unix:a", "permit_a"},
	    {"permit", NULL, ""},
	    {"check_policy_service", NULL, ""},
	    {"{ check_policy_service", NULL, ""},
	    {"", NULL, ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *rest = cases[i].list;
		struct sp_postfix_policy use;
		bool found = sp_postfix_next_policy(&rest, &use);
		if (found != (cases[i].server != NULL))
			fail_msg("%s: found %d", cases[i].list, found);
		if (!found)
			continue;
		assert_string_equal(use.server, cases[i].server);
		assert_string_equal(use.permit, cases[i].permit);
		assert_false(sp_postfix_next_policy(&rest, &use));
	}
}

static void each_policy_service_is_found(void **state)
{
	const char *rest = "check_policy_service unix:a, permit, check_policy_service unix:b";
	struct sp_postfix_policy use;

	(void)state;
	assert_true(sp_postfix_next_policy(&rest, &use));
	assert_string_equal(use.server, "unix:a");
	assert_true(sp_postfix_next_policy(&rest, &use));
	assert_string_equal(use.server, "unix:b");
	assert_string_equal(use.permit, "permit");
	assert_false(sp_postfix_next_policy(&rest, &use));
}

static void words_of_a_list_are_whole(void **state)
{
	(void)state;
	assert_true(sp_postfix_lists("noanonymous, noplaintext", "noplaintext"));
	assert_false(sp_postfix_lists("noanonymous", "noanon"));
	assert_false(sp_postfix_lists("", "noanonymous"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lines_are_cut_at_their_first_equals_sign),
	    cmocka_unit_test(a_sasl_file_is_read_as_libsasl2_reads_it),
	    cmocka_unit_test(words_of_a_sasl_option_are_found_in_any_case),
	    cmocka_unit_test(too_many_sasl_options_are_refused),
	    cmocka_unit_test(a_service_has_its_own_values_or_those_of_main_cf),
	    cmocka_unit_test(an_old_postfix_has_services_in_its_chroot),
	    cmocka_unit_test(a_policy_service_is_found_behind_what_permits),
	    cmocka_unit_test(each_policy_service_is_found),
	    cmocka_unit_test(words_of_a_list_are_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
