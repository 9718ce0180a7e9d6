/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * attempt_log.h - the line that an attempt leaves, and its count in the metrics
 */
#ifndef SP_DAEMON_ATTEMPT_LOG_H
#define SP_DAEMON_ATTEMPT_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/log_fold.h"
#include "daemon/login_door.h"
#include "lib/base/log.h"
#include "lib/policy/attempt.h"
#include "lib/policy/throttle.h"
#include "sendpass/verdict.h"

/* Outages and refusals are what an operator looks for; successes are daily bread. */
enum sp_log_level sp_reason_level(enum sp_reason reason);

struct sp_attempt_record {
	enum sp_reason reason;
	enum sp_guess guess;
	const char *detail; /* may be NULL */
	enum sp_login_door door;
	const struct sp_attempt_request *request;
	const char *id;                         /* empty if the password named none */
	const struct sp_credential *credential; /* NULL if none was found */
	int64_t took_us;
	bool cached; /* the password was known to be right, without Argon2 */
};

/* What the trusted side knows (address, id) comes before what the client chose
 * (login), so that no login can pose as another pair. A login that looks like an
 * app password is not written. A refusal goes through the fold, so that one that is
 * repeated within a second has one line more at most. */
void sp_attempt_log(struct sp_log_fold *fold, const struct sp_attempt_record *record);

#endif
