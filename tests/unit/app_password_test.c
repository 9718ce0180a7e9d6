/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/password_shape.h"
#include "lib/password/app_password.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ALPHABET     "0123456789abcdefghjkmnpqrstvwxyz"
#define SYMBOLS_MAX  28
#define ROUNDS       100

static const struct {
	enum sp_password_form form;
	size_t id, data, symbols;
} forms[] = {
    {SP_FORM_STANDARD, 8, 26, 28},
    {SP_FORM_COMPACT, 5, 15, 16},
};

/* A new one's symbols, without dashes. */
static void new_symbols(enum sp_password_form form, char symbols_r[SYMBOLS_MAX + 1])
{
	struct sp_app_password password;
	struct sp_secret text;
	size_t count = 0;

	assert_true(sp_app_password_generate(form, &password));
	sp_app_password_print(&password, &text);
	for (size_t i = 0; i < text.length; i++) {
		if (text.bytes[i] != '-')
			symbols_r[count++] = text.bytes[i];
	}
	symbols_r[count] = '\0';
}

static void what_is_generated_prints_and_parses_as_the_same(void **state)
{
	(void)state;
	for (size_t f = 0; f < COUNT(forms); f++) {
		for (int round = 0; round < ROUNDS; round++) {
			struct sp_app_password made, read;
			struct sp_secret text;

			assert_true(sp_app_password_generate(forms[f].form, &made));
			assert_int_equal(made.form, forms[f].form);
			assert_int_equal(strlen(made.id), forms[f].id);
			assert_true(sp_credential_id_is_valid(made.id));
			assert_int_equal(made.secret.length, forms[f].data);
			assert_memory_equal(made.secret.bytes, made.id, forms[f].id);
			assert_int_equal(strspn(made.secret.bytes, ALPHABET), forms[f].data);

			sp_app_password_print(&made, &text);
			assert_int_equal(strlen(text.bytes), text.length);
			assert_int_equal(text.length, forms[f].symbols + forms[f].symbols / 4 - 1);
			for (size_t i = 0; i < text.length; i++)
				assert_int_equal(text.bytes[i] == '-', i % 5 == 4);
			assert_true(sp_app_password_parse(text.bytes, text.length, &read));
			assert_memory_equal(&read, &made, sizeof(made));
		}
	}
}

/* Made with tables of the field's powers, which this code has not. */
static void known_passwords_parse(void **state)
{
	static const struct {
		const char *text, *id, *secret;
		enum sp_password_form form;
	} known[] = {
	    {"k7qf-2m9x-4d1h-w8s6-t0ya-b3ne-zcfr", "k7qf2m9x", "k7qf2m9x4d1hw8s6t0yab3nezc",
		SP_FORM_STANDARD},
	    {"0123-4567-89ab-cdef-ghjk-mnpq-rsct", "01234567", "0123456789abcdefghjkmnpqrs",
		SP_FORM_STANDARD},
	    {"zyxw-vtsr-qpnm-kjhh", "zyxwv", "zyxwvtsrqpnmkjh", SP_FORM_COMPACT},
	    {"0000-0000-0000-00zv", "00000", "00000000000000z", SP_FORM_COMPACT},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(known); i++) {
		struct sp_app_password password;
		assert_true(sp_app_password_parse(known[i].text, strlen(known[i].text), &password));
		assert_int_equal(password.form, known[i].form);
		assert_string_equal(password.id, known[i].id);
		assert_string_equal(password.secret.bytes, known[i].secret);
		assert_int_equal(password.secret.length, strlen(known[i].secret));
	}
}

/* ---- ids, and what resembles a password ---- */

