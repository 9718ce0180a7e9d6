/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "bench/protocol.h"

/* What was sent last, and so what the next reply answers. */
enum step { CONNECTED = 0, EHLO, AUTH, QUIT };

static void ask(struct sp_lane *lane, unsigned slot, unsigned slots, const struct sp_login *login)
{
	(void)slot;
	(void)slots;
	lane->login = login;
	lane->step = CONNECTED;
}

static bool go_on(struct sp_lane *lane, const char code[static 3], struct sp_news *news_r)
{
	struct sp_text *out = &lane->out;

	switch ((enum step)lane->step++) {
	case CONNECTED:
		sp_text_add(out, "EHLO client.example.net\r\n");
		return memcmp(code, "220", 3) == 0;
	case EHLO:
		sp_text_addf(out, "AUTH PLAIN %s\r\n", lane->login->plain);
		return memcmp(code, "250", 3) == 0;
	case AUTH:
		news_r->kind = SP_NEWS_ANSWER;
		if (memcmp(code, "235", 3) == 0)
			news_r->answer = SP_ANSWER_OK;
		else if (memcmp(code, "535", 3) == 0)
			news_r->answer = SP_ANSWER_FAIL;
		sp_text_add(out, "QUIT\r\n");
		return news_r->answer != SP_ANSWER_TEMPORARY || code[0] == '4';
	case QUIT:
		news_r->over = true;
		return true;
	}
	return false;
}

static ssize_t take(
    struct sp_lane *lane, const char *bytes, size_t length, unsigned slots, struct sp_news *news_r)
{
	const char *end = memchr(bytes, '\n', length);

	(void)slots;
	*news_r = (struct sp_news){0};
	if (end == NULL)
		return 0;
	if (end - bytes < 4)
		return -1;
	bool last_line = bytes[3] != '-';
	if (last_line && !go_on(lane, bytes, news_r))
		return -1;
	return end + 1 - bytes;
}

const struct sp_protocol sp_protocol_smtp = {.name = "smtp", .ask = ask, .take = take};
