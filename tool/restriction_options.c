/* SPDX-License-Identifier: BSD-2-Clause */
#include "tool/restriction_options.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/base/network.h"
#include "lib/base/rate.h"
#include "lib/base/sender.h"
#include "tool/message.h"

/* Puts one more value into the list, which is made with room for every argument
 * there is. */
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

static bool take_network(const struct sp_run *run, struct sp_restrictions *given, char *text)
{
	struct sp_network network;

	if (sp_network_parse(text, &network))
		return take_value(run, "--network", &given->networks, text);
	sp_fail_usage(run,
	    "--network %s is neither an address nor a network such as 192.0.2.0/24 or "
	    "2001:db8::/32, whose bits behind the prefix are 0",
	    text);
	return false;
}

static bool take_sender(const struct sp_run *run, struct sp_restrictions *given, char *text)
{
	if (sp_sender_pattern_is_valid(text))
		return take_value(run, "--sender", &given->senders, text);
	sp_fail_usage(run,
	    "--sender %s is neither an address nor @domain, @.domain for subdomains, * or <>",
	    text);
	return false;
}

static bool take_rate(const struct sp_run *run, struct sp_restrictions *given, char *text)
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
	if (!take_value(run, "--rate", &given->rates, text))
		return false;
	while (given->rates[count] != NULL)
		count++;
	if (count > SP_RATES_OF_ONE_MAX)
		sp_fail_usage(run, "--rate is given more than %d times", SP_RATES_OF_ONE_MAX);
	return count <= SP_RATES_OF_ONE_MAX;
}

bool sp_take_restriction(const struct sp_run *run, int option, struct sp_restrictions *given)
{
	switch (option) {
	case SP_OPTION_LOGIN:
		return sp_text_is_fit(run, "--login", optarg, SP_LOGIN_MAX) &&
		       take_value(run, "--login", &given->logins, optarg);
	case SP_OPTION_SERVICE:
		return sp_text_is_fit(run, "--service", optarg, SP_SERVICE_MAX) &&
		       take_value(run, "--service", &given->services, optarg);
	case SP_OPTION_NETWORK:
		return take_network(run, given, optarg);
	case SP_OPTION_SENDER:
		return take_sender(run, given, optarg);
	case SP_OPTION_RATE:
		return take_rate(run, given, optarg);
	case SP_OPTION_REQUIRE_TLS:
		given->tls_required = true;
		return true;
	}
	return false;
}

void sp_restrictions_clear(struct sp_restrictions *given)
{
	free(given->logins);
	free(given->services);
	free(given->networks);
	free(given->senders);
	free(given->rates);
	*given = (struct sp_restrictions){0};
}
