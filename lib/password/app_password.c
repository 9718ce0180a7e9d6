/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/password/app_password.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/random.h>

#include "lib/base/password_shape.h"
#include "lib/password/check_symbols.h"

#define SYMBOLS_MAX SP_STANDARD_SYMBOLS
#define GROUP       4 /* symbols between dashes */
/* Longer input is no app password, whatever dashes and spaces it has. */
#define TYPED_MAX 128

static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";

static const struct form {
	size_t id, secret, check;
} forms[] = {
    [SP_FORM_STANDARD] = {8, 18, 2},
    [SP_FORM_COMPACT] = {5, 10, 1},
};
#define FORM_COUNT (sizeof(forms) / sizeof(forms[0]))

static size_t total(const struct form *form)
{
	return form->id + form->secret + form->check;
}

/* The symbol a typed character stands for, -1 for none. */
static int symbol_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		c = (char)(c - 'A' + 'a');
	if (c == 'o')
		c = '0';
	if (c == 'i' || c == 'l')
		c = '1';
	const char *at = c != '\0' ? strchr(alphabet, c) : NULL;
	return at != NULL ? (int)(at - alphabet) : -1;
}

static bool fill_random(uint8_t *bytes, size_t length)
{
	size_t filled = 0;

	while (filled < length) {
		ssize_t got = getrandom(bytes + filled, length - filled, 0);
		if (got < 0 && errno != EINTR)
			return false;
		if (got > 0)
			filled += (size_t)got;
	}
	return true;
}

/* Id and secret of a word whose check symbols are right. */
static void take_word(
    const uint8_t *word, enum sp_password_form form, struct sp_app_password *password_r)
{
	size_t data = forms[form].id + forms[form].secret;

	password_r->form = form;
	for (size_t i = 0; i < data; i++)
		password_r->secret.bytes[i] = alphabet[word[i]];
	password_r->secret.length = data;
	memcpy(password_r->id, password_r->secret.bytes, forms[form].id);
}

bool sp_app_password_generate(enum sp_password_form form, struct sp_app_password *password_r)
{
	uint8_t word[SYMBOLS_MAX] = {0};
	size_t data = forms[form].id + forms[form].secret;

	sp_app_password_wipe(password_r);
	bool ok = fill_random(word, data);
	if (ok) {
		for (size_t i = 0; i < data; i++)
			word[i] &= 31; /* 256 is a multiple of 32: no bias */
		sp_check_symbols_set(word, total(&forms[form]), forms[form].check);
		take_word(word, form, password_r);
	}
	explicit_bzero(word, sizeof(word));
	return ok;
}

/* Reads the symbols, without dashes and spaces. 0 if there are none, too many, or other characters.
 */
static size_t read_symbols(const char *text, size_t length, uint8_t word_r[SYMBOLS_MAX])
{
	size_t count = 0;

	if (length > TYPED_MAX)
		return 0;
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '-' || text[i] == ' ')
			continue;
		int symbol = symbol_of(text[i]);
		if (symbol < 0 || count == SYMBOLS_MAX)
			return 0;
		word_r[count++] = (uint8_t)symbol;
	}
	return count;
}

bool sp_app_password_parse(const char *text, size_t length, struct sp_app_password *password_r)
{
	uint8_t word[SYMBOLS_MAX] = {0};
	bool ok = false;

	sp_app_password_wipe(password_r);
	size_t count = read_symbols(text, length, word);
	for (size_t i = 0; i < FORM_COUNT && !ok; i++) {
		if (count != total(&forms[i]))
			continue;
		ok = sp_check_symbols_hold(word, count, forms[i].check);
		if (ok)
			take_word(word, (enum sp_password_form)i, password_r);
	}
	explicit_bzero(word, sizeof(word));
	return ok;
}

void sp_app_password_print(const struct sp_app_password *password, struct sp_secret *text_r)
{
	const struct form *form = &forms[password->form];
	uint8_t word[SYMBOLS_MAX] = {0};

	sp_secret_wipe(text_r);
	for (size_t i = 0; i < password->secret.length; i++)
		word[i] = (uint8_t)symbol_of(password->secret.bytes[i]);
	sp_check_symbols_set(word, total(form), form->check);
	for (size_t i = 0; i < total(form); i++) {
		if (i > 0 && i % GROUP == 0)
			text_r->bytes[text_r->length++] = '-';
		text_r->bytes[text_r->length++] = alphabet[word[i]];
	}
	explicit_bzero(word, sizeof(word));
}

bool sp_credential_id_is_valid(const char *text)
{
	size_t length = strlen(text);

	for (size_t i = 0; i < FORM_COUNT; i++) {
		if (length == forms[i].id)
			return strspn(text, alphabet) == length;
	}
	return false;
}

void sp_app_password_wipe(struct sp_app_password *password)
{
	explicit_bzero(password, sizeof(*password));
}
