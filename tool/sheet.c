/* SPDX-License-Identifier: BSD-2-Clause */
#include "tool/sheet.h"

#include <inttypes.h>
#include <stdio.h>

#include "tool/message.h"
#include "tool/output.h"

static void line(const char *key, const char *value)
{
	printf("%-14s", key);
	sp_escape(stdout, value);
	putchar('\n');
}

static void lines(const char *key, char *const *values)
{
	for (; values != NULL && *values != NULL; values++)
		line(key, *values);
}

static void write_limits(const struct sp_credential *credential)
{
	char time[SP_TIME_TEXT_SIZE];

	lines("Only for:", credential->services);
	lines("Only from:", credential->networks);
	lines("Only as:", credential->senders);
	lines("At most:", credential->rates);
	if (credential->tls_required)
		line("Only with:", "TLS");
	if (credential->expires != SP_NO_TIME)
		line("Ends:", sp_format_time(credential->expires, time));
}

void sp_sheet_write(const struct sp_account *account, const struct sp_credential *credential,
    const struct sp_secret *password)
{
	const struct sp_conf *conf = account->conf;

	if (conf->handover_organization[0] != '\0') {
		sp_escape(stdout, conf->handover_organization);
		putchar('\n');
	}
	printf("Outgoing mail (SMTP)");
	if (credential->label != NULL) {
		fputs(": ", stdout);
		sp_escape(stdout, credential->label);
	}
	fputs("\n\n", stdout);
	line("Server:", conf->handover_smtp_server);
	printf("%-14s%" PRIu64 "\n", "Port:", conf->handover_smtp_port);
	line("Security:", sp_account_security(account));
	line("Login:", account->login);
	line("Password:", password->bytes);
	write_limits(credential);
	putchar('\n');
	line("Number:", credential->id);
}