static void ids_are_told_from_everything_else(void **state)
{
	static const struct {
		const char *text;
		bool valid;
	} cases[] = {
	    {"k7qf2m9x", true},
	    {"00000", true},
	    {"zzzzz", true},
	    {"", false},
	    {"k7qf", false},
	    {"k7qf2m", false},
	    {"k7qf2m9", false},
	    {"k7qf2m9xa", false},
	    {"K7QF2M9X", false},
	    {"k7qf-2m9x", false},
	    {"k7qf2m9i", false},
	    {"k7qf2m9l", false},
	    {"k7qf2m9o", false},
	    {"k7qf2m9u", false},
	    {"k7qf2m9*", false},
	    {"k7qf2m9\n", false},
	    {"k7qf2m9\xc3", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		if (sp_credential_id_is_valid(cases[i].text) != cases[i].valid)
			fail_msg("%s", cases[i].text);
	}
}

static void what_has_the_shape_of_a_password_resembles_one(void **state)
{
	static const struct {
		const char *text;
		bool resembles;
	} cases[] = {
	    {"k7qf-2m9x-4d1h-w8s6-t0ya-b3ne-zc5r", true},
	    {"K7QF2M9X4D1HW8S6T0YAB3NEZZZZ", true},
	    {"oil0 oil0 oil0 oil0", true},
	    {"alice", false},
	    {"alice@example.org", false},
	    {"", false},
	    {"k7qf2m9x", false},
	    {"k7qf-2m9x-4d1h-w8s6-t0ya-b3ne-zc5", false},
	    {"k7qf-2m9x-4d1h-w8s6-t0ya-b3ne-zc5r0", false},
	};
	char symbols[SYMBOLS_MAX + 1];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		if (sp_resembles_app_password(cases[i].text) != cases[i].resembles)
			fail_msg("%s", cases[i].text);
	}
	for (size_t f = 0; f < COUNT(forms); f++) {
		new_symbols(forms[f].form, symbols);
		assert_true(sp_resembles_app_password(symbols));
	}
}

static void no_two_of_a_thousand_are_alike(void **state)
{
	static char seen[1000][SYMBOLS_MAX + 1];

	(void)state;
	for (size_t i = 0; i < COUNT(seen); i++) {
		new_symbols(SP_FORM_STANDARD, seen[i]);
		for (size_t other = 0; other < i; other++)
			assert_string_not_equal(seen[i], seen[other]);
	}
}

/* Each symbol is meant to come 3125 times; 6 standard deviations are 330. */
static void all_symbols_come_equally_often(void **state)
{
	unsigned seen[32] = {0};

	(void)state;
	for (int round = 0; round < 100000 / 25; round++) {
		struct sp_app_password password;
		assert_true(sp_app_password_generate(SP_FORM_STANDARD, &password));
		for (size_t i = 0; i < 25; i++)
			seen[strchr(ALPHABET, password.secret.bytes[i]) - ALPHABET]++;
	}
	for (size_t i = 0; i < COUNT(seen); i++)
		assert_in_range(seen[i], 3125 - 330, 3125 + 330);
}

static void what_is_written_in_groups_is_known_as_mistyped(void **state)
{
	static const struct {
		const char *text;
		bool written;
	} cases[] = {
	    {"k7qf-2m9x-4d1h-w8s6-t0ya-b3ne-zc5r", true},
	    {"K7QF-2m9x-4d1h-w8s6", true},
	    {"k7qf2m9x4d1hw8s6t0yab3nezc5r", false}, /* may be anybody's password */
	    {"k7qf-2m9x-4d1h-w8s6-t0ya-b3ne", false},
	    {"k7qf-2m9x-4d1h-w8s6-", false},
	    {"k7qf-2m9x-4d1h--w8s", false},
	    {"k7q-f2m9x-4d1h-w8s6", false},
	    {"k7qf 2m9x 4d1h w8s6", false},
	    {"k7uf-2m9x-4d1h-w8s6", false},
	    {"-", false},
	    {"", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (sp_is_written_as_app_password(cases[i].text) != cases[i].written)
			fail_msg("%s", cases[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_generated_prints_and_parses_as_the_same),
	    cmocka_unit_test(known_passwords_parse),
	    cmocka_unit_test(ids_are_told_from_everything_else),
	    cmocka_unit_test(what_has_the_shape_of_a_password_resembles_one),
	    cmocka_unit_test(what_is_written_in_groups_is_known_as_mistyped),
	    cmocka_unit_test(no_two_of_a_thousand_are_alike),
	    cmocka_unit_test(all_symbols_come_equally_often),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
