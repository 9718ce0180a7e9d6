/* SPDX-License-Identifier: BSD-2-Clause */
/* restrict.c - `sendpass restrict`: where, how and until when an app password may be used */
#include <stdlib.h>
#include <string.h>

#include "tool/alter.h"
#include "tool/arguments.h"
#include "tool/restriction_options.h"

enum {
	NO_LOGIN = SP_OPTION_OWN,
	NO_SERVICE,
	NO_NETWORK,
	NO_SENDER,
	NO_RATE,
	NO_REQUIRE_TLS,
	EXPIRES,
};

/* What the command line asks for; the rest stays. */
struct order {
	struct sp_restrictions given;
	bool lifted[EXPIRES - NO_LOGIN];
	bool has_expires;
	time_t expires;
};

static bool is_lifted(const struct order *order, int option)
{
	return order->lifted[option - NO_LOGIN];
}

static void replace(char ***list, char **given, bool lifted)
{
	if (given != NULL)
		*list = given;
	else if (lifted)
		*list = NULL;
}

static void restrict_it(struct sp_credential *after, const void *context)
{
	const struct order *order = context;

	replace(&after->logins, order->given.logins, is_lifted(order, NO_LOGIN));
	replace(&after->services, order->given.services, is_lifted(order, NO_SERVICE));
	replace(&after->networks, order->given.networks, is_lifted(order, NO_NETWORK));
	replace(&after->senders, order->given.senders, is_lifted(order, NO_SENDER));
	replace(&after->rates, order->given.rates, is_lifted(order, NO_RATE));
	if (order->given.tls_required || is_lifted(order, NO_REQUIRE_TLS))
		after->tls_required = order->given.tls_required;
	if (order->has_expires)
		after->expires = order->expires;
}

static bool take_expires(const struct sp_run *run, struct order *order)
{
	const char *fault = NULL;

	order->has_expires = true;
	order->expires = SP_NO_TIME;
	if (strcmp(optarg, "never") != 0)
		fault = sp_argument_expiry(optarg, time(NULL), &order->expires);
	if (fault != NULL)
		sp_fail_usage(run, "--expires %s, or never", fault);
	return fault == NULL;
}

/* One option with its value in optarg. False if it is wrong, which has been told. */
static bool take_option(const struct sp_run *run, struct order *order, int option)
{
	if (option == EXPIRES)
		return take_expires(run, order);
	if (option < NO_LOGIN)
		return sp_take_restriction(run, option, &order->given);
	order->lifted[option - NO_LOGIN] = true;
	return true;
}

/* Whether the options make sense together; if not, that has been told. */
static bool is_sensible(const struct sp_run *run, const struct order *order)
{
	const struct {
		const char *name;
		bool given, lifted;
	} all[] = {
	    {"login", order->given.logins != NULL, is_lifted(order, NO_LOGIN)},
	    {"service", order->given.services != NULL, is_lifted(order, NO_SERVICE)},
	    {"network", order->given.networks != NULL, is_lifted(order, NO_NETWORK)},
	    {"sender", order->given.senders != NULL, is_lifted(order, NO_SENDER)},
	    {"rate", order->given.rates != NULL, is_lifted(order, NO_RATE)},
	    {"require-tls", order->given.tls_required, is_lifted(order, NO_REQUIRE_TLS)},
	};
	bool any = order->has_expires;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (all[i].given && all[i].lifted) {
			sp_fail_usage(
			    run, "--%s and --no-%s exclude each other", all[i].name, all[i].name);
			return false;
		}
		any = any || all[i].given || all[i].lifted;
	}
	if (!any)
		sp_fail_usage(run, "an option is missing that says what to change");
	return any;
}

static enum sp_exit read_order(struct sp_run *run, struct order *order, char **id_r)
{
	static const struct option options[] = {
	    SP_RESTRICTION_OPTIONS,
	    {"no-login", no_argument, NULL, NO_LOGIN},
	    {"no-service", no_argument, NULL, NO_SERVICE},
	    {"no-network", no_argument, NULL, NO_NETWORK},
	    {"no-sender", no_argument, NULL, NO_SENDER},
	    {"no-rate", no_argument, NULL, NO_RATE},
	    {"no-require-tls", no_argument, NULL, NO_REQUIRE_TLS},
	    {"expires", required_argument, NULL, EXPIRES},
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
	if (operands == NULL || !is_sensible(run, order))
		return SP_EXIT_USAGE;
	*id_r = operands[0];
	return SP_EXIT_OK;
}

enum sp_exit sp_verb_restrict(struct sp_run *run)
{
	struct order order = {0};
	char *id = NULL; /* help was shown: it stays NULL */
	enum sp_exit status = read_order(run, &order, &id);

	if (status == SP_EXIT_OK && id != NULL)
		status = sp_alter(
		    run, id, &(struct sp_alteration){"credential_restricted", restrict_it, &order});
	sp_restrictions_clear(&order.given);
	return status;
}
