/* SPDX-License-Identifier: BSD-2-Clause */
/* issue.c - `sendpass issue`: makes an app password and hands it over, once */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/base/network.h"
#include "lib/base/rate.h"
#include "lib/base/sender.h"
#include "lib/password/app_password.h"
#include "lib/password/argon2_slot.h"
#include "tool/arguments.h"
#include "tool/message.h"
#include "tool/output.h"
#include "tool/session.h"

/* A compact id has 25 bits: with 100,000 of them in use, 8 draws in a row are
 * taken once in 10^20 times. */
#define DRAWS_MAX 8

/* What the command line asks for. */
struct order {
	const char *login;
	char *label;
	/* NULL-terminated; NULL where none were given */
	char **logins, **services, **networks, **senders, **rates;
	bool tls_required;
	time_t expires;
	enum sp_password_form form;
};

/* What is made of it. The credential points into the order and into here. */
struct issued {
	struct sp_credential credential;
	struct sp_app_password password;
	char hash[SP_PHC_TEXT_MAX];
};

static void wipe_issued(struct issued *issued)
{
	free(issued->credential.owner);
	explicit_bzero(issued, sizeof(*issued));
}

/* Adds the credential under an id that is free. */
static enum sp_exit add(struct sp_session *session, struct sp_argon2_slot *slot,
    const struct order *order, struct issued *issued)
{
	const struct sp_argon2_cost cost = {
	    .memory_kib = (uint32_t)session->conf->argon2_memory,
	    .passes = (uint32_t)session->conf->argon2_passes,
	    .lanes = (uint32_t)session->conf->argon2_lanes,
	};
	enum sp_admin_status status = SP_ADMIN_EXISTS;
	char why[SP_CONF_WHY_MAX] = "";

	for (int draw = 0; draw < DRAWS_MAX && status == SP_ADMIN_EXISTS; draw++) {
		if (!sp_app_password_generate(order->form, &issued->password) ||
		    !sp_argon2_hash(slot, &cost, &issued->password.secret, issued->hash))
			return sp_fail(SP_EXIT_FAILED,
			    "no app password could be made: getrandom or Argon2 failed");
		issued->credential.id = issued->password.id;
		issued->credential.hash = issued->hash;
		status = sp_admin_add(session->admin, &issued->credential, why);
	}
	if (status == SP_ADMIN_DOWN)
		sp_say("Nobody knows whether app password %s was added. If `sendpass show %s` "
		       "finds it, revoke it: its password is lost.",
		    issued->password.id, issued->password.id);
	return sp_session_judge(status, why);
}

static void tell_each(const char *key, char *const *texts)
{
	for (; texts != NULL && *texts != NULL; texts++)
		sp_say("%s: %s", key, *texts);
}

static void tell(const struct issued *issued)
{
	const struct sp_credential *credential = &issued->credential;
	char time[SP_TIME_TEXT_SIZE];

	sp_say("id: %s", credential->id);
	sp_say("owner: %s", credential->owner);
	sp_say("label: %s", credential->label);
	tell_each("login", credential->logins);
	tell_each("service", credential->services);
	tell_each("network", credential->networks);
	tell_each("sender", credential->senders);
	tell_each("rate", credential->rates);
	if (credential->tls_required)
		sp_say("tls: required");
	sp_say("expires: %s", credential->expires != SP_NO_TIME
				  ? sp_format_time(credential->expires, time)
				  : "never");
}

/* Whether the password reached standard output. */
static bool print_password(const struct sp_run *run, const struct issued *issued)
{
	struct sp_secret text = {0};
	bool ok = true;

	sp_app_password_print(&issued->password, &text);
	if (run->json)
		ok = sp_json_issued(&issued->credential, text.bytes) == SP_EXIT_OK;
	else
		puts(text.bytes);
	sp_secret_wipe(&text);
	return sp_output_finish() && ok;
}

/* An app password that nobody has seen must not stay valid. */
static enum sp_exit take_back(struct sp_session *session, const char *id)
{
	struct sp_credential *credential = NULL;
	char why[SP_CONF_WHY_MAX];
	enum sp_admin_status status = sp_admin_get(session->admin, id, &credential, why);

