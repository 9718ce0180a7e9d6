/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/policy/attempt.h"
#include "tests/unit/fake_directory.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct sp_secret right;
static const struct sp_attempt_rules none_but_ours; /* no whole passwords */

static int make_password(void **state)
{
	struct sp_app_password password;

	(void)state;
	if (!sp_app_password_generate(SP_FORM_STANDARD, &password))
		return -1;
	sp_app_password_print(&password, &right);
	return 0;
}

static void assert_no_secret(const struct sp_attempt *attempt)
{
	static const struct sp_attempt empty;

	assert_memory_equal(
	    &attempt->request.password, &empty.request.password, sizeof(struct sp_secret));
	assert_memory_equal(&attempt->parsed, &empty.parsed, sizeof(empty.parsed));
}

static void assert_malformed(const char *login, const struct sp_secret *password)
{
	struct sp_attempt attempt = {.request.password = *password};

	memcpy(attempt.request.login, login, strlen(login) + 1);
	assert_int_equal(sp_attempt_parse(&attempt, &none_but_ours, 0), SP_STEP_DONE);
	assert_int_equal(attempt.reason, SP_REASON_MALFORMED);
	assert_non_null(attempt.detail);
	assert_no_secret(&attempt);
	sp_attempt_clear(&attempt);
}

static void logins_that_are_no_printable_text_are_malformed(void **state)
{
	static const char *const logins[] = {"", "al\nice", "alice\x1b", "al\tice", "\x7f",
	    "B\xfcro", "\xc3", "\xed\xa0\x80", "\xc2\x9b"};

	(void)state;
	for (size_t i = 0; i < COUNT(logins); i++)
		assert_malformed(logins[i], &right);
}

static void passwords_that_are_none_are_malformed(void **state)
{
	char much[SP_PASSWORD_MAX + 1];
	struct sp_secret password = {0};

	(void)state;
	assert_malformed("alice", &password);
	memset(much, ' ', sizeof(much));
	assert_true(sp_secret_set(&password, much, sizeof(much)));
	assert_malformed("alice", &password);
	/* one check symbol less, or another one */
	password = right;
	password.bytes[--password.length] = '\0';
	assert_malformed("alice", &password);
	password = right;
	char *last = &password.bytes[password.length - 1];
	*last = *last == '0' ? '1' : '0';
	assert_malformed("alice", &password);
}

static void what_the_door_could_not_read_is_malformed_whatever_else_is_right(void **state)
{
	struct sp_attempt attempt = {.request.login = "alice", .request.malformed = "not base64"};

	(void)state;
	attempt.request.password = right;
	assert_int_equal(sp_attempt_parse(&attempt, &none_but_ours, 0), SP_STEP_DONE);
	assert_int_equal(attempt.reason, SP_REASON_MALFORMED);
	assert_string_equal(attempt.detail, "not base64");
	assert_no_secret(&attempt);
}

static void a_login_reaches_the_directory_as_it_is(void **state)
{
	static const char *const logins[] = {
	    "*)(uid=*", "alice@example.org", " alice ", "J\xc3\xbcrg", "a\\b", "%u"};
	struct sp_credential other = {.id = "00000000"};

	(void)state;
	for (size_t i = 0; i < COUNT(logins); i++) {
		struct sp_attempt attempt = {.request.password = right};
		struct fake_directory fake;

		fake_directory_init(&fake);
		fake.credential = &other;
		memcpy(attempt.request.login, logins[i], strlen(logins[i]) + 1);
		assert_int_equal(sp_attempt_parse(&attempt, &none_but_ours, 0), SP_STEP_DIRECTORY);
		assert_int_equal(attempt.request.password.length, 0);
		assert_int_equal(attempt.reason, SP_REASON_INTERNAL);
		assert_int_equal(
		    sp_attempt_look_up(&attempt, &fake.base, &none_but_ours, 0), SP_STEP_DONE);
		assert_int_equal(attempt.reason, SP_REASON_NO_CREDENTIAL);
		assert_string_equal(fake.asked_login, logins[i]);
		assert_no_secret(&attempt);
		sp_attempt_clear(&attempt);
	}
}

static void a_cleared_attempt_is_all_zero(void **state)
{
	static const struct sp_attempt empty;
	struct sp_attempt attempt = {.request.login = "alice"};

	(void)state;
	attempt.request.password = right;
	assert_int_equal(sp_attempt_parse(&attempt, &none_but_ours, 0), SP_STEP_DIRECTORY);
	sp_attempt_clear(&attempt);
	assert_memory_equal(&attempt, &empty, sizeof(empty));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(logins_that_are_no_printable_text_are_malformed),
	    cmocka_unit_test(passwords_that_are_none_are_malformed),
	    cmocka_unit_test(what_the_door_could_not_read_is_malformed_whatever_else_is_right),
	    cmocka_unit_test(a_login_reaches_the_directory_as_it_is),
	    cmocka_unit_test(a_cleared_attempt_is_all_zero),
	};

	return cmocka_run_group_tests(tests, make_password, NULL);
}
