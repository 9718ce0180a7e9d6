/* SPDX-License-Identifier: BSD-2-Clause */
/* show.c - `sendpass show`: all of one app password but its hash */
#include <stdio.h>

#include "tool/arguments.h"
#include "tool/message.h"
#include "tool/output.h"
#include "tool/session.h"

static void print_text(const char *key, const char *value)
{
	if (value == NULL)
		return;
	printf("%s: ", key);
	sp_escape(stdout, value);
	putchar('\n');
}

static void print_texts(const char *key, char *const *texts)
{
	for (; texts != NULL && *texts != NULL; texts++)
		print_text(key, *texts);
}

static void print_time(const char *key, time_t time)
{
	char text[SP_TIME_TEXT_SIZE];

	if (time != SP_NO_TIME)
		print_text(key, sp_format_time(time, text));
}

static void print_credential(const struct sp_credential *credential, time_t now)
{
	print_text("id", credential->id);
	print_text("dn", credential->dn);
	print_text("owner", credential->owner);
	print_text("label", credential->label);
	print_texts("login", credential->logins);
	print_texts("service", credential->services);
	print_texts("network", credential->networks);
	print_texts("sender", credential->senders);
	print_texts("rate", credential->rates);
	print_text("tls", credential->tls_required ? "required" : NULL);
	print_text("state", sp_credential_state_name(sp_credential_state(credential, now)));
	print_text("unusable", credential->unusable);
	print_time("created", credential->created);
	print_time("not_before", credential->not_before);
	print_time("expires", credential->expires);
	print_time("revoked", credential->revoked);
	print_text("revoked_reason", credential->revoked_reason);
	print_text("imported", credential->imported ? "yes" : NULL);
	print_text("replaces", credential->replaces);
	print_time("last_used", credential->last_used);
	print_text("last_address", credential->last_address);
	print_text("last_service", credential->last_service);
}

static enum sp_exit show(const struct sp_run *run, struct sp_session *session, const char *id)
{
	struct sp_credential *credential = NULL;
	char why[SP_CONF_WHY_MAX];
	enum sp_exit status =
	    sp_session_judge(sp_admin_get(session->admin, id, &credential, why), why);

	if (status != SP_EXIT_OK)
		return status;
	if (run->json)
		status = sp_json_credential(credential, time(NULL));
	else
		print_credential(credential, time(NULL));
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
	if (operands == NULL)
		return SP_EXIT_USAGE;
	const char *fault = sp_argument_id(operands[0], id);
	if (fault != NULL)
		return sp_fail_usage(run, "ID %s", fault);
	status = sp_session_open(run, &session);
	if (status == SP_EXIT_OK)
		status = show(run, &session, id);
	sp_session_close(&session);
	return status;
}
