/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/base64.h"
#include "lib/wire/sasl_message.h"

#define COUNT(array)  (sizeof(array) / sizeof((array)[0]))
#define MESSAGE(text) .message = (text), .length = sizeof(text) - 1

static void encode(const char *message, size_t length, struct sp_secret *base64_r)
{
	assert_true(sp_base64_encode(
	    message, length, SP_BASE64_PADDED, base64_r->bytes, sizeof(base64_r->bytes)));
	base64_r->length = strlen(base64_r->bytes);
}

static enum sp_sasl_status parse(const char *message, size_t length, char login_r[SP_LOGIN_MAX + 1],
    struct sp_secret *password_r)
{
	struct sp_secret base64;

	memset(login_r, 'x', SP_LOGIN_MAX + 1);
	assert_true(sp_secret_set(password_r, "stale", 5));
	encode(message, length, &base64);
	return sp_sasl_plain_parse(&base64, login_r, password_r);
}

static const struct {
	const char *name;
	const char *message;
	size_t length;
	enum sp_sasl_status status;
	const char *login;
	const char *password;
} plain_messages[] = {
    {"no authzid", MESSAGE("\0bob\0secret"), SP_SASL_OK, "bob", "secret"},
    {"authzid is the login", MESSAGE("bob\0bob\0secret"), SP_SASL_OK, "bob", "secret"},
    {"one byte each", MESSAGE("\0b\0s"), SP_SASL_OK, "b", "s"},
    {"UTF-8 and spaces", MESSAGE("\0j\xc3\xbcrg x\0a b\xc3\xa9"), SP_SASL_OK, "j\xc3\xbcrg x",
	"a b\xc3\xa9"},
    {"foreign authzid", MESSAGE("root\0bob\0secret"), SP_SASL_FOREIGN_ID, "", ""},
    {"authzid begins with the login", MESSAGE("bobby\0bob\0secret"), SP_SASL_FOREIGN_ID, "", ""},
    {"login begins with the authzid", MESSAGE("bo\0bob\0secret"), SP_SASL_FOREIGN_ID, "", ""},
    {"authzid in other case", MESSAGE("Bob\0bob\0secret"), SP_SASL_FOREIGN_ID, "", ""},
    {"nothing", MESSAGE(""), SP_SASL_BAD, "", ""},
    {"one NUL", MESSAGE("\0"), SP_SASL_BAD, "", ""},
    {"two NULs", MESSAGE("\0\0"), SP_SASL_BAD, "", ""},
    {"no NUL", MESSAGE("bob"), SP_SASL_BAD, "", ""},
    {"no password field", MESSAGE("\0bob"), SP_SASL_BAD, "", ""},
    {"empty password", MESSAGE("\0bob\0"), SP_SASL_BAD, "", ""},
    {"empty login", MESSAGE("\0\0secret"), SP_SASL_BAD, "", ""},
    {"empty login with authzid", MESSAGE("bob\0\0secret"), SP_SASL_BAD, "", ""},
    {"password begins with NUL", MESSAGE("\0bob\0\0secret"), SP_SASL_BAD, "", ""},
    {"NUL inside the password", MESSAGE("\0bob\0sec\0ret"), SP_SASL_BAD, "", ""},
    {"NUL behind the password", MESSAGE("\0bob\0secret\0"), SP_SASL_BAD, "", ""},
    {"NUL and a foreign authzid", MESSAGE("root\0bob\0sec\0ret"), SP_SASL_BAD, "", ""},
};

static void plain_is_read_by_the_letter(void **state)
{
	char login[SP_LOGIN_MAX + 1];
	struct sp_secret password;

	(void)state;
	for (size_t i = 0; i < COUNT(plain_messages); i++) {
		print_message("  %s\n", plain_messages[i].name);
		assert_int_equal(
		    parse(plain_messages[i].message, plain_messages[i].length, login, &password),
		    plain_messages[i].status);
		assert_string_equal(login, plain_messages[i].login);
		assert_string_equal(password.bytes, plain_messages[i].password);
		assert_int_equal(password.length, strlen(plain_messages[i].password));
	}
}

static void plain_parts_at_their_limit_pass_and_one_byte_more_is_refused(void **state)
{
	static const struct {
		const char *name;
		size_t login, password;
		enum sp_sasl_status status;
	} cases[] = {
	    {"both at the limit", SP_LOGIN_MAX, SP_PASSWORD_MAX, SP_SASL_OK},
	    {"login over it", SP_LOGIN_MAX + 1, 1, SP_SASL_BAD},
	    {"password over it", 1, SP_PASSWORD_MAX + 1, SP_SASL_BAD},
	};
	char message[SP_SECRET_MAX], login[SP_LOGIN_MAX + 1];
	struct sp_secret password;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		print_message("  %s\n", cases[i].name);
		for (int authzid = 0; authzid < 2; authzid++) {
			size_t length = authzid ? cases[i].login : 0;
			memset(message, 'a', length);
			message[length++] = '\0';
			memset(message + length, 'a', cases[i].login);
			length += cases[i].login;
			message[length++] = '\0';
			memset(message + length, 'p', cases[i].password);
			length += cases[i].password;
			assert_int_equal(parse(message, length, login, &password), cases[i].status);
		}
	}
}

