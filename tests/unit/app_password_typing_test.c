/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

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

static void assert_wiped(const struct sp_app_password *password)
{
	static const struct sp_app_password empty;

	assert_memory_equal(password, &empty, sizeof(empty));
}

static bool parses(const char *text)
{
	struct sp_app_password password;

	memset(&password, 'x', sizeof(password));
	bool ok = sp_app_password_parse(text, strlen(text), &password);
	if (!ok)
		assert_wiped(&password);
	return ok;
}

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

static void every_single_symbol_error_is_caught(void **state)
{
	char symbols[SYMBOLS_MAX + 1];

	(void)state;
	for (size_t f = 0; f < COUNT(forms); f++) {
		for (int round = 0; round < ROUNDS; round++) {
			new_symbols(forms[f].form, symbols);
			assert_int_equal(strlen(symbols), forms[f].symbols);
			assert_true(parses(symbols));
			for (size_t at = 0; at < forms[f].symbols; at++) {
				char right = symbols[at];
				for (const char *wrong = ALPHABET; *wrong != '\0'; wrong++) {
					symbols[at] = *wrong;
					assert_int_equal(parses(symbols), *wrong == right);
				}
				symbols[at] = right;
			}
		}
	}
}

static void every_swap_of_neighbours_is_caught(void **state)
{
	char symbols[SYMBOLS_MAX + 1];

	(void)state;
	for (size_t f = 0; f < COUNT(forms); f++) {
		for (int round = 0; round < ROUNDS; round++) {
			new_symbols(forms[f].form, symbols);
			for (size_t at = 0; at + 1 < forms[f].symbols; at++) {
				char left = symbols[at], right = symbols[at + 1];
				symbols[at] = right;
				symbols[at + 1] = left;
				assert_int_equal(parses(symbols), left == right);
				symbols[at] = left;
				symbols[at + 1] = right;
			}
		}
	}
}

static void any_two_wrong_symbols_of_the_standard_form_are_caught(void **state)
{
	char symbols[SYMBOLS_MAX + 1];

	(void)state;
	srandom(1);
	for (int round = 0; round < 50000; round++) {
		if (round % 500 == 0)
			new_symbols(SP_FORM_STANDARD, symbols);
		size_t first = (size_t)random() % 28;
		size_t second = (first + 1 + (size_t)random() % 27) % 28;
		char one = symbols[first], two = symbols[second];
		do
			symbols[first] = ALPHABET[random() % 32];
		while (symbols[first] == one);
		do
			symbols[second] = ALPHABET[random() % 32];
		while (symbols[second] == two);
		assert_false(parses(symbols));
		symbols[first] = one;
		symbols[second] = two;
	}
}

static void dashes_and_spaces_may_be_anywhere(void **state)
{
	char symbols[SYMBOLS_MAX + 1], typed[SYMBOLS_MAX + 3];

	(void)state;
	for (size_t f = 0; f < COUNT(forms); f++) {
		new_symbols(forms[f].form, symbols);
		for (size_t at = 0; at <= forms[f].symbols; at++) {
			for (int what = 0; what < 3; what++) {
				static const char *const between[] = {"-", " ", "- "};
				memcpy(typed, symbols, at);
				strncpy(typed + at, between[what], 3);
				size_t behind = at + strlen(between[what]);
				memcpy(typed + behind, symbols + at, forms[f].symbols - at + 1);
				assert_true(parses(typed));
			}
		}
	}
}

static void case_and_look_alikes_do_not_matter(void **state)
{
	char symbols[SYMBOLS_MAX + 1], typed[SYMBOLS_MAX + 1];
	static const char *const alike[] = {"0oO", "1iIlL"};

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		struct sp_app_password plain, read;

		new_symbols(round % 2 == 0 ? SP_FORM_STANDARD : SP_FORM_COMPACT, symbols);
		assert_true(sp_app_password_parse(symbols, strlen(symbols), &plain));
		for (size_t i = 0; i <= strlen(symbols); i++) {
			typed[i] = symbols[i];
			if (typed[i] >= 'a')
				typed[i] = (char)(typed[i] - 'a' + 'A');
			for (size_t a = 0; a < COUNT(alike); a++) {
				if (symbols[i] == alike[a][0])
					typed[i] = alike[a][((size_t)round + i) % strlen(alike[a])];
			}
		}
		assert_true(sp_app_password_parse(typed, strlen(typed), &read));
		assert_memory_equal(&read, &plain, sizeof(plain));
	}
}

static void no_other_byte_stands_for_a_symbol(void **state)
{
	static const char allowed[] = "0123456789abcdefghijklmnopqrstvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTVWXYZ- ";
	char symbols[SYMBOLS_MAX + 1];

	(void)state;
	new_symbols(SP_FORM_STANDARD, symbols);
	for (int byte = 0; byte < 256; byte++) {
		struct sp_app_password password;
		if (byte != 0 && strchr(allowed, byte) != NULL)
			continue;
		for (size_t at = 0; at < 28; at++) {
			char right = symbols[at];
			symbols[at] = (char)byte;
			assert_false(sp_app_password_parse(symbols, 28, &password));
			symbols[at] = right;
		}
	}
}

static void other_lengths_are_refused(void **state)
{
	char symbols[200];

	(void)state;
	/* A word of zeros belongs to the code at every length. */
	for (size_t length = 0; length < sizeof(symbols); length++) {
		memset(symbols, '0', sizeof(symbols));
		symbols[length] = '\0';
		assert_int_equal(parses(symbols), length == 16 || length == 28);
	}
}

static void much_white_space_makes_it_no_password(void **state)
{
	char typed[200];

	(void)state;
	memset(typed, ' ', sizeof(typed));
	memset(typed, '0', 28);
	typed[128] = '\0';
	assert_true(parses(typed));
	typed[128] = ' ';
	typed[129] = '\0';
	assert_false(parses(typed));
}

static void mailbox_passwords_are_no_app_passwords(void **state)
{
	static const char *const typed[] = {
	    "",
	    "-",
	    " ",
	    "hunter2",
	    "correct horse battery staple",
	    "k7qf-2m9x-4d1h-w8s6-t0ya-b3ne",
	    "k7qf-2m9x-4d1h-w8s6-t0ya-b3ne-zzzz",
	    "k7qf_2m9x_4d1h_w8s6_t0ya_b3ne_zc5r",
	    "uuuuuuuuuuuuuuuuuuuuuuuuuuuu",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(typed); i++)
		assert_false(parses(typed[i]));
}

static void a_nul_ends_nothing(void **state)
{
	struct sp_app_password password;
	char text[30] = "0000000000000000000000000000";

	(void)state;
	assert_true(sp_app_password_parse(text, 28, &password));
	assert_false(sp_app_password_parse(text, 29, &password));
	assert_wiped(&password);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_single_symbol_error_is_caught),
	    cmocka_unit_test(every_swap_of_neighbours_is_caught),
	    cmocka_unit_test(any_two_wrong_symbols_of_the_standard_form_are_caught),
	    cmocka_unit_test(dashes_and_spaces_may_be_anywhere),
	    cmocka_unit_test(case_and_look_alikes_do_not_matter),
	    cmocka_unit_test(no_other_byte_stands_for_a_symbol),
	    cmocka_unit_test(other_lengths_are_refused),
	    cmocka_unit_test(much_white_space_makes_it_no_password),
	    cmocka_unit_test(mailbox_passwords_are_no_app_passwords),
	    cmocka_unit_test(a_nul_ends_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
