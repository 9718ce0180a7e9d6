/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * policy_client.h - what sendpass-milter asks at the policy door
 *
 * One question for each mailbox of a header, as lib/wire/policy_request.h has it.
 */
#ifndef SP_CLIENT_POLICY_CLIENT_H
#define SP_CLIENT_POLICY_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/client/connection.h"
#include "lib/wire/policy_request.h"
#include "sendpass/attributes.h"
#include "sendpass/limits.h"

/* Strings may be empty, the port 0, where they are not known; but for the last three. */
struct sp_policy_question {
	const char *client_address;
	uint16_t client_port;
	const char *queue_id;
	const char *login;
	const char *header; /* From or Sender */
	const char *mailbox;
};

struct sp_policy_verdict {
	char action[SP_POLICY_REPLY_MAX]; /* never empty */
	char reason[SP_POLICY_NAME_MAX + 1];
	char id[SP_ID_MAX + 1]; /* empty unless one credential alone fits */
};

/* Asks on an open connection, which may be used again for the next question, and
 * whose deadline holds. False, with *why_r static text, if no answer came that can
 * be understood. */
SP_NODISCARD bool sp_policy_client_ask(struct sp_connection *connection,
    const struct sp_policy_question *question, struct sp_policy_verdict *verdict_r,
    const char **why_r);

#endif
