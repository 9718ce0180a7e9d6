/* SPDX-License-Identifier: BSD-2-Clause */
/* issue.c - `sendpass issue`: makes an app password for the owner of a login */
#include <stdlib.h>

#include "tool/arguments.h"
#include "tool/hand_over.h"
#include "tool/issue_policy.h"
#include "tool/message.h"
#include "tool/new_credential.h"
#include "tool/restriction_options.h"
#include "tool/session.h"

/* What the command line asks for. */
struct order {
	const char *login;
	char *label;
	struct sp_restrictions restrictions;
	time_t now;
	time_t expires;
	enum sp_password_form form;
	enum sp_format format;
};

static enum sp_exit issue(struct sp_session *session, const struct order *order)
{
	struct sp_credential wanted = {
	    .label = order->label,
	    .logins = order->restrictions.logins,
	    .services = order->restrictions.services,
	    .networks = order->restrictions.networks,
	    .senders = order->restrictions.senders,
	    .rates = order->restrictions.rates,
	    .tls_required = order->restrictions.tls_required,
	    .created = SP_NO_TIME,
	    .not_before = SP_NO_TIME,
	    .expires = order->expires,
	    .revoked = SP_NO_TIME,
	    .last_used = SP_NO_TIME,
	};
	struct sp_account account = {0};
	char why[SP_CONF_WHY_MAX];
	char id[SP_ID_MAX + 1];
	enum sp_exit status = sp_session_judge(
	    sp_admin_find_owner(session->admin, order->login, &wanted.owner, why), why);

	sp_issue_policy_add(session->conf, &wanted);
	if (status == SP_EXIT_OK)
		status = sp_issue_policy_permit(session->conf, order->form, order->now, &wanted);
	if (status == SP_EXIT_OK)
		status = sp_issue_policy_count(session, &wanted, order->now);
	if (status == SP_EXIT_OK)
		status = sp_account_find(session, order->format, &wanted, order->login, &account);
	if (status == SP_EXIT_OK)
		status = sp_new_credential(
		    session, &wanted, order->form, sp_hand_over_one, &account, id);
	sp_account_clear(&account);
	free(wanted.owner);
	return status;
}

enum { LABEL = SP_OPTION_OWN, EXPIRES, COMPACT };

/* One option with its value in optarg. False if it is wrong, which has been told. */
static bool take_option(const struct sp_run *run, struct order *order, int option)
{
	const char *why;

	switch (option) {
	case LABEL:
		order->label = optarg;
		return true;
	case EXPIRES:
		why = sp_argument_expiry(optarg, order->now, &order->expires);
		if (why != NULL)
			sp_fail_usage(run, "--expires %s", why);
		return why == NULL;
	case COMPACT:
		order->form = SP_FORM_COMPACT;
		return true;
	case SP_OPTION_FORMAT:
		return sp_take_format(run, &order->format);
	}
	return sp_take_restriction(run, option, &order->restrictions);
}

/* SP_EXIT_OK and a NULL order->login: help was shown, and there is nothing to do. */
static enum sp_exit read_order(struct sp_run *run, struct order *order)
{
	static const struct option options[] = {
	    {"label", required_argument, NULL, LABEL},
	    {"expires", required_argument, NULL, EXPIRES},
	    {"compact", no_argument, NULL, COMPACT},
	    SP_OPTION_ROW_FORMAT,
	    SP_RESTRICTION_OPTIONS,
	    SP_OPTIONS_OF_EVERY_VERB,
	};
	enum sp_exit status = SP_EXIT_FAILED;

	for (int option; (option = sp_next_option(run, options, &status)) != SP_OPTIONS_END;) {
		if (option == 0)
			return status;
		if (!take_option(run, order, option))
			return SP_EXIT_USAGE;
	}
	char **operands = sp_operands(run, 1, 1);
	if (operands == NULL)
		return SP_EXIT_USAGE;
	if (order->label != NULL &&
	    !sp_text_is_fit(run, "--label", order->label, SP_TEXT_ARGUMENT_MAX))
		return SP_EXIT_USAGE;
	if (!sp_settle_format(run, &order->format))
		return SP_EXIT_USAGE;
	order->login = operands[0];
	return SP_EXIT_OK;
}

enum sp_exit sp_verb_issue(struct sp_run *run)
{
	struct order order = {.now = time(NULL), .expires = SP_NO_TIME, .form = SP_FORM_STANDARD};
	struct sp_session session = {0};

	enum sp_exit status = read_order(run, &order);
	if (status == SP_EXIT_OK && order.login != NULL) {
		status = sp_session_open(run, &session);
		if (status == SP_EXIT_OK && order.label == NULL &&
		    session.conf->issue_label_required)
			status = sp_fail_usage(run,
			    "--label is missing: say what the app password is for; [issue] "
			    "label_required is yes");
		if (status == SP_EXIT_OK)
			status = issue(&session, &order);
		sp_session_close(&session);
	}
	sp_restrictions_clear(&order.restrictions);
	return status;
}
