/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * request.h - what a door hands to the verification flow
 */
#ifndef SP_POLICY_REQUEST_H
#define SP_POLICY_REQUEST_H

#include <stdint.h>

#include "lib/base/secret.h"
#include "sendpass/limits.h"

/* Whether the mail client's connection is under TLS, as far as its door knows. */
enum sp_tls { SP_TLS_UNKNOWN = 0, SP_TLS_NO, SP_TLS_YES };

/* What a door knows of the attempt. Unknown strings are empty, unknown ports 0. */
struct sp_attempt_request {
	char login[SP_LOGIN_MAX + 1];
	struct sp_secret password;
	char service[SP_SERVICE_MAX + 1];
	char address[SP_ADDRESS_MAX + 1];
	char mechanism[SP_MECHANISM_MAX + 1];
	uint16_t port;
	enum sp_tls tls;
	/* Static text of a door that could not read what the client sent: the attempt
	 * is then malformed, whatever else is filled in. NULL otherwise. */
	const char *malformed;
};

#endif
