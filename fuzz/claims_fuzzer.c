/* SPDX-License-Identifier: BSD-2-Clause */
/* The headers of strangers' messages: From: and Sender: are counted whatever their spelling, and
 * a message never passes when nobody can be asked about it. Input: a line of '1' or '0', for
 * action = warn or reject; the id header's name; and lines NAME:VALUE. */
#include <ctype.h>

#include "fuzz/fuzz.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "milter/header_check.h"
#include "milter/header_senders.h"

static unsigned lines_logged;

static void count_line(enum sp_log_level level, const char *line, void *context)
{
	(void)level;
	(void)context;
	FUZZ_PROMISE(strncmp(line, "event=header ", 13) == 0 && strchr(line, '\n') == NULL);
	lines_logged++;
}

static char *take_line(char **at)
{
	char *line = *at, *end = line + strcspn(line, "\n");

	*at = *end == '\n' ? end + 1 : end;
	*end = '\0';
	return line;
}

/* What mail clients take for the header: no blanks before the colon, in any case. */
static bool is_header(const char *name, const char *wanted)
{
	char folded[32] = "";
	size_t length = strlen(name);

	while (length > 0 && (name[length - 1] == ' ' || name[length - 1] == '\t'))
		length--;
	if (length == 0 || length >= sizeof(folded))
		return false;
	for (size_t i = 0; i < length; i++)
		folded[i] = (char)tolower((unsigned char)name[i]);
	return strcmp(folded, wanted) == 0;
}

static void hold_claim(
    const struct sp_claims *claims, enum sp_claimed claimed, unsigned count, const char *first)
{
	const struct sp_claim *claim = &claims->claims[claimed];
	const char *fault = sp_claim_fault(claims, claimed);

	FUZZ_PROMISE(claim->count == count);
	FUZZ_PROMISE((claim->value != NULL) == (count > 0 && !claim->too_long));
	if (count > 0)
		FUZZ_PROMISE(claim->too_long == (strlen(first) > SP_HEADER_VALUE_MAX));
	if (claim->value != NULL)
		FUZZ_PROMISE(strcmp(claim->value, first) == 0);
	if (count != 1)
		FUZZ_PROMISE((fault != NULL) == (count > 1 || claimed == SP_CLAIMED_FROM));
	else
		FUZZ_PROMISE((fault != NULL) == claim->too_long);
}

static void take_all(struct sp_claims *claims, const char *id_header, char *lines)
{
	unsigned counts[SP_CLAIMED_COUNT] = {0};
	const char *first[SP_CLAIMED_COUNT] = {NULL, NULL};

	while (*lines != '\0') {
		char *name = take_line(&lines), *value = name + strcspn(name, ":");
		if (*value == ':')
			*value++ = '\0';
		FUZZ_PROMISE(sp_claims_take(claims, id_header, name, value));
		int claimed = is_header(name, "from")     ? SP_CLAIMED_FROM
			      : is_header(name, "sender") ? SP_CLAIMED_SENDER
							  : -1;
		if (claimed >= 0 && counts[claimed]++ == 0)
			first[claimed] = value;
	}
	for (int i = 0; i < SP_CLAIMED_COUNT; i++)
		hold_claim(claims, (enum sp_claimed)i, counts[i], first[i]);
}

static void hold_check(const struct sp_claims *claims, bool warn)
{
	static char warn_text[] = "warn", reject_text[] = "reject", nowhere[] = "/nonexistent/door";
	struct sp_conf conf = {.milter_action = warn ? warn_text : reject_text,
	    .milter_policy_socket = nowhere,
	    .milter_timeout = 1000};
	const struct sp_header_site site = {.conf = &conf};
	const struct sp_header_session session = {.address = "192.0.2.1", .login = "alice"};
	struct sp_header_verdict verdict;

	lines_logged = 0;
	sp_header_check(&site, &session, claims, "4bXyz", &verdict);
	FUZZ_PROMISE(lines_logged == 1 && verdict.id[0] == '\0');
	bool warned = verdict.warnings[SP_CLAIMED_FROM][0] != '\0';
	FUZZ_PROMISE(warn || !warned);
	/* a header that cannot be read is the only one nobody is asked about */
	FUZZ_PROMISE(verdict.outcome != SP_HEADER_PASSES || warned);
	FUZZ_PROMISE(verdict.outcome != SP_HEADER_REFUSED || !warn);
	if (verdict.outcome == SP_HEADER_PASSES)
		return;
	FUZZ_PROMISE(verdict.reply[0] == (verdict.outcome == SP_HEADER_REFUSED ? '5' : '4'));
	FUZZ_PROMISE(sp_text_is_printable_utf8(verdict.reply, strlen(verdict.reply)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool is_open;
	struct sp_claims claims = {0};
	char *text = fuzz_text(data, size), *at = text;
	bool warn = take_line(&at)[0] == '1';
	const char *id_header = take_line(&at);

	if (!is_open) {
		sp_header_senders_open();
		is_open = atexit(sp_header_senders_close) == 0;
	}
	sp_log_set_sink(count_line, NULL, SP_LOG_DEBUG);
	take_all(&claims, id_header, at);
	hold_check(&claims, warn);
	sp_claims_clear(&claims);
	FUZZ_PROMISE(claims.claims[SP_CLAIMED_FROM].value == NULL && claims.id_headers == 0);
	free(text);
	return 0;
}
