/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * restriction_options.h - --login, --service, --network, --sender, --rate and --require-tls
 *
 * The same options, with the same values, wherever a verb takes them.
 */
#ifndef SP_TOOL_RESTRICTION_OPTIONS_H
#define SP_TOOL_RESTRICTION_OPTIONS_H

#include <stdbool.h>

#include "sendpass/attributes.h"
#include "tool/arguments.h"
#include "tool/verb.h"

/* What the command line gives. The lists are NULL-terminated, and NULL where
 * nothing was given; their strings are those of the command line. */
struct sp_restrictions {
	char **logins, **services, **networks, **senders, **rates;
	bool tls_required;
};

enum {
	SP_OPTION_LOGIN = SP_OPTION_RESTRICTION,
	SP_OPTION_SERVICE,
	SP_OPTION_NETWORK,
	SP_OPTION_SENDER,
	SP_OPTION_RATE,
	SP_OPTION_REQUIRE_TLS,
};

/* Rows of a verb's table of options. */
#define SP_RESTRICTION_OPTIONS                                                                     \
	{"login", required_argument, NULL, SP_OPTION_LOGIN},                                       \
	    {"service", required_argument, NULL, SP_OPTION_SERVICE},                               \
	    {"network", required_argument, NULL, SP_OPTION_NETWORK},                               \
	    {"sender", required_argument, NULL, SP_OPTION_SENDER},                                 \
	    {"rate", required_argument, NULL, SP_OPTION_RATE},                                     \
	{                                                                                          \
		"require-tls", no_argument, NULL, SP_OPTION_REQUIRE_TLS                            \
	}

/* One of these options, with its value in optarg. False if the value is wrong or
 * given twice, which has been told, or if it is none of these options. */
SP_NODISCARD bool sp_take_restriction(
    const struct sp_run *run, int option, struct sp_restrictions *given);

/* Frees the lists. */
void sp_restrictions_clear(struct sp_restrictions *given);

#endif
