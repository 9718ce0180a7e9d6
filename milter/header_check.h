/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * header_check.h - whether a message may say that it is from whom it says
 *
 * Asks sendpassd's policy door about each mailbox of From: and Sender:, with one
 * deadline over all, and leaves one line in the log.
 */
#ifndef SP_MILTER_HEADER_CHECK_H
#define SP_MILTER_HEADER_CHECK_H

#include <stdint.h>
#include <sys/types.h>

#include "lib/conf/conf.h"
#include "lib/wire/policy_request.h"
#include "milter/claims.h"
#include "sendpass/limits.h"

/* What all checks share. */
struct sp_header_site {
	const struct sp_conf *conf;
	uid_t daemon_uid; /* who may have made the policy door's socket, beside root */
};

/* Whose message it is: as Postfix tells it, and as it tells the policy door. */
struct sp_header_session {
	char address[SP_ADDRESS_MAX + 1]; /* numeric; empty where it is not known */
	uint16_t port;
	char login[SP_LOGIN_MAX + 1];
};

enum sp_header_outcome {
	SP_HEADER_PUT_OFF = 0, /* reply is a temporary one */
	SP_HEADER_REFUSED,     /* reply is for good */
	SP_HEADER_PASSES,
};

struct sp_header_verdict {
	enum sp_header_outcome outcome;
	char reply[SP_POLICY_REPLY_MAX]; /* code, enhanced code (RFC 3463) and text */
	/* With [milter] action = warn, what is wrong with each header; empty for nothing. */
	char warnings[SP_CLAIMED_COUNT][128];
	char id[SP_ID_MAX + 1]; /* of the one credential that it is, or empty */
};

/* queue_id may be empty. Blocks, at most [milter] timeout. Thread-safe. */
void sp_header_check(const struct sp_header_site *site, const struct sp_header_session *session,
    const struct sp_claims *claims, const char *queue_id, struct sp_header_verdict *verdict_r);

#endif
