/* SPDX-License-Identifier: BSD-2-Clause */
/* watch.c - `sendpass watch`: the log as it is written, for people and for programs */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lib/directory/credential.h"
#include "sendpass/verdict.h"
#include "tool/arguments.h"
#include "tool/log_event.h"
#include "tool/log_source.h"
#include "tool/message.h"
#include "tool/output.h"
#include "tool/table.h"

/* What the command line asks for; NULL: whatever it is. */
struct filter {
	const char *event, *result, *reason, *login, *owner;
	bool has_id;
	char id[SP_ID_MAX + 1];
};

static volatile sig_atomic_t stopped;

static void on_signal(int number)
{
	(void)number;
	stopped = 1;
}

/* ---- which ---- */

static bool is(const struct sp_log_event *event, const char *key, const char *wanted)
{
	const char *value = sp_log_event_get(event, key);

	return wanted == NULL || (value != NULL && strcasecmp(value, wanted) == 0);
}

/* The DN, or the name in its first part: alice of uid=alice,ou=people,dc=example,dc=org. */
static bool is_owner(const struct sp_log_event *event, const char *wanted)
{
	const char *dn = sp_log_event_get(event, "owner");
	const char *name = dn != NULL ? strchr(dn, '=') : NULL;

	if (wanted == NULL || is(event, "owner", wanted))
		return true;
	if (name == NULL)
		return false;
	size_t length = strcspn(name + 1, ",+");
	return length == strlen(wanted) && strncasecmp(name + 1, wanted, length) == 0;
}

static bool passes(const struct filter *filter, const struct sp_log_event *event)
{
	return is(event, "event", filter->event) && is(event, "result", filter->result) &&
	       is(event, "reason", filter->reason) && is(event, "login", filter->login) &&
	       is(event, "id", filter->has_id ? filter->id : NULL) &&
	       is_owner(event, filter->owner);
}

/* ---- for people ---- */

/* What has a column, in this order, and how wide that is. */
static const struct column {
	const char *key;
	int width;
} columns[] = {{"event", 6}, {"result", 11}, {"reason", 14}, {"id", 8}, {"ip", 15}, {"login", 12},
    {"label", 20}, {"service", 4}, {"owner", 0}};
#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

static bool has_column(const char *key)
{
	for (size_t i = 0; i < COLUMNS; i++) {
		if (strcmp(columns[i].key, key) == 0)
			return true;
	}
	return false;
}

static const struct sp_event_pair *find(const struct sp_log_event *event, const char *key)
{
	for (size_t i = 0; i < event->count; i++) {
		if (strcmp(event->pairs[i].key, key) == 0)
			return &event->pairs[i];
	}
	return NULL;
}

static enum sp_colour colour_of(const char *key, const char *value)
{
	if (strcmp(key, "result") != 0)
		return SP_PLAIN;
	if (strcmp(value, sp_result_name(SP_GRANTED)) == 0)
		return SP_GREEN;
	return strcmp(value, sp_result_name(SP_DENIED)) == 0 ? SP_RED : SP_YELLOW;
}

/* As it is written in the log, so that a blank in a value begins no column. */
static void print_column(const struct column *column, const struct sp_event_pair *pair)
{
	const char *text = pair != NULL ? pair->written : "-";
	size_t taken = sp_write_coloured(stdout, colour_of(column->key, text), text);
	int left = column->width - (int)taken;

	printf("%*s", left > 0 ? left + 2 : 2, "");
}

static void print_time(time_t time)
{
	char text[SP_TIME_TEXT_SIZE] = "-";
	struct tm parts;

	if (time != SP_NO_TIME && localtime_r(&time, &parts) != NULL)
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &parts);
	printf("%-19s  ", text);
}

static void print_line(const struct sp_logged *logged, const struct sp_log_event *event)
{
	const char *blank = "";
	bool judged = find(event, "result") != NULL && find(event, "reason") != NULL;

	print_time(logged->time);
	for (size_t i = 0; i < (judged ? COLUMNS : 1); i++)
		print_column(&columns[i], find(event, columns[i].key));
	for (size_t i = judged ? 0 : 1; i < event->count; i++) {
		const struct sp_event_pair *pair = &event->pairs[i];
		if (judged && has_column(pair->key))
			continue;
		printf("%s%s=", blank, pair->key);
		sp_escape(stdout, pair->written);
		blank = " ";
	}
	putchar('\n');
}

/* ---- for programs ---- */

static enum sp_exit print_json(const struct sp_logged *logged, const struct sp_log_event *event)
{
	struct sp_pair pairs[SP_EVENT_PAIRS_MAX + 2];
	char time[SP_TIME_TEXT_SIZE];
	size_t count = 0;

