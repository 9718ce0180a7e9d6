/* SPDX-License-Identifier: BSD-2-Clause */
#include "tool/hand_over.h"

#include <stdio.h>

#include "tool/message.h"
#include "tool/output.h"

static void tell_each(const char *key, char *const *texts)
{
	for (; texts != NULL && *texts != NULL; texts++)
		sp_say("%s: %s", key, *texts);
}

static void tell(const struct sp_credential *credential)
{
	char time[SP_TIME_TEXT_SIZE];

	sp_say("id: %s", credential->id);
	sp_say("owner: %s", credential->owner);
	sp_say("label: %s", credential->label);
	tell_each("login", credential->logins);
	tell_each("service", credential->services);
	tell_each("network", credential->networks);
	tell_each("sender", credential->senders);
	tell_each("rate", credential->rates);
	if (credential->tls_required)
		sp_say("tls: required");
	sp_say("expires: %s", credential->expires != SP_NO_TIME
				  ? sp_format_time(credential->expires, time)
				  : "never");
}

bool sp_hand_over_one(const struct sp_run *run, const struct sp_credential *credential,
    const struct sp_secret *password)
{
	bool ok = true;

	if (run->json)
		ok = sp_json_issued(credential, password->bytes) == SP_EXIT_OK;
	else
		puts(password->bytes);
	if (!sp_output_finish() || !ok)
		return false;
	if (!run->json)
		tell(credential);
	return true;
}
