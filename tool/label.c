/* SPDX-License-Identifier: BSD-2-Clause */
/* label.c - `sendpass label`: says anew what an app password is for */
#include "tool/alter.h"
#include "tool/arguments.h"

static void label(struct sp_credential *after, const void *context)
{
	after->label = (char *)context;
}

enum sp_exit sp_verb_label(struct sp_run *run)
{
	static const struct option options[] = {SP_OPTIONS_OF_EVERY_VERB};
	enum sp_exit status = SP_EXIT_FAILED;

	if (sp_next_option(run, options, &status) != SP_OPTIONS_END)
		return status;
	char **operands = sp_operands(run, 2, 2);
	if (operands == NULL || !sp_text_is_fit(run, "TEXT", operands[1], SP_TEXT_ARGUMENT_MAX))
		return SP_EXIT_USAGE;
	const struct sp_alteration alteration = {"credential_labelled", label, operands[1]};
	return sp_alter(run, operands[0], &alteration);
}
