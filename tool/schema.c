/* SPDX-License-Identifier: BSD-2-Clause */
/* schema.c - `sendpass schema`: needs no configuration and no directory */
#include "schema/schema.h"

#include <stdio.h>
#include <stdlib.h>

#include "tool/arguments.h"
#include "tool/message.h"
#include "tool/output.h"

static enum sp_exit print_json(const char *name, enum sp_schema_format format)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	bool ok = out != NULL && sp_schema_print(out, format);

	if (out != NULL)
		ok = fclose(out) == 0 && ok;
	enum sp_exit status =
	    ok ? sp_json_pairs((struct sp_pair[]){{"format", name}, {"schema", text}}, 2)
	       : sp_fail(SP_EXIT_FAILED, "out of memory");
	free(text);
	return status;
}

enum sp_exit sp_verb_schema(struct sp_run *run)
{
	enum { FORMAT = SP_OPTION_OWN };
	static const struct option options[] = {
	    {"format", required_argument, NULL, FORMAT},
	    SP_OPTIONS_OF_EVERY_VERB,
	};
	const char *name = NULL;
	enum sp_schema_format format;
	enum sp_exit status = SP_EXIT_FAILED;

	for (int option; (option = sp_next_option(run, options, &status)) != SP_OPTIONS_END;) {
		if (option != FORMAT)
			return status;
		name = optarg;
	}
	if (sp_operands(run, 0, 0) == NULL)
		return SP_EXIT_USAGE;
	if (name == NULL)
		return sp_fail_usage(run, "--format is missing");
	if (!sp_schema_format_parse(name, &format))
		return sp_fail_usage(run, "--format must be openldap, ldif or 389ds");
	if (run->json)
		return print_json(name, format);
	/* sp_output_finish() tells of writing that failed. */
	return sp_schema_print(stdout, format) ? SP_EXIT_OK : SP_EXIT_FAILED;
}
