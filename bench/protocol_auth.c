/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "bench/protocol.h"
#include "lib/wire/auth_field.h"
#include "lib/wire/auth_line.h"

static void greet(struct sp_lane *lane)
{
	sp_auth_print_client_hello(&lane->out, lane->number);
}

/* As Postfix asks: without nologin, Dovecot keeps each granted attempt for a login
 * process to fetch. Ids go up, as no two attempts under way may share one. */
static void ask(struct sp_lane *lane, unsigned slot, unsigned slots, const struct sp_login *login)
{
	struct sp_auth_writer writer = sp_auth_line_start(&lane->out, "AUTH");

	sp_auth_add_number(&writer, lane->asked++ % (UINT32_MAX / slots) * slots + slot + 1);
	sp_auth_add_field(&writer, "", "PLAIN");
	sp_auth_add_field(&writer, "service=", "smtp");
	sp_auth_add_field(&writer, "nologin", "");
	sp_auth_add_field(&writer, "lip=", "192.0.2.254");
	sp_auth_add_field(&writer, "rip=", login->address);
	sp_auth_add_field(&writer, "secured", "");
	sp_auth_add_field(&writer, "resp=", login->plain);
	sp_auth_line_end(&writer);
}

static ssize_t take(
    struct sp_lane *lane, const char *bytes, size_t length, unsigned slots, struct sp_news *news_r)
{
	static const enum sp_answer answers[] = {
	    [SP_AUTH_REPLY_OK] = SP_ANSWER_OK, [SP_AUTH_REPLY_FAIL] = SP_ANSWER_FAIL};
	const char *end = memchr(bytes, '\n', length);
	struct sp_auth_reply reply;

	(void)lane;
	*news_r = (struct sp_news){0};
	if (end == NULL)
		return 0;
	sp_auth_reply_parse(bytes, (size_t)(end - bytes), &reply);
	switch (reply.kind) {
	case SP_AUTH_REPLY_BAD:
	case SP_AUTH_REPLY_CONT:
		return -1;
	case SP_AUTH_REPLY_DONE:
		news_r->kind = SP_NEWS_READY;
		break;
	case SP_AUTH_REPLY_OK:
	case SP_AUTH_REPLY_FAIL:
		news_r->answer = answers[reply.kind];
		/* fall through */
	case SP_AUTH_REPLY_TEMPORARY:
		if (reply.id == 0)
			return -1;
		news_r->kind = SP_NEWS_ANSWER;
		news_r->slot = (reply.id - 1) % slots;
		break;
	case SP_AUTH_REPLY_VERSION:
	case SP_AUTH_REPLY_MECH:
	case SP_AUTH_REPLY_OTHER:
		break;
	}
	return end + 1 - bytes;
}

const struct sp_protocol sp_protocol_auth = {
    .name = "auth", .keeps_connection = true, .greet = greet, .ask = ask, .take = take};
