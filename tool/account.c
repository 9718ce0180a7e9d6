/* SPDX-License-Identifier: BSD-2-Clause */
#include "tool/account.h"

#include <stdlib.h>
#include <string.h>

#include "tool/message.h"

/* What each form needs, by enum sp_format. */
static const struct need {
	const char *name;
	bool server, mailbox, address;
} needs[SP_FORMAT_COUNT] = {
    [SP_FORMAT_TEXT] = {"text", false, false, false},
    [SP_FORMAT_JSON] = {"json", false, false, false},
    [SP_FORMAT_SHEET] = {"sheet", true, false, false},
    [SP_FORMAT_QR] = {"qr", false, false, false},
    [SP_FORMAT_THUNDERBIRD] = {"thunderbird", true, true, true},
    [SP_FORMAT_MOBILECONFIG] = {"mobileconfig", true, true, false},
};

const char *sp_format_name(enum sp_format format)
{
	return needs[format].name;
}

static enum sp_exit check_settings(const struct need *need, const struct sp_conf *conf)
{
	const char *missing = NULL;

	if (need->server && conf->handover_smtp_server[0] == '\0')
		missing = "smtp_server";
	else if (need->mailbox && conf->handover_imap_server[0] == '\0')
		missing = "imap_server";
	if (missing == NULL)
		return SP_EXIT_OK;
	return sp_fail(SP_EXIT_FAILED,
	    "--format %s needs [handover] %s, which is empty: set it in sendpass.conf; no app "
	    "password was made",
	    need->name, missing);
}

static bool is_address(const char *pattern)
{
	const char *at = strrchr(pattern, '@');

	return at != NULL && at != pattern && pattern[0] != '@';
}

static bool is_ascii(const char *text)
{
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text >= 0x80)
			return false;
	}
	return true;
}

static enum sp_exit copy(const char *text, char **copy_r)
{
	*copy_r = strdup(text);
	return *copy_r != NULL ? SP_EXIT_OK : sp_fail(SP_EXIT_FAILED, "out of memory");
}

static enum sp_exit read_owner(struct sp_session *session, const struct sp_credential *credential,
    const char *attribute, char **value_r)
{
	char why[SP_CONF_WHY_MAX];

	if (attribute[0] == '\0')
		return SP_EXIT_OK; /* none is configured, so nobody has one */
	return sp_session_judge(
	    sp_admin_read_owner(session->admin, credential->owner, attribute, value_r, why), why);
}

static enum sp_exit find_address(
    struct sp_session *session, const struct sp_credential *credential, struct sp_account *account)
{
	for (char **sender = credential->senders; sender != NULL && *sender != NULL; sender++) {
		if (is_address(*sender))
			return copy(*sender, &account->address);
	}
	return read_owner(
	    session, credential, session->conf->directory_owner_mail_attribute, &account->address);
}

static enum sp_exit find_logins(struct sp_session *session, const struct sp_credential *credential,
    const char *login, struct sp_account *account)
{
	enum sp_exit status =
	    login != NULL ? copy(login, &account->mailbox_login)
			  : read_owner(session, credential, session->conf->handover_login_attribute,
				&account->mailbox_login);
	bool own = credential->logins != NULL && credential->logins[0] != NULL;

	if (status == SP_EXIT_OK && (own || account->mailbox_login != NULL))
		status =
		    copy(own ? credential->logins[0] : account->mailbox_login, &account->login);
	return status;
}

/* Whether all was found that the form needs. */
static enum sp_exit check_found(
    const struct need *need, const struct sp_account *account, const char *owner)
{
	const struct sp_conf *conf = account->conf;

	if ((need->server && account->login == NULL) ||
	    (need->mailbox && account->mailbox_login == NULL))
		return sp_fail(SP_EXIT_FAILED,
		    "--format %s needs a login, and %s has no %s: see [handover] "
		    "login_attribute; no app password was made",
		    need->name, owner, conf->handover_login_attribute);
	if (!need->address)
		return SP_EXIT_OK;
	if (account->address == NULL)
		return sp_fail(SP_EXIT_FAILED,
		    "--format %s needs an address to send as, and %s has none in [directory] "
		    "owner_mail_attribute: give one with --sender; no app password was made",
		    need->name, owner);
	if (!is_ascii(account->address))
		return sp_fail(SP_EXIT_FAILED,
		    "--format %s takes no address that is not ASCII: %s; no app password "
		    "was made",
		    need->name, account->address);
	return SP_EXIT_OK;
}

enum sp_exit sp_account_find(struct sp_session *session, enum sp_format format,
    const struct sp_credential *credential, const char *login, struct sp_account *account_r)
{
	const struct need *need = &needs[format];

	*account_r = (struct sp_account){.format = format, .conf = session->conf};
	enum sp_exit status = check_settings(need, session->conf);
	bool shown = need->server ||
		     (format == SP_FORMAT_JSON && session->conf->handover_smtp_server[0] != '\0');
	if (status == SP_EXIT_OK && shown)
		status = find_logins(session, credential, login, account_r);
	if (status == SP_EXIT_OK && need->mailbox)
		status = find_address(session, credential, account_r);
	if (status == SP_EXIT_OK)
		status = check_found(need, account_r, credential->owner);
	return status;
}

void sp_account_clear(struct sp_account *account)
{
	free(account->login);
	free(account->mailbox_login);
	free(account->address);
	*account = (struct sp_account){0};
}

const char *sp_account_security(const struct sp_account *account)
{
	return strcmp(account->conf->handover_smtp_security, "tls") == 0 ? "SSL/TLS" : "STARTTLS";
}
