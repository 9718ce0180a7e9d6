/* SPDX-License-Identifier: BSD-2-Clause */
/* list.c - `sendpass list`: a table for people, TAB-separated lines for programs */
#include <stdio.h>
#include <unistd.h>

#include "tool/arguments.h"
#include "tool/credential_table.h"
#include "tool/message.h"
#include "tool/output.h"
#include "tool/selection.h"
#include "tool/session.h"

static enum sp_exit list(const struct sp_run *run, struct sp_session *session,
    const struct sp_selection *selection, time_t now)
{
	struct sp_credential_list found;
	enum sp_exit status = sp_select(session, selection, now, &found);

	if (status != SP_EXIT_OK)
		return status;
	if (run->json)
		status = sp_json_credentials(&found, now);
	else if (isatty(STDOUT_FILENO))
		status = sp_credentials_for_people(stdout, &found, now);
	else
		status = sp_credentials_for_programs(stdout, &found, now);
	sp_credential_list_free(&found);
	return status;
}

enum sp_exit sp_verb_list(struct sp_run *run)
{
	static const struct option options[] = {
	    SP_OPTION_ROW_OWNER,
	    {"department", required_argument, NULL, SP_OPTION_DEPARTMENT},
	    {"label", required_argument, NULL, SP_OPTION_LABEL_PART},
	    {"state", required_argument, NULL, SP_OPTION_STATE},
	    {"unused-since", required_argument, NULL, SP_OPTION_UNUSED_SINCE},
	    SP_OPTION_ROW_UNUSED_FOR,
	    {"never-used", no_argument, NULL, SP_OPTION_NEVER_USED},
	    {"expiring-within", required_argument, NULL, SP_OPTION_EXPIRING_WITHIN},
	    SP_OPTIONS_OF_EVERY_VERB,
	};
	struct sp_selection selection = SP_SELECT_ALL;
	struct sp_session session;
	time_t now = time(NULL);
	enum sp_exit status = SP_EXIT_FAILED;

	for (int option; (option = sp_next_option(run, options, &status)) != SP_OPTIONS_END;) {
		if (option == 0)
			return status;
		if (!sp_take_selection(run, option, now, &selection))
			return SP_EXIT_USAGE;
	}
	char **operands = sp_operands(run, 0, 1);
	if (operands == NULL)
		return SP_EXIT_USAGE;
	if (operands[0] != NULL && selection.owner != NULL)
		return sp_fail_usage(run, "LOGIN and --owner are the same: give one of them");
	if (operands[0] != NULL)
		selection.owner = operands[0];
	status = sp_session_open(run, &session);
	if (status == SP_EXIT_OK)
		status = list(run, &session, &selection, now);
	sp_session_close(&session);
	return status;
}
