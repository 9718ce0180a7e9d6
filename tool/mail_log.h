/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mail_log.h - what Postfix and Exim log of a message
 *
 * Postfix 3.x: "postfix/cleanup[7]: QUEUE-ID: message-id=<...>" and the like, of which
 * any program counts whose name has a '/', since syslog_name can be set. Exim 4:
 * "MESSAGE <= ... id=...". What a sender or another server may have put into a line is
 * believed as far as each function says.
 */
#ifndef SP_TOOL_MAIL_LOG_H
#define SP_TOOL_MAIL_LOG_H

#include <stdbool.h>

#include "sendpass/attributes.h"
#include "sendpass/limits.h"
#include "tool/log_line.h"

#define SP_QUEUE_ID_MAX 64

/* 1 to SP_QUEUE_ID_MAX letters, digits and '-': Postfix's short and long ones, Exim's. */
SP_NODISCARD bool sp_queue_id_is_fit(const char *text);

/* The queue id that the line is about. False: it is about none. */
SP_NODISCARD bool sp_mail_log_queue_id(
    const struct sp_logged *logged, char id_r[SP_QUEUE_ID_MAX + 1]);

/* Whether the line says that its message has this Message-ID, without <>: it is the
 * sender's, who may have chosen one that another message has. */
SP_NODISCARD bool sp_mail_log_has_message_id(
    const struct sp_logged *logged, const char *message_id);

/* Whether the line says that its message was handed to a server that called it `id`:
 * the word of that server alone. */
SP_NODISCARD bool sp_mail_log_passed_on_as(const struct sp_logged *logged, const char *id);

/* Who submitted the line's message: Postfix's "client=name[address]:port, sasl_method=
 * ..., sasl_username=...", or Exim's "<= ... [address]:port ... A=driver:login". */
struct sp_mail_submission {
	char address[SP_ADDRESS_MAX + 1];
	char port[6]; /* empty: not logged */
	char login[SP_LOGIN_MAX + 1];
};
SP_NODISCARD bool sp_mail_log_submission(
    const struct sp_logged *logged, struct sp_mail_submission *submission_r);

#endif
