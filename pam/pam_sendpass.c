/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The PAM module. authenticate asks sendpassd, acct_mgmt repeats its verdict, and
 * the others have nothing to do; each says below why it answers what it answers.
 *
 * PAM_SUCCESS comes from a verdict "granted" alone. PAM_IGNORE, which would leave
 * the decision to the rest of the stack, is no answer to any failure.
 */
#include <string.h>
#include <syslog.h>

#include <security/pam_ext.h>
#include <security/pam_modules.h>

#include "lib/base/secret.h"
#include "lib/client/client.h"
#include "lib/wire/address.h"
#include "pam/failure_log.h"
#include "pam/kept_verdict.h"
#include "pam/options.h"
#include "sendpass/attributes.h"
#include "sendpass/limits.h"

/* The one place where results become PAM's codes. */
static int code_of(enum sp_result result)
{
	switch (result) {
	case SP_GRANTED:
		return PAM_SUCCESS;
	case SP_DENIED:
		return PAM_AUTH_ERR;
	case SP_UNAVAILABLE:
		return PAM_AUTHINFO_UNAVAIL;
	}
	return PAM_AUTHINFO_UNAVAIL;
}

static bool read_options(
    pam_handle_t *pamh, int argc, const char **argv, struct sp_pam_options *options_r)
{
	sp_pam_options_read(argc, argv, options_r);
	if (options_r->why == NULL)
		return true;
	pam_syslog(pamh, LOG_ERR, "option \"%s\" %s", options_r->wrong, options_r->why);
	return false;
}

/* *text_r is "" for what the host did not set. */
static bool get_text(pam_handle_t *pamh, int item, const char **text_r)
{
	const void *value = NULL;

	*text_r = "";
	if (pam_get_item(pamh, item, &value) != PAM_SUCCESS)
		return false;
	if (value != NULL)
		*text_r = value;
	return true;
}

static int get_user(pam_handle_t *pamh, const char **user_r)
{
	int code = pam_get_user(pamh, user_r, NULL);

	if (code == PAM_CONV_AGAIN) /* the host is event driven and will call again */
		return PAM_INCOMPLETE;
	if (code == PAM_SUCCESS && *user_r == NULL)
		return PAM_USER_UNKNOWN;
	return code;
}

static int get_token(pam_handle_t *pamh, const struct sp_pam_options *options, const char **token_r)
{
	const void *item = NULL;
	int code;

	if (!options->use_first_pass) {
		code = pam_get_authtok(pamh, PAM_AUTHTOK, token_r, NULL);
		return code == PAM_SUCCESS && *token_r == NULL ? PAM_AUTHTOK_ERR : code;
	}
	code = pam_get_item(pamh, PAM_AUTHTOK, &item);
	*token_r = item;
	return code == PAM_SUCCESS && item == NULL ? PAM_AUTHTOK_RECOVERY_ERR : code;
}

/* What does not fit leaves the password empty, which nobody has. */
static int get_password(
    pam_handle_t *pamh, const struct sp_pam_options *options, struct sp_secret *password_r)
{
	const char *token = NULL;
	int code = get_token(pamh, options, &token);

	sp_secret_wipe(password_r);
	if (code != PAM_SUCCESS)
		pam_syslog(pamh, LOG_ERR, "no password to check: %s",
		    code == PAM_AUTHTOK_RECOVERY_ERR
			? "use_first_pass, and no module before this one got one"
			: pam_strerror(pamh, code));
	else if (!sp_secret_set(password_r, token, strlen(token)))
		sp_secret_wipe(password_r);
	return code;
}

