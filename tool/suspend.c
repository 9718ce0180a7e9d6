/* SPDX-License-Identifier: BSD-2-Clause */
/* suspend.c - `sendpass suspend` and `sendpass resume`: for a while, and back */
#include "tool/alter.h"
#include "tool/arguments.h"

static void suspend(struct sp_credential *after, const void *context)
{
	(void)context;
	after->suspended = true;
}

static void resume(struct sp_credential *after, const void *context)
{
	(void)context;
	after->suspended = false;
}

static enum sp_exit run_with(struct sp_run *run, const struct sp_alteration *alteration)
{
	static const struct option options[] = {SP_OPTIONS_OF_EVERY_VERB};
	enum sp_exit status = SP_EXIT_FAILED;

	if (sp_next_option(run, options, &status) != SP_OPTIONS_END)
		return status;
	char **operands = sp_operands(run, 1, 1);
	return operands != NULL ? sp_alter(run, operands[0], alteration) : SP_EXIT_USAGE;
}

enum sp_exit sp_verb_suspend(struct sp_run *run)
{
	return run_with(run, &(struct sp_alteration){"credential_suspended", suspend, NULL});
}

enum sp_exit sp_verb_resume(struct sp_run *run)
{
	return run_with(run, &(struct sp_alteration){"credential_resumed", resume, NULL});
}
