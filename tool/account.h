/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * account.h - the mail account in which an app password is to be used
 *
 * What [handover] of sendpass.conf(5) says, with the owner's logins and address.
 */
#ifndef SP_TOOL_ACCOUNT_H
#define SP_TOOL_ACCOUNT_H

#include <stdbool.h>

#include "lib/conf/conf.h"
#include "lib/directory/credential.h"
#include "sendpass/attributes.h"
#include "tool/session.h"
#include "tool/verb.h"

/* In what form an app password is handed over. */
enum sp_format {
	SP_FORMAT_TEXT,
	SP_FORMAT_JSON,
	SP_FORMAT_SHEET,
	SP_FORMAT_QR,
	SP_FORMAT_THUNDERBIRD,
	SP_FORMAT_MOBILECONFIG,
};
#define SP_FORMAT_COUNT 6

/* As --format takes it; static text. */
const char *sp_format_name(enum sp_format format);

struct sp_account {
	enum sp_format format;
	const struct sp_conf *conf; /* the session's */
	/* Its own. NULL: not known, and the format does without. */
	char *login;         /* for sending */
	char *mailbox_login; /* at the incoming server */
	char *address;       /* as which it sends, ASCII */
};

/* Finds what the format needs for the credential, whose owner, logins and senders
 * are known; login is the one that its owner was found by, or NULL. Anything but
 * SP_EXIT_OK has been told: a setting of [handover] that the format needs is
 * empty, or the owner's entry lacks something. Cleared by the caller in every case. */
SP_NODISCARD enum sp_exit sp_account_find(struct sp_session *session, enum sp_format format,
    const struct sp_credential *credential, const char *login, struct sp_account *account_r);
void sp_account_clear(struct sp_account *account);

/* For sending: "SSL/TLS" or "STARTTLS", as mail clients call them. */
const char *sp_account_security(const struct sp_account *account);

#endif
