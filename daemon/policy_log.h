/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * policy_log.h - the line that a refusal at the policy door leaves, and each message
 */
#ifndef SP_DAEMON_POLICY_LOG_H
#define SP_DAEMON_POLICY_LOG_H

#include <stddef.h>

#include "daemon/log_fold.h"
#include "lib/wire/policy_request.h"
#include "sendpass/verdict.h"

struct sp_policy_record {
	enum sp_reason reason;
	const char *detail; /* may be NULL, as may what follows: then it is not known */
	size_t candidates;  /* app passwords that fit the session, of which id is one */
	const char *id;
	const char *owner;
	const char *label;
};

/* What Postfix knows comes before what the client chose, and refusals are folded, as
 * in attempt_log.h. */
void sp_policy_log(struct sp_log_fold *fold, const struct sp_policy_request *request,
    const struct sp_policy_record *record);

#endif
