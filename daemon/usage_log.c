/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/usage_log.h"

#include "lib/base/log.h"

void sp_usage_log_news(enum sp_usage_news news, const struct sp_attempt_request *request,
    const struct sp_credential *credential)
{
	struct sp_log_line line;

	switch (news) {
	case SP_USAGE_FIRST:
		sp_log_begin(&line, SP_LOG_NOTICE, "first_use");
		break;
	case SP_USAGE_NEW_NETWORK:
		sp_log_begin(&line, SP_LOG_NOTICE, "first_use_from_network");
		break;
	case SP_USAGE_NO_NEWS:
		return;
	}
	sp_log_text(&line, "service", request->service[0] != '\0' ? request->service : NULL);
	sp_log_text(&line, "ip", request->address[0] != '\0' ? request->address : NULL);
	sp_log_text(&line, "last_ip", credential->last_address);
	sp_log_text(&line, "id", credential->id);
	sp_log_text(&line, "owner", credential->owner);
	sp_log_text(&line, "label", credential->label);
	sp_log_end(&line);
}

static const struct {
	const char *reason;
	const char *advice;
} losses[SP_USAGE_LOSSES] = {
    [SP_USAGE_LOSS_ERROR] = {"error", "see what the server says"},
    [SP_USAGE_LOSS_FORBIDDEN] = {"forbidden",
	"give the account of [ldap] the right to write sendpassLastUsed, sendpassLastAddress and "
	"sendpassLastService, or set [policy] usage_interval = 0s"},
    [SP_USAGE_LOSS_READ_ONLY] = {"read_only",
	"name a server that takes changes in [ldap] write_uri, or set [policy] usage_interval = "
	"0s"},
    [SP_USAGE_LOSS_QUEUE_FULL] = {"queue_full",
	"the server takes changes too slowly, or is down: the oldest are given up"},
    [SP_USAGE_LOSS_SHUTDOWN] = {"shutdown", "the server did not take them in time"},
};

void sp_usage_log_loss(enum sp_usage_loss loss, const char *dn, const char *error)
{
	struct sp_log_line line;

	sp_log_begin(&line, SP_LOG_WARNING, "usage_not_written");
	sp_log_text(&line, "reason", losses[loss].reason);
	sp_log_text(&line, "error", error);
	sp_log_text(&line, "dn", dn);
	sp_log_text(&line, "message", losses[loss].advice);
	sp_log_end(&line);
}

void sp_usage_log_delay(const char *error)
{
	struct sp_log_line line;

	sp_log_begin(&line, SP_LOG_WARNING, "usage_delayed");
	sp_log_text(&line, "error", error);
	sp_log_text(&line, "message", "logins go on, and it is tried again");
	sp_log_end(&line);
}
