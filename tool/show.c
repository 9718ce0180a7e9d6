/* SPDX-License-Identifier: BSD-2-Clause */
/* show.c - `sendpass show`: all of one app password but its hash */
#include "tool/arguments.h"
#include "tool/credential_lines.h"
#include "tool/session.h"

static enum sp_exit show(const struct sp_run *run, struct sp_session *session, const char *id)
{
	struct sp_credential *credential = NULL;
	char why[SP_CONF_WHY_MAX];
	enum sp_exit status =
	    sp_session_judge(sp_admin_get(session->admin, id, &credential, why), why);

	if (status != SP_EXIT_OK)
		return status;
	status = sp_print_credential(run, credential, time(NULL));
	sp_credential_free(&credential);
	return status;
}

enum sp_exit sp_verb_show(struct sp_run *run)
{
	static const struct option options[] = {SP_OPTIONS_OF_EVERY_VERB};
	struct sp_session session;
	char id[SP_ID_MAX + 1];
	enum sp_exit status = SP_EXIT_FAILED;

	if (sp_next_option(run, options, &status) != SP_OPTIONS_END)
		return status;
	char **operands = sp_operands(run, 1, 1);
	if (operands == NULL || !sp_operand_id(run, operands[0], id))
		return SP_EXIT_USAGE;
	status = sp_session_open(run, &session);
	if (status == SP_EXIT_OK)
		status = show(run, &session, id);
	sp_session_close(&session);
	return status;
}
