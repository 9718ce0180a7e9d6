/* SPDX-License-Identifier: BSD-2-Clause */
/* trace.c - `sendpass trace`: which app password a message was sent with */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/directory/credential.h"
#include "lib/password/app_password.h"
#include "tool/arguments.h"
#include "tool/log_source.h"
#include "tool/message.h"
#include "tool/output.h"
#include "tool/trace_search.h"

static const char *by_name(enum sp_trace_by by)
{
	switch (by) {
	case SP_TRACE_BY_MESSAGE:
		return "message";
	case SP_TRACE_BY_PORT:
		return "port";
	case SP_TRACE_BY_LOGIN:
		break;
	}
	return "login";
}

/* ---- for people ---- */

static void print_text(const char *key, const char *value)
{
	if (value == NULL)
		return;
	printf("%s: ", key);
	sp_escape(stdout, value);
	putchar('\n');
}

/* What of it is not certain, and what can be done. */
static void print_advice(const struct sp_trace *trace)
{
	const char *id = trace->values[SP_TRACE_ID];

	if (trace->by == SP_TRACE_BY_LOGIN)
		puts("perhaps: the session may have begun with this login, from this address");
	if (trace->values[SP_TRACE_CANDIDATES] != NULL)
		puts("perhaps: one of several app passwords that the session may have logged in "
		     "with");
	if (id != NULL && sp_credential_id_is_valid(id))
		printf("to end it: sendpass revoke %s\n", id);
}

static void print_trace(const struct sp_trace *trace)
{
	char time[SP_TIME_TEXT_SIZE];

	if (trace->time != SP_NO_TIME)
		print_text("time", sp_format_time(trace->time, time));
	for (enum sp_trace_field i = 0; i < SP_TRACE_FIELDS; i++)
		print_text(sp_trace_key(i), trace->values[i]);
	print_text("found by", by_name(trace->by));
	print_advice(trace);
}

/* ---- for programs ---- */

static enum sp_exit print_json(const struct sp_trace *traces, size_t count)
{
	enum { COLUMNS = SP_TRACE_FIELDS + 2 };
	struct sp_pair *pairs = calloc(count * COLUMNS + 1, sizeof(*pairs));
	char(*times)[SP_TIME_TEXT_SIZE] = calloc(count + 1, sizeof(*times));
	enum sp_exit status = SP_EXIT_FAILED;

	for (size_t row = 0; row < count && pairs != NULL && times != NULL; row++) {
		struct sp_pair *pair = pairs + row * COLUMNS;
		bool timed = traces[row].time != SP_NO_TIME;
		*pair++ = (struct sp_pair){"found_by", by_name(traces[row].by)};
		sp_format_time(traces[row].time, times[row]);
		*pair++ = (struct sp_pair){"time", timed ? times[row] : NULL};
		for (enum sp_trace_field i = 0; i < SP_TRACE_FIELDS; i++)
			*pair++ = (struct sp_pair){sp_trace_key(i), traces[row].values[i]};
	}
	if (pairs == NULL || times == NULL)
		sp_fail(status, "out of memory");
	else
		status = sp_json_rows(pairs, COLUMNS, count);
	free(pairs);
	free(times);
	return status;
}

/* ---- the search ---- */

static enum sp_exit print_found(
    const struct sp_run *run, const struct sp_search *search, const char *what)
{
	size_t count;
	const struct sp_trace *traces = sp_search_found(search, &count);
	enum sp_exit status = run->json ? print_json(traces, count) : SP_EXIT_OK;

	for (size_t i = 0; i < count && !run->json; i++) {
		if (i > 0)
			putchar('\n');
		print_trace(&traces[i]);
	}
	if (count > 0 || status != SP_EXIT_OK)
		return status;
	return sp_fail(SP_EXIT_NO,
	    sp_search_met_message(search) ? "%s is in the log, but not with what app password it "
					    "was sent: see docs/tracing.md"
					  : "the log that was read has nothing of %s",
	    what);
}

static enum sp_exit search_all(struct sp_search *search, struct sp_log_source *source)
{
	struct sp_logged logged;
	enum sp_log_read got;

	do {
		if (!sp_log_source_rewind(source))
			return SP_EXIT_FAILED;
		while ((got = sp_log_source_next(source, &logged)) == SP_LOG_READ_LINE) {
			if (!sp_search_look(search, &logged))
				return sp_fail(SP_EXIT_FAILED, "%s",
				    errno == E2BIG ? "too many messages fit: say --since"
						   : "out of memory");
		}
		if (got == SP_LOG_READ_FAILED)
			return SP_EXIT_FAILED;
	} while (sp_search_again(search));
	return SP_EXIT_OK;
}

static enum sp_exit trace(
    const struct sp_run *run, const struct sp_log_place *place, const char *what)
{
	struct sp_search *search = sp_search_new(what);
	struct sp_log_source *source = NULL;

	if (search == NULL && errno == EINVAL)
		return sp_fail_usage(
		    run, "what to trace must be a queue id, or a Message-ID such as <a@b>");
	if (search == NULL)
		return sp_fail(SP_EXIT_FAILED, "out of memory");
	enum sp_exit status = sp_log_source_open(place, true, false, &source);
	if (status == SP_EXIT_OK)
		status = search_all(search, source);
	if (status == SP_EXIT_OK)
		status = print_found(run, search, what);
	sp_log_source_close(&source);
	sp_search_free(&search);
	return status;
}

enum sp_exit sp_verb_trace(struct sp_run *run)
{
	static const struct option options[] = {SP_LOG_OPTIONS, SP_OPTIONS_OF_EVERY_VERB};
	struct sp_log_place place;
	enum sp_exit status = SP_EXIT_FAILED;

	sp_log_place_init(&place);
	for (int option; (option = sp_next_option(run, options, &status)) != SP_OPTIONS_END;) {
		if (option == 0)
			return status;
		if (!sp_log_place_take(run, &place, option))
			return SP_EXIT_USAGE;
	}
	char **operands = sp_operands(run, 1, 1);
	if (operands == NULL || !sp_log_place_is_sensible(run, &place))
		return SP_EXIT_USAGE;
	return trace(run, &place, operands[0]);
}
