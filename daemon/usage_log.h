/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * usage_log.h - what is said of uses, and of writing them down
 */
#ifndef SP_DAEMON_USAGE_LOG_H
#define SP_DAEMON_USAGE_LOG_H

#include "lib/directory/credential.h"
#include "lib/policy/request.h"
#include "lib/policy/usage.h"

/* The event of that news; for none, nothing. */
void sp_usage_log_news(enum sp_usage_news news, const struct sp_attempt_request *request,
    const struct sp_credential *credential);

enum sp_usage_loss {
	SP_USAGE_LOSS_ERROR = 0,
	SP_USAGE_LOSS_FORBIDDEN,
	SP_USAGE_LOSS_READ_ONLY,
	SP_USAGE_LOSS_QUEUE_FULL,
	SP_USAGE_LOSS_SHUTDOWN,
	SP_USAGE_LOSSES /* how many there are */
};

/* When a credential was last used is not written, and why. dn and error may be NULL. */
void sp_usage_log_loss(enum sp_usage_loss loss, const char *dn, const char *error);

/* No server takes writes for now, so they wait. */
void sp_usage_log_delay(const char *error);

#endif
