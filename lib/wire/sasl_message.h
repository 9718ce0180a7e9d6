/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sasl_message.h - the PLAIN message (RFC 4616) and the fields of LOGIN
 */
#ifndef SP_WIRE_SASL_MESSAGE_H
#define SP_WIRE_SASL_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/secret.h"
#include "sendpass/attributes.h"
#include "sendpass/limits.h"

enum sp_sasl_status {
	SP_SASL_BAD = 0, /* not base64, or not such a message, or a part empty or over its limit */
	SP_SASL_FOREIGN_ID, /* well formed, but asks to act as somebody else */
	SP_SASL_OK,
};

/* Reads base64 of [authzid] NUL authcid NUL passwd. An authzid equal to the
 * authcid is as good as none; another is SP_SASL_FOREIGN_ID. login_r and
 * password_r are filled on SP_SASL_OK and empty otherwise. */
SP_NODISCARD enum sp_sasl_status sp_sasl_plain_parse(
    const struct sp_secret *base64, char login_r[SP_LOGIN_MAX + 1], struct sp_secret *password_r);

/* The base64 PLAIN message without an authzid. False if it does not fit. */
SP_NODISCARD bool sp_sasl_plain_print(
    const char *login, const struct sp_secret *password, struct sp_secret *base64_r);

/* One field of LOGIN: base64 of text without NUL. */
SP_NODISCARD bool sp_sasl_login_parse(const struct sp_secret *base64, struct sp_secret *field_r);

#endif
