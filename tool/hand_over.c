/* SPDX-License-Identifier: BSD-2-Clause */
#include "tool/hand_over.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tool/message.h"
#include "tool/mobileconfig.h"
#include "tool/output.h"
#include "tool/qr.h"
#include "tool/sheet.h"
#include "tool/wiped_memory.h"

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
	if (credential->label != NULL)
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

static enum sp_exit draw_for_thunderbird(
    const struct sp_account *account, const struct sp_secret *password)
{
	char *text = sp_json_thunderbird(account, password->bytes);
	enum sp_exit status =
	    text != NULL ? sp_qr_draw(stdout, text) : sp_fail(SP_EXIT_FAILED, "out of memory");

	sp_wiping_free(text);
	return status;
}

static enum sp_exit write_password(const struct sp_account *account,
    const struct sp_credential *credential, const struct sp_secret *password)
{
	switch (account->format) {
	case SP_FORMAT_TEXT:
		puts(password->bytes);
		return SP_EXIT_OK;
	case SP_FORMAT_JSON:
		return sp_json_issued(credential, password->bytes, account);
	case SP_FORMAT_SHEET:
		sp_sheet_write(account, credential, password);
		return SP_EXIT_OK;
	case SP_FORMAT_QR:
		return sp_qr_draw(stdout, password->bytes);
	case SP_FORMAT_THUNDERBIRD:
		return draw_for_thunderbird(account, password);
	case SP_FORMAT_MOBILECONFIG:
		return sp_mobileconfig_write(account, credential, password);
	}
	return SP_EXIT_FAILED;
}

bool sp_hand_over_one(
    const struct sp_credential *credential, const struct sp_secret *password, const void *context)
{
	const struct sp_account *account = context;
	bool ok = write_password(account, credential, password) == SP_EXIT_OK;

	/* sp_output_finish() tells of writing that failed */
	if (!sp_output_finish() || !ok)
		return false;
	if (account->format != SP_FORMAT_JSON)
		tell(credential);
	return true;
}

/* ---- --format ---- */

bool sp_take_format(const struct sp_run *run, enum sp_format *format)
{
	for (size_t i = 0; i < SP_FORMAT_COUNT; i++) {
		if (strcmp(optarg, sp_format_name((enum sp_format)i)) == 0) {
			*format = (enum sp_format)i;
			return true;
		}
	}
	sp_fail_usage(run, "--format must be text, json, sheet, qr, thunderbird or mobileconfig");
	return false;
}

bool sp_settle_format(const struct sp_run *run, enum sp_format *format)
{
	if (run->json && *format != SP_FORMAT_TEXT && *format != SP_FORMAT_JSON) {
		sp_fail_usage(run, "--json and --format exclude each other");
		return false;
	}
	if (run->json)
		*format = SP_FORMAT_JSON;
	if (*format != SP_FORMAT_MOBILECONFIG || !isatty(STDOUT_FILENO))
		return true;
	sp_fail_usage(
	    run, "--format mobileconfig is for a file: redirect standard output, under umask 077");
	return false;
}
