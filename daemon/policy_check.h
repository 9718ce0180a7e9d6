/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * policy_check.h - one policy request, from the session's credential to the answer
 *
 * Finds what the session logged in with, has each credential that fits read from
 * the directory again, and refuses if any of them refuses.
 */
#ifndef SP_DAEMON_POLICY_CHECK_H
#define SP_DAEMON_POLICY_CHECK_H

#include "daemon/generation.h"
#include "daemon/pipeline.h"
#include "daemon/rate_keeper.h"
#include "daemon/sessions.h"
#include "daemon/transactions.h"
#include "lib/wire/policy_request.h"

/* What all checks share. Outlives them. */
struct sp_policy_site {
	struct sp_pipeline *pipeline;
	struct sp_generations *generations;
	struct sp_sessions *sessions;
	struct sp_transactions *transactions;
	struct sp_rate_keeper *rates;
};

struct sp_policy_check;

struct sp_policy_answer {
	/* For Postfix, an access(5) result without "action="; NULL: close the
	 * connection, which makes Postfix try once more and then put the client off. */
	const char *action;
	/* For sendpass-milter alone, else NULL; id where one credential alone fits. */
	const char *reason, *id;
};

/* The check is gone after it, and with it what the answer points to. */
typedef void sp_policy_answer_fn(void *context, const struct sp_policy_answer *answer);

/* Begins a check; the request is copied. NULL if it was answered before this
 * returned. */
struct sp_policy_check *sp_policy_check_begin(struct sp_policy_site *site,
    const struct sp_policy_request *request, sp_policy_answer_fn *answer, void *context);

/* Nobody wants the answer any more. */
void sp_policy_check_abandon(struct sp_policy_check **check);

#endif
