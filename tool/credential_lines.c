/* SPDX-License-Identifier: BSD-2-Clause */
#include "tool/credential_lines.h"

#include <stdio.h>

#include "tool/message.h"
#include "tool/output.h"

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

static void print_lines(const struct sp_credential *credential, time_t now)
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

enum sp_exit sp_print_credential(
    const struct sp_run *run, const struct sp_credential *credential, time_t now)
{
	if (run->json)
		return sp_json_credential(credential, now);
	print_lines(credential, now);
	return SP_EXIT_OK;
}
