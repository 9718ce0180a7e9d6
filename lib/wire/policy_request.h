/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * policy_request.h - Postfix's policy delegation protocol (SMTPD_POLICY_README)
 *
 * A request is lines name=value and an empty line. Bad is: a line without '=',
 * over SP_POLICY_LINE_MAX bytes or with a NUL, an attribute of ours given twice
 * or too long, over SP_POLICY_REQUEST_MAX bytes, neither of the two kinds.
 * Unknown attributes are passed over: each version of Postfix adds some.
 *
 * The kinds are Postfix's, request=smtpd_access_policy, and sendpass-milter's,
 * request=sendpass_header_sender, of which each is about one mailbox: sender=,
 * with sendpass_header= naming the header it stands in. Its answer has more lines than
 * action=: sendpass_reason=, and sendpass_id= where one credential alone fits.
 */
#ifndef SP_WIRE_POLICY_REQUEST_H
#define SP_WIRE_POLICY_REQUEST_H

#include <stddef.h>
#include <stdint.h>

#include "sendpass/attributes.h"
#include "sendpass/limits.h"

#define SP_POLICY_LINE_MAX    2048
#define SP_POLICY_REQUEST_MAX 32768
#define SP_POLICY_NAME_MAX    64 /* bytes of a queue id, an instance, a state */
#define SP_POLICY_REPLY_MAX   512
#define SP_POLICY_HEADER_KIND "sendpass_header_sender"

enum sp_policy_stage {
	SP_POLICY_OTHER = 0, /* CONNECT, EHLO, HELO, VRFY, ETRN */
	SP_POLICY_MAIL,
	SP_POLICY_RCPT,
	SP_POLICY_DATA,
	SP_POLICY_END_OF_MESSAGE,
	SP_POLICY_HEADER, /* the kind of sendpass-milter */
};

/* What is absent is empty or 0. */
struct sp_policy_request {
	enum sp_policy_stage stage;
	char state[SP_POLICY_NAME_MAX + 1];  /* the stage as Postfix names it, or HEADER */
	char header[SP_POLICY_NAME_MAX + 1]; /* From or Sender, at SP_POLICY_HEADER */
	char client_address[SP_ADDRESS_MAX + 1];
	uint16_t client_port;
	char login[SP_LOGIN_MAX + 1]; /* sasl_username */
	char sender[SP_POLICY_LINE_MAX + 1];
	char recipient[SP_POLICY_LINE_MAX + 1]; /* empty for several */
	uint32_t recipient_count;               /* at DATA and END-OF-MESSAGE */
	char instance[SP_POLICY_NAME_MAX + 1];  /* the same for all requests of a message */
	char queue_id[SP_POLICY_NAME_MAX + 1];
};

enum sp_policy_status {
	SP_POLICY_BAD = 0,
	SP_POLICY_PARTIAL,
	SP_POLICY_COMPLETE,
};

/* Reads the request that bytes begin with. SP_POLICY_COMPLETE fills *request_r,
 * and *used_r is its length; with SP_POLICY_BAD *why_r is static text. */
SP_NODISCARD enum sp_policy_status sp_policy_parse(const char *bytes, size_t length,
    struct sp_policy_request *request_r, size_t *used_r, const char **why_r);

#endif
