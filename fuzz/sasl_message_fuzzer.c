/* SPDX-License-Identifier: BSD-2-Clause */
/* Responses of PLAIN and LOGIN: read as RFC 4616 has them, and nobody acts as another. */
#include "fuzz/fuzz.h"
#include "lib/base/base64.h"
#include "lib/wire/sasl_message.h"

/* By the RFC's grammar, on a message with a NUL behind it. */
static enum sp_sasl_status expected(const char *message, size_t size)
{
	const char *authzid = message, *end = message + size;
	const char *authcid = authzid + strlen(authzid) + 1;
	if (authcid > end)
		return SP_SASL_BAD;
	const char *password = authcid + strlen(authcid) + 1;
	if (password > end || password + strlen(password) != end)
		return SP_SASL_BAD;
	if (authcid[0] == '\0' || strlen(authcid) > SP_LOGIN_MAX || password[0] == '\0' ||
	    strlen(password) > SP_PASSWORD_MAX)
		return SP_SASL_BAD;
	return authzid[0] == '\0' || strcmp(authzid, authcid) == 0 ? SP_SASL_OK
								   : SP_SASL_FOREIGN_ID;
}

static void hold_plain(const struct sp_secret *base64)
{
	char login[SP_LOGIN_MAX + 1], login_again[SP_LOGIN_MAX + 1];
	struct sp_secret password, printed, password_again;
	enum sp_sasl_status status = sp_sasl_plain_parse(base64, login, &password);

	if (status != SP_SASL_OK) {
		FUZZ_PROMISE(login[0] == '\0' && password.length == 0 && password.bytes[0] == '\0');
		return;
	}
	FUZZ_PROMISE(login[0] != '\0' && strnlen(login, sizeof(login)) <= SP_LOGIN_MAX);
	FUZZ_PROMISE(password.length > 0 && password.length <= SP_PASSWORD_MAX);
	FUZZ_PROMISE(strlen(password.bytes) == password.length);
	FUZZ_PROMISE(sp_sasl_plain_print(login, &password, &printed));
	FUZZ_PROMISE(sp_sasl_plain_parse(&printed, login_again, &password_again) == SP_SASL_OK);
	FUZZ_PROMISE(strcmp(login, login_again) == 0);
	FUZZ_PROMISE(strcmp(password.bytes, password_again.bytes) == 0);
}

static void hold_login(const struct sp_secret *base64)
{
	struct sp_secret field;

	if (sp_sasl_login_parse(base64, &field))
		FUZZ_PROMISE(strlen(field.bytes) == field.length && field.length <= SP_SECRET_MAX);
	else
		FUZZ_PROMISE(field.length == 0 && field.bytes[0] == '\0');
}

/* The bytes as the message, not yet in base64. */
static void hold_message(const uint8_t *data, size_t size)
{
	char message[SP_SECRET_MAX], text[SP_SECRET_MAX + 1], login[SP_LOGIN_MAX + 1];
	struct sp_secret base64, password;

	if (size >= sizeof(message) ||
	    !sp_base64_encode(data, size, SP_BASE64_PADDED, text, sizeof(text)))
		return;
	memcpy(message, data, size);
	message[size] = '\0';
	FUZZ_PROMISE(sp_secret_set(&base64, text, strlen(text)));
	enum sp_sasl_status status = sp_sasl_plain_parse(&base64, login, &password);
	if (size <= 2 * SP_LOGIN_MAX + SP_PASSWORD_MAX + 2)
		FUZZ_PROMISE(status == expected(message, size));
	else
		FUZZ_PROMISE(status == SP_SASL_BAD);
	hold_plain(&base64);
	hold_login(&base64);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sp_secret base64;

	if (sp_secret_set(&base64, (const char *)data, size)) {
		hold_plain(&base64);
		hold_login(&base64);
	} else {
		FUZZ_PROMISE(size > SP_SECRET_MAX || memchr(data, '\0', size) != NULL);
	}
	hold_message(data, size);
	return 0;
}