	sp_format_time(logged->time, time);
	pairs[count++] = (struct sp_pair){"time", logged->time != SP_NO_TIME ? time : NULL};
	pairs[count++] =
	    (struct sp_pair){"program", logged->program[0] != '\0' ? logged->program : NULL};
	for (size_t i = 0; i < event->count; i++)
		pairs[count++] = (struct sp_pair){event->pairs[i].key, event->pairs[i].value};
	return sp_json_line(pairs, count);
}

/* ---- the whole ---- */

static enum sp_exit show(
    const struct sp_run *run, const struct filter *filter, const struct sp_logged *logged)
{
	const char *text = sp_logged_event(logged);
	struct sp_log_event event;

	if (text == NULL || !sp_log_event_read(text, &event) || !passes(filter, &event))
		return SP_EXIT_OK;
	if (run->json)
		return print_json(logged, &event);
	print_line(logged, &event);
	return SP_EXIT_OK;
}

/* Only here is a signal held back between a look at `stopped` and the wait. False:
 * there is nothing more to wait for. */
static bool wait_for_more(struct sp_log_source *source)
{
	sigset_t held, before;

	sigemptyset(&held);
	sigaddset(&held, SIGINT);
	sigaddset(&held, SIGTERM);
	sigprocmask(SIG_BLOCK, &held, &before);
	bool more = !stopped && sp_log_source_wait(source, &before);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return more;
}

static enum sp_exit follow(
    const struct sp_run *run, const struct filter *filter, struct sp_log_source *source)
{
	const struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
	struct sp_logged logged;
	enum sp_exit status = SP_EXIT_OK;

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	signal(SIGPIPE, SIG_DFL); /* head(1) behind it has had enough: no failure to tell */
	while (!stopped && status == SP_EXIT_OK) {
		enum sp_log_read got = sp_log_source_next(source, &logged);
		if (got == SP_LOG_READ_LINE)
			status = show(run, filter, &logged);
		else if (got == SP_LOG_READ_FAILED)
			status = SP_EXIT_FAILED;
		else if (got == SP_LOG_READ_END || !sp_output_flush() || !wait_for_more(source))
			break;
	}
	return status;
}

enum { EVENT = SP_LOG_OPTION_NEXT, ID, LOGIN, OWNER, REASON, RESULT };

static bool take_option(const struct sp_run *run, struct filter *filter, int option)
{
	const char *fault = NULL;

	switch (option) {
	case EVENT:
		filter->event = optarg;
		break;
	case ID:
		fault = sp_argument_id(optarg, filter->id);
		filter->has_id = true;
		break;
	case LOGIN:
		filter->login = optarg;
		break;
	case OWNER:
		filter->owner = optarg;
		break;
	case REASON:
		filter->reason = optarg;
		break;
	case RESULT:
		filter->result = optarg;
		break;
	}
	if (fault != NULL)
		sp_fail_usage(run, "--id %s", fault);
	return fault == NULL;
}

/* A word that no line can have would be waited for in vain. */
static bool is_sensible(const struct sp_run *run, const struct filter *filter)
{
	static const char *const results[] = {"granted", "denied", "unavailable", "warned"};
	bool known = filter->result == NULL;

	for (size_t i = 0; i < sizeof(results) / sizeof(results[0]) && !known; i++)
		known = strcmp(filter->result, results[i]) == 0;
	if (!known)
		sp_fail_usage(run, "--result must be granted, denied, unavailable or warned");
	return known && sp_operands(run, 0, 0) != NULL;
}

enum sp_exit sp_verb_watch(struct sp_run *run)
{
	static const struct option options[] = {
	    {"event", required_argument, NULL, EVENT},
	    {"id", required_argument, NULL, ID},
	    {"login", required_argument, NULL, LOGIN},
	    {"owner", required_argument, NULL, OWNER},
	    {"reason", required_argument, NULL, REASON},
	    {"result", required_argument, NULL, RESULT},
	    SP_LOG_OPTIONS,
	    SP_OPTIONS_OF_EVERY_VERB,
	};
	struct filter filter = {0};
	struct sp_log_source *source = NULL;
	struct sp_log_place place;
	enum sp_exit status = SP_EXIT_FAILED;

	sp_log_place_init(&place);
	for (int option; (option = sp_next_option(run, options, &status)) != SP_OPTIONS_END;) {
		if (option == 0)
			return status;
		if (option < SP_LOG_OPTION_NEXT ? !sp_log_place_take(run, &place, option)
						: !take_option(run, &filter, option))
			return SP_EXIT_USAGE;
	}
	if (!is_sensible(run, &filter) || !sp_log_place_is_sensible(run, &place))
		return SP_EXIT_USAGE;
	status = sp_log_source_open(&place, false, true, &source);
	if (status == SP_EXIT_OK)
		status = follow(run, &filter, source);
	sp_log_source_close(&source);
	return status;
}