static int ask_sendpassd(pam_handle_t *pamh, const struct sp_pam_options *options, const char *user,
    const struct sp_secret *password)
{
	char address[SP_ADDRESS_MAX + 1];
	const char *service, *rhost, *why;

	if (!get_text(pamh, PAM_SERVICE, &service) || !get_text(pamh, PAM_RHOST, &rhost))
		return PAM_SYSTEM_ERR;
	/* Some hosts put a name there, which is the client's word and no address. */
	sp_address_copy(rhost, strnlen(rhost, SP_ADDRESS_MAX + 1), address);
	struct sp_client_request request = {
	    .login = user,
	    .password = password,
	    .service = options->service != NULL ? options->service : service,
	    .remote_address = address,
	};
	enum sp_result result = sp_client_verify(&options->client, &request, &why);
	if (result == SP_UNAVAILABLE)
		sp_pam_log_unavailable(pamh, user, why);
	if (result == SP_DENIED)
		sp_pam_log_denied(pamh, user);
	if (options->debug)
		pam_syslog(pamh, LOG_DEBUG, "%s for service %s, by %s", sp_result_name(result),
		    request.service, options->client.socket_path);
	return sp_pam_verdict_keep(pamh, user, result) ? code_of(result) : PAM_BUF_ERR;
}

/* An unusable option is PAM_SERVICE_ERR: it tells nothing about the password, so it
 * is no PAM_AUTH_ERR, and it must not pass for an outage that a stack may ignore.
 *
 * The flags change nothing: an empty password is refused even where the host allows
 * it, and there is no message to be silent about. No delay is asked for either,
 * since libpam would spend it inside the host; sendpassd slows down guessing. */
SP_EXPORT int pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct sp_pam_options options;
	struct sp_secret password;
	const char *user = NULL;

	(void)flags;
	/* A verdict of an earlier call must not survive a failure of this one. */
	if (!sp_pam_verdict_forget(pamh))
		return PAM_BUF_ERR;
	if (!read_options(pamh, argc, argv, &options))
		return PAM_SERVICE_ERR;
	int code = get_user(pamh, &user);
	if (code != PAM_SUCCESS)
		return code;
	code = get_password(pamh, &options, &password);
	if (code == PAM_SUCCESS)
		code = ask_sendpassd(pamh, &options, user, &password);
	sp_secret_wipe(&password);
	return code;
}

/* An app password gives no credentials that could fail to be set. libpam follows
 * what authenticate answered, so this opens no door that was shut there. */
SP_EXPORT int pam_sm_setcred(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)pamh, (void)flags, (void)argc, (void)argv;
	return PAM_SUCCESS;
}

/* sendpassd judges state and restrictions of a credential together with its secret,
 * and libpam has wiped the password by now. So there is nothing to ask afresh with:
 * what authenticate did not find out for this user cannot be known here. */
SP_EXPORT int pam_sm_acct_mgmt(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct sp_pam_options options;
	enum sp_result result = SP_UNAVAILABLE;
	const char *user;

	(void)flags;
	if (!read_options(pamh, argc, argv, &options))
		return PAM_SERVICE_ERR;
	if (!get_text(pamh, PAM_USER, &user))
		return PAM_SYSTEM_ERR;
	if (!sp_pam_verdict_find(pamh, user, &result))
		sp_pam_log_unavailable(pamh, user, "this module did not authenticate the user");
	if (options.debug)
		pam_syslog(pamh, LOG_DEBUG, "the account is %s", sp_result_name(result));
	return code_of(result);
}

/* A session has nothing to do with us: whoever else is in the stack decides. */
SP_EXPORT int pam_sm_open_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)pamh, (void)flags, (void)argc, (void)argv;
	return PAM_IGNORE;
}

SP_EXPORT int pam_sm_close_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)pamh, (void)flags, (void)argc, (void)argv;
	return PAM_IGNORE;
}

/* App passwords are issued, not chosen. Whoever has us in that stack is told, rather
 * than left to believe that one was changed. */
SP_EXPORT int pam_sm_chauthtok(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)flags, (void)argc, (void)argv;
	pam_syslog(pamh, LOG_ERR, "app passwords cannot be changed through PAM");
	return PAM_AUTHTOK_ERR;
}
