/* SPDX-License-Identifier: BSD-2-Clause */
#include "tool/arguments.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/number.h"
#include "lib/base/password_shape.h"
#include "lib/base/text.h"
#include "lib/password/app_password.h"
#include "tool/message.h"

#define MINUTE_MS      (UINT64_C(60) * 1000)
#define DAY_MS         (24 * 60 * MINUTE_MS)
#define EXPIRY_LOW_MS  MINUTE_MS
#define EXPIRY_HIGH_MS (36525 * DAY_MS)

enum sp_exit sp_fail_usage(const struct sp_run *run, const char *format, ...)
{
	char text[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (run->verb == NULL)
		return sp_fail(SP_EXIT_USAGE, "%s (see: sendpass --help)", text);
	return sp_fail(SP_EXIT_USAGE, "%s: %s (see: sendpass %s --help)", run->verb->name, text,
	    run->verb->name);
}

enum sp_exit sp_fail_option(const struct sp_run *run, int fault)
{
	const char *word = run->argv[optind - 1];

	if (fault == ':')
		return sp_fail_usage(run, "%s needs a value", word);
	if (optopt > 0 && optopt < SP_OPTION_JSON)
		return sp_fail_usage(run, "unknown option -%c", optopt);
	/* What stands behind the '=' may be a secret. */
	return sp_fail_usage(run, "%s %.*s",
	    optopt > 0 ? "no value goes with" : "unknown or ambiguous option",
	    (int)strcspn(word, "="), word);
}

int sp_next_option(struct sp_run *run, const struct option *options, enum sp_exit *status_r)
{
	for (;;) {
		int option = getopt_long(run->argc, run->argv, ":h", options, NULL);
		switch (option) {
		case SP_OPTION_JSON:
			run->json = true;
			continue;
		case 'h':
		case SP_OPTION_HELP:
			sp_verb_help(run->verb);
			*status_r = SP_EXIT_OK;
			return 0;
		case ':':
		case '?':
			*status_r = sp_fail_option(run, option);
			return 0;
		default:
			return option;
		}
	}
}

char **sp_operands(const struct sp_run *run, int low, int high)
{
	int count = run->argc - optind;

	if (count >= low && count <= high)
		return run->argv + optind;
	/* What is too much is not shown: it may be a password. */
	sp_fail_usage(run, "%s; usage: sendpass %s%s%s",
	    count < low ? "something is missing" : "too many arguments", run->verb->name,
	    run->verb->synopsis[0] != '\0' ? " " : "", run->verb->synopsis);
	return NULL;
}

bool sp_text_is_fit(const struct sp_run *run, const char *name, const char *text, size_t max)
{
	size_t length = strlen(text);

	if (length == 0)
		sp_fail_usage(run, "%s must not be empty", name);
	else if (length > max)
		sp_fail_usage(run, "%s is longer than %zu bytes", name, max);
	else if (!sp_text_is_printable_utf8(text, length))
		sp_fail_usage(run, "%s must be UTF-8 without control characters", name);
	else if (text[0] == ' ' || text[length - 1] == ' ')
		sp_fail_usage(run, "%s must have no spaces at its ends", name);
	else
		return true;
	return false;
}

const char *sp_argument_expiry(const char *text, time_t now, time_t *time_r)
{
	uint64_t ms;
	time_t day;

	if (sp_parse_duration(text, 0, UINT64_MAX, &ms)) {
		if (ms < EXPIRY_LOW_MS || ms > EXPIRY_HIGH_MS)
			return "must be from 1m to 36525d";
		*time_r = now + (time_t)(ms / 1000);
		return NULL;
	}
	if (!sp_parse_day(text, &day))
		return "must be a duration with its unit (m, h, d, w), such as 90d, or a day of "
		       "the calendar as YYYY-MM-DD";
	if (day <= now)
		return "must be a day to come: the app password ends as it begins, in UTC";
	*time_r = day;
	return NULL;
}

const char *sp_argument_period(const char *text, time_t low_s, time_t *seconds_r)
{
	uint64_t ms;

	if (!sp_parse_duration(text, 0, UINT64_MAX, &ms))
		return "must be a duration with its unit (s, m, h, d, w), such as 90d";
	if (ms / 1000 < (uint64_t)low_s || ms > EXPIRY_HIGH_MS)
		return low_s > 1 ? "must be from 1m to 36525d" : "must be at most 36525d";
	*seconds_r = (time_t)(ms / 1000);
	return NULL;
}

bool sp_take_period(
    const struct sp_run *run, const char *option, time_t now, int sign, time_t *time_r)
{
	time_t seconds;
	const char *fault = sp_argument_period(optarg, MINUTE_MS / 1000, &seconds);

	if (fault != NULL)
		sp_fail_usage(run, "%s %s", option, fault);
	else
		*time_r = now + sign * seconds;
	return fault == NULL;
}

const char *sp_argument_past_day(const char *text, time_t now, time_t *time_r)
{
	time_t day;

	if (!sp_parse_day(text, &day))
		return "must be a day of the calendar as YYYY-MM-DD";
	if (day > now)
		return "must be a day that has begun";
	*time_r = day;
	return NULL;
}

const char *sp_argument_id(const char *text, char id_r[SP_ID_MAX + 1])
{
	size_t length = 0;
	bool fits = true;

	if (sp_resembles_app_password(text)) {
		id_r[0] = '\0';
		return "is a whole app password: its id is the first 8 symbols, or 5 of a compact "
		       "one";
	}
	for (; *text != '\0' && fits; text++) {
		if (*text == '-')
			continue;
		fits = length < SP_ID_MAX;
		if (fits)
			id_r[length++] = (char)tolower((unsigned char)*text);
	}
	id_r[length] = '\0';
	if (fits && sp_credential_id_is_valid(id_r))
		return NULL;
	id_r[0] = '\0';
	return "must be 8 symbols, or 5, of 0-9 and a-z without i, l, o and u";
}

bool sp_operand_id(const struct sp_run *run, const char *text, char id_r[SP_ID_MAX + 1])
{
	const char *fault = sp_argument_id(text, id_r);

	if (fault != NULL)
		sp_fail_usage(run, "ID %s", fault);
	return fault == NULL;
}
