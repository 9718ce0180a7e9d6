/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/wire/sasl_message.h"

#include <string.h>

#include "lib/base/base64.h"

/* authzid NUL authcid NUL passwd, with all three at their limits. */
#define PLAIN_MAX (SP_LOGIN_MAX + 1 + SP_LOGIN_MAX + 1 + SP_PASSWORD_MAX)
_Static_assert(SP_BASE64_SIZE(PLAIN_MAX) <= SP_SECRET_MAX + 1, "a PLAIN message is a secret");

static enum sp_sasl_status read_plain(const char *message, size_t length,
    char login_r[SP_LOGIN_MAX + 1], struct sp_secret *password_r)
{
	const char *end = message + length;
	const char *zero = memchr(message, '\0', length);
	if (zero == NULL)
		return SP_SASL_BAD;
	const char *login = zero + 1;
	size_t authzid_length = (size_t)(zero - message);

	zero = memchr(login, '\0', (size_t)(end - login));
	if (zero == NULL)
		return SP_SASL_BAD;
	const char *password = zero + 1;
	size_t login_length = (size_t)(zero - login), password_length = (size_t)(end - password);

	if (login_length == 0 || login_length > SP_LOGIN_MAX || password_length == 0 ||
	    password_length > SP_PASSWORD_MAX)
		return SP_SASL_BAD;
	if (!sp_secret_set(password_r, password, password_length))
		return SP_SASL_BAD;
	if (authzid_length != 0 &&
	    (authzid_length != login_length || memcmp(message, login, login_length) != 0)) {
		sp_secret_wipe(password_r);
		return SP_SASL_FOREIGN_ID;
	}
	memcpy(login_r, login, login_length + 1);
	return SP_SASL_OK;
}

enum sp_sasl_status sp_sasl_plain_parse(
    const struct sp_secret *base64, char login_r[SP_LOGIN_MAX + 1], struct sp_secret *password_r)
{
	char message[PLAIN_MAX];
	size_t length;
	enum sp_sasl_status status = SP_SASL_BAD;

	login_r[0] = '\0';
	sp_secret_wipe(password_r);
	if (sp_base64_decode(
		base64->bytes, base64->length, SP_BASE64_PADDED, message, sizeof(message), &length))
		status = read_plain(message, length, login_r, password_r);
	explicit_bzero(message, sizeof(message));
	return status;
}

bool sp_sasl_plain_print(
    const char *login, const struct sp_secret *password, struct sp_secret *base64_r)
{
	char message[1 + SP_LOGIN_MAX + 1 + SP_PASSWORD_MAX] = {0};
	size_t login_length = strlen(login);

	sp_secret_wipe(base64_r);
	if (login_length > SP_LOGIN_MAX || password->length > SP_PASSWORD_MAX)
		return false;
	size_t length = 1 + login_length + 1 + password->length;
	memcpy(message + 1, login, login_length);
	memcpy(message + 1 + login_length + 1, password->bytes, password->length);
	bool fits = sp_base64_encode(
	    message, length, SP_BASE64_PADDED, base64_r->bytes, sizeof(base64_r->bytes));
	base64_r->length = strlen(base64_r->bytes);
	explicit_bzero(message, sizeof(message));
	return fits;
}

bool sp_sasl_login_parse(const struct sp_secret *base64, struct sp_secret *field_r)
{
	size_t length;

	sp_secret_wipe(field_r);
	if (!sp_base64_decode(base64->bytes, base64->length, SP_BASE64_PADDED, field_r->bytes,
		SP_SECRET_MAX, &length) ||
	    memchr(field_r->bytes, '\0', length) != NULL) {
		sp_secret_wipe(field_r);
		return false;
	}
	field_r->bytes[length] = '\0';
	field_r->length = length;
	return true;
}