static void a_plain_message_cut_anywhere_is_never_taken_for_more(void **state)
{
	static const char message[] = "bob\0bob\0secret";
	char login[SP_LOGIN_MAX + 1];
	struct sp_secret password;

	(void)state;
	for (size_t length = 0; length < sizeof(message) - 1; length++) {
		enum sp_sasl_status status = parse(message, length, login, &password);
		if (length <= 8) {
			assert_int_equal(status, SP_SASL_BAD);
			continue;
		}
		assert_int_equal(status, SP_SASL_OK);
		assert_int_equal(password.length, length - 8);
		assert_memory_equal(password.bytes, "secret", length - 8);
	}
}

static const char *const not_base64[] = {"=", "====", "A", "AG", "AGE", "AGEAYg",
    "AGEAYg=", "AGEAYg===", "AGEAYh==", "AGEA Yg==", "AGEAYg==\r", "AGEAYg==AGEA",
    "AGEA\tYg==", "-GEAYg==", "\xc3\xa9\xc3\xa9"};

static void what_is_not_base64_is_refused(void **state)
{
	char login[SP_LOGIN_MAX + 1];
	struct sp_secret base64, password;

	(void)state;
	for (size_t i = 0; i < COUNT(not_base64); i++) {
		print_message("  \"%s\"\n", not_base64[i]);
		assert_true(sp_secret_set(&base64, not_base64[i], strlen(not_base64[i])));
		assert_int_equal(sp_sasl_plain_parse(&base64, login, &password), SP_SASL_BAD);
		assert_string_equal(login, "");
		assert_int_equal(password.length, 0);
		assert_false(sp_sasl_login_parse(&base64, &password));
		assert_int_equal(password.length, 0);
	}
}

static void what_plain_prints_it_reads_back(void **state)
{
	char long_login[SP_LOGIN_MAX + 2] = {0}, long_password[SP_PASSWORD_MAX + 2] = {0};
	char login[SP_LOGIN_MAX + 1];
	struct sp_secret base64, password, back;

	(void)state;
	memset(long_login, 'l', SP_LOGIN_MAX);
	memset(long_password, 'p', SP_PASSWORD_MAX);
	const char *const logins[] = {"b", "bob@example.org", "j\xc3\xbcrg", long_login};
	const char *const passwords[] = {"p", "k7qf-2m9x", "\x01\x7f\xff", long_password};
	for (size_t i = 0; i < COUNT(logins); i++) {
		for (size_t j = 0; j < COUNT(passwords); j++) {
			assert_true(sp_secret_set(&password, passwords[j], strlen(passwords[j])));
			assert_true(sp_sasl_plain_print(logins[i], &password, &base64));
			assert_int_equal(base64.length, strlen(base64.bytes));
			assert_int_equal(sp_sasl_plain_parse(&base64, login, &back), SP_SASL_OK);
			assert_string_equal(login, logins[i]);
			assert_string_equal(back.bytes, passwords[j]);
		}
	}
	long_password[SP_PASSWORD_MAX] = 'p';
	assert_true(sp_secret_set(&password, long_password, SP_PASSWORD_MAX + 1));
	assert_false(sp_sasl_plain_print("bob", &password, &base64));
	assert_int_equal(base64.length, 0);
	long_login[SP_LOGIN_MAX] = 'l';
	assert_true(sp_secret_set(&password, "p", 1));
	assert_false(sp_sasl_plain_print(long_login, &password, &base64));
	assert_int_equal(base64.length, 0);
}

static const struct {
	const char *name;
	const char *message;
	size_t length;
	bool good;
} login_fields[] = {
    {"a word", MESSAGE("bob"), true},
    {"nothing", MESSAGE(""), true},
    {"control bytes but NUL", MESSAGE("\001\t\r\n\177"), true},
    {"NUL alone", MESSAGE("\0"), false},
    {"NUL in front", MESSAGE("\0bob"), false},
    {"NUL inside", MESSAGE("b\0b"), false},
    {"NUL behind", MESSAGE("bob\0"), false},
};

static void a_field_of_login_is_text_without_nul(void **state)
{
	struct sp_secret base64, field;

	(void)state;
	for (size_t i = 0; i < COUNT(login_fields); i++) {
		print_message("  %s\n", login_fields[i].name);
		encode(login_fields[i].message, login_fields[i].length, &base64);
		assert_int_equal(sp_sasl_login_parse(&base64, &field), login_fields[i].good);
		assert_string_equal(
		    field.bytes, login_fields[i].good ? login_fields[i].message : "");
		assert_int_equal(field.length, strlen(field.bytes));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(plain_is_read_by_the_letter),
	    cmocka_unit_test(plain_parts_at_their_limit_pass_and_one_byte_more_is_refused),
	    cmocka_unit_test(a_plain_message_cut_anywhere_is_never_taken_for_more),
	    cmocka_unit_test(what_is_not_base64_is_refused),
	    cmocka_unit_test(what_plain_prints_it_reads_back),
	    cmocka_unit_test(a_field_of_login_is_text_without_nul),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
