/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/header_check.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/password_shape.h"
#include "lib/client/policy_client.h"
#include "milter/header_senders.h"

#define NOT_ALLOWED "address is not allowed for this app password"

struct check {
	const struct sp_header_site *site;
	const struct sp_header_session *session;
	const struct sp_claims *claims;
	const char *queue_id;
	struct sp_header_verdict *verdict;
	struct sp_connection connection;
	bool asked; /* a mailbox has been asked about, and the connection is open */
	/* For the log, the first that is amiss. */
	const char *header, *detail;
	char reason[SP_POLICY_NAME_MAX + 1];
	char mailbox[SP_MAILBOX_MAX + 1];
};

static void note(struct check *check, enum sp_claimed claimed, const char *reason,
    const char *detail, const char *mailbox)
{
	if (check->header != NULL)
		return;
	check->header = sp_claim_name(claimed);
	check->detail = detail;
	snprintf(check->reason, sizeof(check->reason), "%s", reason);
	snprintf(check->mailbox, sizeof(check->mailbox), "%s", mailbox);
}

/* True if the message goes on with a warning. */
static bool object(
    struct check *check, enum sp_claimed claimed, const char *reply, const char *warning)
{
	struct sp_header_verdict *verdict = check->verdict;

	if (strcmp(check->site->conf->milter_action, "warn") == 0) {
		snprintf(verdict->warnings[claimed], sizeof(verdict->warnings[claimed]), "%s: %s",
		    sp_claim_name(claimed), warning);
		return true;
	}
	verdict->outcome = SP_HEADER_REFUSED;
	snprintf(verdict->reply, sizeof(verdict->reply), "%s", reply);
	return false;
}

static bool object_to_header(struct check *check, enum sp_claimed claimed, const char *why)
{
	char reply[SP_POLICY_REPLY_MAX];

	note(check, claimed, "header_unreadable", why, "");
	snprintf(reply, sizeof(reply), "550 5.7.1 the header %s: %s", sp_claim_name(claimed), why);
	return object(check, claimed, reply, why);
}

static bool put_off(
    struct check *check, enum sp_claimed claimed, const char *why, const char *mailbox)
{
	note(check, claimed, "no_answer", why, mailbox);
	check->verdict->outcome = SP_HEADER_PUT_OFF;
	snprintf(check->verdict->reply, sizeof(check->verdict->reply),
	    "451 4.3.0 app passwords cannot be checked now, try again later");
	return false;
}

/* The id is told only where it is that of every mailbox. */
static void take_id(struct check *check, const char *id)
{
	struct sp_header_verdict *verdict = check->verdict;

	if (!check->asked)
		snprintf(verdict->id, sizeof(verdict->id), "%s", id);
	else if (strcmp(verdict->id, id) != 0)
		verdict->id[0] = '\0';
	check->asked = true;
}

/* What the door says of one mailbox; true if the next is to be looked at. */
static bool follow(struct check *check, enum sp_claimed claimed, const char *mailbox,
    const struct sp_policy_verdict *heard)
{
	struct sp_header_verdict *verdict = check->verdict;

	take_id(check, heard->id);
	if (strcmp(heard->action, "OK") == 0 || strcmp(heard->action, "DUNNO") == 0)
		return true;
	bool for_good = heard->action[0] == '5';
	if (!for_good && heard->action[0] != '4')
		return put_off(check, claimed, "sendpassd's answer is not understood", mailbox);
	note(check, claimed, heard->reason, NULL, mailbox);
	if (strcmp(heard->reason, "sender_denied") == 0)
		return object(check, claimed, heard->action, NOT_ALLOWED);
	verdict->outcome = for_good ? SP_HEADER_REFUSED : SP_HEADER_PUT_OFF;
	snprintf(verdict->reply, sizeof(verdict->reply), "%s", heard->action);
	return false;
}

static bool ask(struct check *check, enum sp_claimed claimed, const char *mailbox)
{
	const struct sp_policy_question question = {
	    .client_address = check->session->address,
	    .client_port = check->session->port,
	    .queue_id = check->queue_id,
	    .login = check->session->login,
	    .header = sp_claim_name(claimed),
	    .mailbox = mailbox,
	};
	struct sp_policy_verdict heard;
	const char *why;

	if (check->connection.fd < 0 &&
	    !sp_connection_open(&check->connection, check->site->conf->milter_policy_socket,
		check->site->daemon_uid, check->connection.deadline_ms, &why))
		return put_off(check, claimed, why, mailbox);
	if (!sp_policy_client_ask(&check->connection, &question, &heard, &why))
		return put_off(check, claimed, why, mailbox);
	return follow(check, claimed, mailbox, &heard);
}

static bool check_header(struct check *check, enum sp_claimed claimed)
{
	const char *value = check->claims->claims[claimed].value;
	const char *why = sp_claim_fault(check->claims, claimed);
	struct sp_header_senders senders;

	if (why == NULL && value == NULL)
		return true;
	if (why != NULL || !sp_header_senders_read(value, &senders, &why))
		return object_to_header(check, claimed, why);
	for (size_t i = 0; i < senders.count; i++) {
		if (!ask(check, claimed, senders.mailboxes[i]))
			return false;
	}
	return true;
}

static const char *if_any(const char *text)
{
	return text[0] != '\0' ? text : NULL;
}

static void log_verdict(const struct check *check)
{
	const struct sp_header_session *session = check->session;
	const char *login = session->login, *result = "granted";
	enum sp_log_level level = SP_LOG_INFO;
	struct sp_log_line line;

	if (check->verdict->outcome == SP_HEADER_PUT_OFF) {
		result = "unavailable";
		level = SP_LOG_WARNING;
	} else if (check->header != NULL) {
		result = check->verdict->outcome == SP_HEADER_REFUSED ? "denied" : "warned";
		level = SP_LOG_NOTICE;
	}
	if (sp_resembles_app_password(login))
		login = "(looks like an app password)";
	sp_log_begin(&line, level, "header");
	sp_log_text(&line, "result", result);
	sp_log_text(&line, "reason", check->header != NULL ? check->reason : "ok");
	sp_log_text(&line, "header", check->header);
	sp_log_text(&line, "ip", if_any(session->address));
	if (session->port != 0)
		sp_log_number(&line, "port", session->port);
	sp_log_text(&line, "queue_id", if_any(check->queue_id));
	sp_log_text(&line, "detail", check->detail);
	sp_log_text(&line, "id", if_any(check->verdict->id));
	sp_log_text(&line, "login", login);
	sp_log_text(&line, "mailbox", if_any(check->mailbox));
	sp_log_end(&line);
}

void sp_header_check(const struct sp_header_site *site, const struct sp_header_session *session,
    const struct sp_claims *claims, const char *queue_id, struct sp_header_verdict *verdict_r)
{
	struct check check = {
	    .site = site,
	    .session = session,
	    .claims = claims,
	    .queue_id = queue_id,
	    .verdict = verdict_r,
	    .connection = {.fd = -1,
		.deadline_ms = sp_now_ms() + (int64_t)site->conf->milter_timeout},
	};

	*verdict_r = (struct sp_header_verdict){0};
	if (check_header(&check, SP_CLAIMED_FROM) && check_header(&check, SP_CLAIMED_SENDER))
		verdict_r->outcome = SP_HEADER_PASSES;
	sp_connection_close(&check.connection);
	log_verdict(&check);
}