	if (status == SP_ADMIN_OK) {
		struct sp_credential revoked = *credential;
		revoked.revoked = time(NULL);
		revoked.revoked_reason = "its password could not be handed over";
		status = sp_admin_change(session->admin, credential, &revoked, why);
	}
	sp_credential_free(&credential);
	if (status == SP_ADMIN_OK)
		return sp_fail(SP_EXIT_FAILED,
		    "app password %s was made, but not handed over, and is revoked again", id);
	sp_fail(SP_EXIT_FAILED, "%s", why);
	return sp_fail(SP_EXIT_FAILED,
	    "app password %s was made, but not handed over, and is still active: run sendpass "
	    "revoke %s",
	    id, id);
}

static enum sp_exit hand_over(
    const struct sp_run *run, struct sp_session *session, const struct issued *issued)
{
	if (!print_password(run, issued))
		return take_back(session, issued->password.id);
	if (!run->json)
		tell(issued);
	return SP_EXIT_OK;
}

/* Between the directory's add and the handing over, no key press may end us. */
static void hold_signals(sigset_t *before_r)
{
	sigset_t held;

	sigemptyset(&held);
	sigaddset(&held, SIGINT);
	sigaddset(&held, SIGTERM);
	sigaddset(&held, SIGHUP);
	sigaddset(&held, SIGQUIT);
	sigprocmask(SIG_BLOCK, &held, before_r);
}

static enum sp_exit issue(
    const struct sp_run *run, struct sp_session *session, const struct order *order)
{
	struct issued issued = {
	    .credential =
		{
		    .label = order->label,
		    .logins = order->logins,
		    .services = order->services,
		    .networks = order->networks,
		    .senders = order->senders,
		    .rates = order->rates,
		    .tls_required = order->tls_required,
		    .created = SP_NO_TIME,
		    .not_before = SP_NO_TIME,
		    .expires = order->expires,
		    .revoked = SP_NO_TIME,
		},
	};
	char why[SP_CONF_WHY_MAX];
	sigset_t before;
	enum sp_exit status = sp_session_judge(
	    sp_admin_find_owner(session->admin, order->login, &issued.credential.owner, why), why);
	if (status != SP_EXIT_OK)
		return status;

	struct sp_argon2_slot *slot = sp_argon2_slot_new((uint32_t)session->conf->argon2_memory);
	if (slot != NULL) {
		hold_signals(&before);
		status = add(session, slot, order, &issued);
		if (status == SP_EXIT_OK)
			status = hand_over(run, session, &issued);
		sigprocmask(SIG_SETMASK, &before, NULL);
	} else {
		status = sp_fail(SP_EXIT_FAILED,
		    "no memory for Argon2: [argon2] memory is %" PRIu64 " KiB",
		    session->conf->argon2_memory);
	}
	sp_argon2_slot_free(&slot);
	wipe_issued(&issued);
	return status;
}

/* Puts one more value into the order's list, which is made with room for every
 * argument there is. */
static bool take_value(const struct sp_run *run, const char *option, char ***list, char *value)
{
	if (*list == NULL)
		*list = calloc((size_t)run->argc + 1, sizeof(**list));
	if (*list == NULL) {
		sp_fail(SP_EXIT_FAILED, "out of memory");
		return false;
	}
	char **at = *list;
	for (; *at != NULL; at++) {
		if (strcasecmp(*at, value) == 0) {
			sp_fail_usage(run, "%s %s is given twice", option, value);
			return false;
		}
	}
	*at = value;
	return true;
}

static bool take_network(const struct sp_run *run, struct order *order, char *text)
{
	struct sp_network network;

	if (sp_network_parse(text, &network))
		return take_value(run, "--network", &order->networks, text);
	sp_fail_usage(run,
	    "--network %s is neither an address nor a network such as 192.0.2.0/24 or "
	    "2001:db8::/32, whose bits behind the prefix are 0",
	    text);
	return false;
}

