/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "bench/protocol.h"
#include "lib/wire/saslauthd_request.h"

static void add_field(struct sp_text *out, const char *text)
{
	size_t length = strlen(text);
	const char prefix[] = {(char)(length >> 8), (char)length};

	sp_text_add_n(out, prefix, sizeof(prefix));
	sp_text_add_n(out, text, length);
}

static void ask(struct sp_lane *lane, unsigned slot, unsigned slots, const struct sp_login *login)
{
	(void)slot;
	(void)slots;
	add_field(&lane->out, login->login);
	add_field(&lane->out, login->password);
	add_field(&lane->out, "smtp");
	add_field(&lane->out, "");
}

static ssize_t take(
    struct sp_lane *lane, const char *bytes, size_t length, unsigned slots, struct sp_news *news_r)
{
	(void)lane;
	(void)slots;
	*news_r = (struct sp_news){0};
	if (length < 2)
		return 0;
	size_t text = (size_t)(unsigned char)bytes[0] << 8 | (unsigned char)bytes[1];
	if (text > SP_SASLAUTHD_FIELD_MAX)
		return -1;
	if (length < 2 + text)
		return 0;
	news_r->kind = SP_NEWS_ANSWER;
	news_r->over = true;
	if (text >= 2 && memcmp(bytes + 2, "OK", 2) == 0)
		news_r->answer = SP_ANSWER_OK;
	else if (text >= 2 && memcmp(bytes + 2, "NO", 2) == 0)
		news_r->answer = SP_ANSWER_FAIL;
	return (ssize_t)(2 + text);
}

const struct sp_protocol sp_protocol_saslauthd = {.name = "saslauthd", .ask = ask, .take = take};
