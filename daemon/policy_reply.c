/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/policy_reply.h"

#include <string.h>
#include <strings.h>

#include "lib/base/text.h"

#define SENDER_SHOWN 100

/* Bytes beyond ASCII may be refused by the client's side of SMTP, and '<' and '>'
 * would blur where the address ends. */
static void add_sender(struct sp_text *out, const char *sender)
{
	for (size_t i = 0; i < SENDER_SHOWN && sender[i] != '\0'; i++) {
		bool plain = sender[i] > ' ' && sender[i] <= '~' && strchr("<>", sender[i]) == NULL;
		sp_text_add_n(out, plain ? &sender[i] : "?", 1);
	}
	if (strlen(sender) > SENDER_SHOWN)
		sp_text_add(out, "...");
}

static const char *refuse_sender(
    const struct sp_policy_request *request, char text_r[SP_POLICY_REPLY_MAX])
{
	struct sp_text out;

	sp_text_init(&out, text_r, SP_POLICY_REPLY_MAX);
	sp_text_add(&out, "550 5.7.1 this app password may not send as <");
	add_sender(&out, request->sender);
	sp_text_add(&out, ">");
	if (request->stage == SP_POLICY_HEADER)
		sp_text_addf(&out, " in %s:", request->header);
	return text_r;
}

/* 421 ends the session too; the client comes back, and is refused at login. */
static const char *end_session(
    const struct sp_conf *conf, const char *what, char text_r[SP_POLICY_REPLY_MAX])
{
	struct sp_text out;
	bool disconnect = strcmp(conf->policy_ended_session, "disconnect") == 0;

	sp_text_init(&out, text_r, SP_POLICY_REPLY_MAX);
	sp_text_addf(&out, "%s this app password %s", disconnect ? "421 4.7.0" : "550 5.7.1", what);
	return text_r;
}

/* DEFER_IF_PERMIT means nothing once the recipients are accepted. */
static const char *put_off(const struct sp_conf *conf, const struct sp_policy_request *request)
{
	if (strcmp(conf->policy_unavailable, "close") == 0)
		return NULL;
	if (request->stage == SP_POLICY_MAIL || request->stage == SP_POLICY_RCPT)
		return "DEFER_IF_PERMIT 4.3.0 app passwords cannot be checked now, try again later";
	return "451 4.3.0 app passwords cannot be checked now, try again later";
}

/* At DATA alone: it comes once for each message, while MAIL and RCPT are asked about
 * for every recipient and END-OF-MESSAGE is too late (access(5), PREPEND). */
static const char *allow(const struct sp_conf *conf, const struct sp_policy_request *request,
    const char *id, char text_r[SP_POLICY_REPLY_MAX])
{
	struct sp_text out;

	if (request->stage == SP_POLICY_HEADER)
		return "OK";
	if (request->stage != SP_POLICY_DATA || id == NULL || conf->policy_id_header[0] == '\0')
		return "DUNNO";
	sp_text_init(&out, text_r, SP_POLICY_REPLY_MAX);
	sp_text_addf(&out, "PREPEND %s: %s", conf->policy_id_header, id);
	return text_r;
}

const char *sp_policy_reply(const struct sp_conf *conf, const struct sp_policy_request *request,
    enum sp_reason reason, const char *id, char text_r[SP_POLICY_REPLY_MAX])
{
	switch (reason) {
	case SP_REASON_OK:
		return allow(conf, request, id, text_r);
	case SP_REASON_SENDER_DENIED:
		return refuse_sender(request, text_r);
	case SP_REASON_RATE_LIMITED:
		return "450 4.7.1 this app password has sent too much, try again later";
	case SP_REASON_MALFORMED:
	case SP_REASON_NO_CREDENTIAL:
	case SP_REASON_WRONG_OWNER:
	case SP_REASON_BAD_SECRET:
	case SP_REASON_REVOKED:
	case SP_REASON_SUSPENDED:
	case SP_REASON_EXPIRED:
	case SP_REASON_NOT_YET_VALID:
	case SP_REASON_OWNER_INACTIVE:
		return end_session(conf, "is no longer valid", text_r);
	case SP_REASON_SERVICE_DENIED:
	case SP_REASON_NETWORK_DENIED:
	case SP_REASON_TLS_REQUIRED:
		return end_session(conf, "may not be used this way any more", text_r);
	case SP_REASON_LEGACY: /* whose sessions the door does not know */
	case SP_REASON_INTERNAL:
	case SP_REASON_THROTTLED:
	case SP_REASON_DIRECTORY_DOWN:
	case SP_REASON_DIRECTORY_TIMEOUT:
	case SP_REASON_OVERLOADED:
		break;
	}
	return put_off(conf, request);
}

enum sp_decision sp_policy_decision_of(const char *action)
{
	static const struct {
		const char *begin;
		enum sp_decision decision;
	} rows[] = {
	    {"DUNNO", SP_DECISION_PASS},
	    {"PREPEND ", SP_DECISION_PASS},
	    {"OK", SP_DECISION_PASS},
	    {"421 ", SP_DECISION_DISCONNECT},
	    {"550 ", SP_DECISION_REJECT},
	};

	if (action == NULL)
		return SP_DECISION_CLOSE;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strncmp(action, rows[i].begin, strlen(rows[i].begin)) == 0)
			return rows[i].decision;
	}
	return SP_DECISION_DEFER;
}

const char *sp_policy_reply_unknown(const struct sp_conf *conf, const char *login)
{
	/* it says nothing of who this is, so nobody else can hold a sender against it */
	bool fixed = strcasecmp(conf->policy_fixed_login, login) == 0;

	if (strcmp(conf->policy_unknown_session, "reject") == 0)
		return "550 5.7.1 this session's login is not known, log in again";
	if (fixed || strcmp(conf->policy_unknown_session, "defer") == 0)
		return "450 4.7.1 this session's login is not known, log in again";
	return "DUNNO";
}