static bool take_sender(const struct sp_run *run, struct order *order, char *text)
{
	if (sp_sender_pattern_is_valid(text))
		return take_value(run, "--sender", &order->senders, text);
	sp_fail_usage(run,
	    "--sender %s is neither an address nor @domain, @.domain for subdomains, * or <>",
	    text);
	return false;
}

static bool take_rate(const struct sp_run *run, struct order *order, char *text)
{
	struct sp_rate rate;
	size_t count = 0;

	if (!sp_rate_parse(text, &rate)) {
		sp_fail_usage(run,
		    "--rate %s is neither COUNT/TIME nor recipients=COUNT/TIME, such as 100/1h; "
		    "at most 1000000, in 1s to 366d",
		    text);
		return false;
	}
	if (!take_value(run, "--rate", &order->rates, text))
		return false;
	while (order->rates[count] != NULL)
		count++;
	if (count > SP_RATES_OF_ONE_MAX)
		sp_fail_usage(run, "--rate is given more than %d times", SP_RATES_OF_ONE_MAX);
	return count <= SP_RATES_OF_ONE_MAX;
}

enum { LABEL = SP_OPTION_OWN, EXPIRES, COMPACT, LOGIN, SERVICE, NETWORK, SENDER, RATE, TLS };

/* One option with its value in optarg. False if it is wrong, which has been told. */
static bool take_option(const struct sp_run *run, struct order *order, int option)
{
	const char *why;

	switch (option) {
	case LABEL:
		order->label = optarg;
		return true;
	case EXPIRES:
		why = sp_argument_expiry(optarg, time(NULL), &order->expires);
		if (why != NULL)
			sp_fail_usage(run, "--expires %s", why);
		return why == NULL;
	case COMPACT:
		order->form = SP_FORM_COMPACT;
		return true;
	case LOGIN:
		return sp_text_is_fit(run, "--login", optarg, SP_LOGIN_MAX) &&
		       take_value(run, "--login", &order->logins, optarg);
	case SERVICE:
		return sp_text_is_fit(run, "--service", optarg, SP_SERVICE_MAX) &&
		       take_value(run, "--service", &order->services, optarg);
	case NETWORK:
		return take_network(run, order, optarg);
	case SENDER:
		return take_sender(run, order, optarg);
	case RATE:
		return take_rate(run, order, optarg);
	case TLS:
		order->tls_required = true;
		return true;
	}
	return false;
}

/* SP_EXIT_OK and a NULL order->login: help was shown, and there is nothing to do. */
static enum sp_exit read_order(struct sp_run *run, struct order *order)
{
	static const struct option options[] = {
	    {"label", required_argument, NULL, LABEL},
	    {"expires", required_argument, NULL, EXPIRES},
	    {"compact", no_argument, NULL, COMPACT},
	    {"login", required_argument, NULL, LOGIN},
	    {"service", required_argument, NULL, SERVICE},
	    {"network", required_argument, NULL, NETWORK},
	    {"sender", required_argument, NULL, SENDER},
	    {"rate", required_argument, NULL, RATE},
	    {"require-tls", no_argument, NULL, TLS},
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
	if (order->label == NULL)
		return sp_fail_usage(run, "--label is missing: say what the app password is for");
	if (!sp_text_is_fit(run, "--label", order->label, SP_TEXT_ARGUMENT_MAX))
		return SP_EXIT_USAGE;
	order->login = operands[0];
	return SP_EXIT_OK;
}

enum sp_exit sp_verb_issue(struct sp_run *run)
{
	struct order order = {.expires = SP_NO_TIME, .form = SP_FORM_STANDARD};
	struct sp_session session = {0};

	enum sp_exit status = read_order(run, &order);
	if (status == SP_EXIT_OK && order.login != NULL) {
		status = sp_session_open(run, &session);
		if (status == SP_EXIT_OK)
			status = issue(run, &session, &order);
		sp_session_close(&session);
	}
	free(order.logins);
	free(order.services);
	free(order.networks);
	free(order.senders);
	free(order.rates);
	return status;
}
