/* SPDX-License-Identifier: BSD-2-Clause */
#include "tool/change.h"

#include <unistd.h>

#include "lib/base/log.h"
#include "tool/held_signals.h"
#include "tool/message.h"
#include "tool/output.h"

/* With SP_ADMIN_DOWN nobody knows whether it was done; with any other failure nothing was. */
static void log_change(const struct sp_session *session, const char *event,
    const struct sp_credential *credential, enum sp_admin_status status)
{
	struct sp_log_line line;
	char expires[SP_TIME_TEXT_SIZE];

	if (status != SP_ADMIN_OK && status != SP_ADMIN_DOWN)
		return;
	sp_log_begin(&line, SP_LOG_INFO, event);
	sp_log_text(&line, "id", credential->id);
	sp_log_text(&line, "owner", credential->owner);
	sp_log_text(&line, "label", credential->label);
	if (credential->expires != SP_NO_TIME)
		sp_log_text(&line, "expires", sp_format_time(credential->expires, expires));
	sp_log_text(&line, "replaces", credential->replaces);
	sp_log_text(&line, "reason", credential->revoked_reason);
	sp_log_text(&line, "by", session->identity);
	sp_log_number(&line, "uid", getuid());
	if (status == SP_ADMIN_DOWN)
		sp_log_text(&line, "result", "unknown");
	sp_log_end(&line);
}

static enum sp_exit judge(
    const struct sp_credential *credential, enum sp_admin_status status, const char *why)
{
	if (status == SP_ADMIN_DOWN)
		sp_say("Nobody knows whether app password %s was changed. Look with `sendpass "
		       "show`, and try again if it was not.",
		    credential->id != NULL ? credential->id : credential->dn);
	return sp_session_judge(status, why);
}

enum sp_admin_status sp_change_add(struct sp_session *session, const char *event,
    const struct sp_credential *credential, char why_r[SP_CONF_WHY_MAX])
{
	sigset_t signals;

	sp_hold_signals(&signals);
	enum sp_admin_status status = sp_admin_add(session->admin, credential, why_r);
	log_change(session, event, credential, status);
	sp_release_signals(&signals);
	return status;
}

enum sp_exit sp_change(struct sp_session *session, const char *event,
    const struct sp_credential *before, const struct sp_credential *after)
{
	char why[SP_CONF_WHY_MAX];
	sigset_t signals;

	sp_hold_signals(&signals);
	enum sp_admin_status status = sp_admin_change(session->admin, before, after, why);
	log_change(session, event, after, status);
	sp_release_signals(&signals);
	return judge(after, status, why);
}

enum sp_exit sp_change_delete(
    struct sp_session *session, const char *event, const struct sp_credential *credential)
{
	char why[SP_CONF_WHY_MAX];
	sigset_t signals;

	sp_hold_signals(&signals);
	enum sp_admin_status status = sp_admin_delete(session->admin, credential, why);
	log_change(session, event, credential, status);
	sp_release_signals(&signals);
	return judge(credential, status, why);
}
