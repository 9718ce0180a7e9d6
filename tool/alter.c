/* SPDX-License-Identifier: BSD-2-Clause */
#include "tool/alter.h"

#include "tool/arguments.h"
#include "tool/change.h"
#include "tool/credential_lines.h"
#include "tool/issue_policy.h"
#include "tool/message.h"
#include "tool/session.h"

static enum sp_exit alter(const struct sp_run *run, struct sp_session *session,
    const struct sp_credential *before, const struct sp_alteration *alteration)
{
	struct sp_credential after = *before;
	time_t now = time(NULL);

	if (before->revoked != SP_NO_TIME)
		return sp_fail(SP_EXIT_NO,
		    "app password %s is revoked, which is for good: issue another one", before->id);
	alteration->make(&after, alteration->context);
	enum sp_exit status = sp_issue_policy_alter(session->conf, before, &after, now);
	if (status != SP_EXIT_OK)
		return status;
	if (sp_admin_differs(before, &after))
		status = sp_change(session, alteration->event, before, &after);
	else
		sp_say("%s: nothing to change", before->id);
	return status == SP_EXIT_OK ? sp_print_credential(run, &after, now) : status;
}

static enum sp_exit read_and_alter(const struct sp_run *run, struct sp_session *session,
    const char *id, const struct sp_alteration *alteration)
{
	struct sp_credential *credential = NULL;
	char why[SP_CONF_WHY_MAX];
	enum sp_exit status =
	    sp_session_judge(sp_admin_get(session->admin, id, &credential, why), why);

	if (status == SP_EXIT_OK)
		status = alter(run, session, credential, alteration);
	sp_credential_free(&credential);
	return status;
}

enum sp_exit sp_alter(
    const struct sp_run *run, const char *operand, const struct sp_alteration *alteration)
{
	struct sp_session session;
	char id[SP_ID_MAX + 1];

	if (!sp_operand_id(run, operand, id))
		return SP_EXIT_USAGE;
	enum sp_exit status = sp_session_open(run, &session);
	if (status == SP_EXIT_OK)
		status = read_and_alter(run, &session, id, alteration);
	sp_session_close(&session);
	return status;
}
