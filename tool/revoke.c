/* SPDX-License-Identifier: BSD-2-Clause */
/* revoke.c - `sendpass revoke`: ends an app password for good */
#include <stdio.h>

#include "tool/arguments.h"
#include "tool/change.h"
#include "tool/output.h"
#include "tool/session.h"

static enum sp_exit print_revoked(
    const struct sp_run *run, const struct sp_credential *credential, bool before, time_t now)
{
	char time[SP_TIME_TEXT_SIZE];

	if (run->json)
		return sp_json_credential(credential, now);
	printf("%s: %s %s\n", credential->id, before ? "already revoked at" : "revoked at",
	    sp_format_time(credential->revoked, time));
	return SP_EXIT_OK;
}

static enum sp_exit revoke(
    const struct sp_run *run, struct sp_session *session, const char *id, const char *reason)
{
	struct sp_credential *credential = NULL;
	char why[SP_CONF_WHY_MAX];
	time_t now = time(NULL);
	enum sp_admin_status found = sp_admin_get(session->admin, id, &credential, why);
	enum sp_exit status = sp_session_judge(found, why);

	if (status != SP_EXIT_OK)
		return status;
	struct sp_credential revoked = *credential;
	bool before = credential->revoked != SP_NO_TIME;
	if (!before) {
		revoked.revoked = now;
		revoked.revoked_reason = (char *)reason;
		status = sp_change(session, "credential_revoked", credential, &revoked);
	}
	if (status == SP_EXIT_OK)
		status = print_revoked(run, &revoked, before, now);
	sp_credential_free(&credential);
	return status;
}

enum sp_exit sp_verb_revoke(struct sp_run *run)
{
	enum { REASON = SP_OPTION_OWN };
	static const struct option options[] = {
	    {"reason", required_argument, NULL, REASON},
	    SP_OPTIONS_OF_EVERY_VERB,
	};
	struct sp_session session;
	const char *reason = NULL;
	char id[SP_ID_MAX + 1];
	enum sp_exit status = SP_EXIT_FAILED;

	for (int option; (option = sp_next_option(run, options, &status)) != SP_OPTIONS_END;) {
		if (option != REASON)
			return status;
		reason = optarg;
	}
	char **operands = sp_operands(run, 1, 1);
	if (operands == NULL ||
	    (reason != NULL && !sp_text_is_fit(run, "--reason", reason, SP_TEXT_ARGUMENT_MAX)))
		return SP_EXIT_USAGE;
	if (!sp_operand_id(run, operands[0], id))
		return SP_EXIT_USAGE;
	status = sp_session_open(run, &session);
	if (status == SP_EXIT_OK)
		status = revoke(run, &session, id, reason);
	sp_session_close(&session);
	return status;
}
