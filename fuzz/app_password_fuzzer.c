/* SPDX-License-Identifier: BSD-2-Clause */
/* App passwords as people type them, and as they are made: what is typed wrong is no other. */
#include "fuzz/fuzz.h"
#include "lib/base/password_shape.h"
#include "lib/password/app_password.h"

static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";

static bool is_password(const char *text)
{
	struct sp_app_password password;

	return sp_app_password_parse(text, strlen(text), &password);
}

static char other(char symbol)
{
	return alphabet[((size_t)(strchr(alphabet, symbol) - alphabet) + 1) % 32];
}

/* One wrong symbol, and with two check symbols any two wrong ones. */
static void hold_wrong_symbols(enum sp_password_form form, char *text)
{
	for (size_t i = 0; text[i] != '\0'; i++) {
		char right = text[i];
		if (right == '-')
			continue;
		text[i] = other(right);
		FUZZ_PROMISE(!is_password(text));
		for (size_t j = i + 1; form == SP_FORM_STANDARD && text[j] != '\0'; j++) {
			char second = text[j];
			text[j] = second != '-' ? other(second) : second;
			FUZZ_PROMISE(!is_password(text));
			text[j] = second;
		}
		text[i] = right;
	}
}

static void hold_swapped_neighbours(char *text)
{
	for (size_t i = 0; text[i + 1] != '\0'; i++) {
		char first = text[i], second = text[i + 1];
		if (first == '-' || second == '-' || first == second)
			continue;
		text[i] = second;
		text[i + 1] = first;
		FUZZ_PROMISE(!is_password(text));
		text[i] = first;
		text[i + 1] = second;
	}
}

static void hold_password(const struct sp_app_password *password)
{
	size_t symbols = password->form == SP_FORM_STANDARD ? 26 : 15;
	size_t id = password->form == SP_FORM_STANDARD ? 8 : 5;
	struct sp_app_password again;
	struct sp_secret text;

	FUZZ_PROMISE(password->secret.length == symbols);
	FUZZ_PROMISE(strspn(password->secret.bytes, alphabet) == symbols);
	FUZZ_PROMISE(strlen(password->id) == id && sp_credential_id_is_valid(password->id));
	FUZZ_PROMISE(strncmp(password->secret.bytes, password->id, id) == 0);
	sp_app_password_print(password, &text);
	FUZZ_PROMISE(sp_is_written_as_app_password(text.bytes));
	FUZZ_PROMISE(sp_app_password_parse(text.bytes, text.length, &again));
	FUZZ_PROMISE(again.form == password->form && strcmp(again.id, password->id) == 0);
	FUZZ_PROMISE(strcmp(again.secret.bytes, password->secret.bytes) == 0);
	hold_wrong_symbols(password->form, text.bytes);
	hold_swapped_neighbours(text.bytes);
}

/* One of whatever symbols: its form from the first byte, a symbol from each other. */
static void make(const uint8_t *data, size_t size)
{
	struct sp_app_password password = {.form = data[0] & 1};
	size_t symbols = password.form == SP_FORM_STANDARD ? 26 : 15;
	size_t id = password.form == SP_FORM_STANDARD ? 8 : 5;

	if (size <= symbols)
		return;
	for (size_t i = 0; i < symbols; i++)
		password.secret.bytes[i] = alphabet[data[1 + i] & 31];
	password.secret.length = symbols;
	memcpy(password.id, password.secret.bytes, id);
	hold_password(&password);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct sp_app_password wiped;
	struct sp_app_password password;
	char *text = fuzz_text(data, size);

	if (sp_app_password_parse((const char *)data, size, &password)) {
		FUZZ_PROMISE(strlen(text) == size && sp_resembles_app_password(text));
		hold_password(&password);
	} else {
		FUZZ_PROMISE(memcmp(&password, &wiped, sizeof(wiped)) == 0);
	}
	FUZZ_PROMISE(!sp_is_written_as_app_password(text) || sp_resembles_app_password(text));
	if (sp_credential_id_is_valid(text))
		FUZZ_PROMISE(strlen(text) <= SP_ID_MAX);
	if (size > 0)
		make(data, size);
	free(text);
	return 0;
}
