/* SPDX-License-Identifier: BSD-2-Clause */
#include "tool/report_log.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/log_reader.h"
#include "lib/base/number.h"
#include "lib/base/text.h"
#include "tool/message.h"

#define LINE_SIZE (SP_LOG_LINE_MAX + 512) /* with time, host and program before it */

/* What one of our lines says. Empty: nothing. */
struct event {
	char name[SP_LOG_KEY_MAX + 1];
	char result[16], reason[32], ip[64];
	char login[SP_LOG_TEXT_MAX + 8]; /* with the dots of one that was cut */
	uint64_t count;                  /* of attempts or requests that it tells of */
};

void sp_report_log_init(struct sp_report_log *log_r)
{
	*log_r = (struct sp_report_log){0};
	for (size_t i = 0; i < SP_REPORT_OTHER_REASON; i++)
		log_r->refusals[i].reason = sp_reason_name((enum sp_reason)i);
	log_r->refusals[SP_REPORT_OTHER_REASON].reason = "other";
	memcpy(log_r->first_time, SP_REPORT_NO_TEXT, sizeof(SP_REPORT_NO_TEXT));
	memcpy(log_r->last_time, SP_REPORT_NO_TEXT, sizeof(SP_REPORT_NO_TEXT));
}

static void free_legacy(void *item)
{
	struct sp_report_legacy *legacy = item;

	free(legacy->login);
	free(legacy);
}

void sp_report_log_clear(struct sp_report_log *log)
{
	tdestroy(log->logins, free_legacy);
	free(log->legacy);
	*log = (struct sp_report_log){0};
}

/* ---- lines ---- */

enum got { NO_LINE, CUT_LINE, WHOLE_LINE };

/* A cut one is too long, or has a NUL in it. */
static enum got read_line(FILE *in, char line_r[LINE_SIZE])
{
	size_t length = 0;
	bool whole = true, any = false;
	int c;

	while ((c = getc_unlocked(in)) != EOF && c != '\n') {
		any = true;
		whole = whole && c != '\0' && length < LINE_SIZE - 1;
		if (whole)
			line_r[length++] = (char)c;
	}
	line_r[length] = '\0';
	if (c == EOF && !any)
		return NO_LINE;
	return whole ? WHOLE_LINE : CUT_LINE;
}

/* What stands before host and program. */
static void read_time(const char *line, const char *event, char time_r[SP_REPORT_TIME_SIZE])
{
	const char *at = strstr(line, ": ");
	size_t length = 0;

	memcpy(time_r, SP_REPORT_NO_TEXT, sizeof(SP_REPORT_NO_TEXT));
	if (at == NULL || at >= event)
		return;
	for (int word = 0; word < 2; word++) {
		while (at > line && at[-1] != ' ')
			at--;
		while (at > line && at[-1] == ' ')
			at--;
	}
	length = (size_t)(at - line);
	if (length == 0 || length >= SP_REPORT_TIME_SIZE ||
	    !sp_text_is_printable_utf8(line, length))
		return;
	memcpy(time_r, line, length);
	time_r[length] = '\0';
}

static bool keep(char *field, size_t size, const struct sp_log_pair *pair)
{
	if (pair->length >= size)
		return false;
	memcpy(field, pair->value, pair->length + 1);
	return true;
}

static bool keep_pair(struct event *event, const struct sp_log_pair *pair)
{
	if (strcmp(pair->key, "event") == 0)
		return keep(event->name, sizeof(event->name), pair);
	if (strcmp(pair->key, "result") == 0)
		return keep(event->result, sizeof(event->result), pair);
	if (strcmp(pair->key, "reason") == 0)
		return keep(event->reason, sizeof(event->reason), pair);
	if (strcmp(pair->key, "ip") == 0)
		return keep(event->ip, sizeof(event->ip), pair);
	if (strcmp(pair->key, "login") == 0)
		return keep(event->login, sizeof(event->login), pair);
	if (strcmp(pair->key, "repeats") == 0)
		return sp_parse_number_n(pair->value, pair->length, 1, UINT32_MAX, &event->count);
	return true;
}

/* False if a part of it is not as sendpassd writes it. */
static bool read_event(const char *text, struct event *event_r)
{
	struct sp_log_pair pair;

	*event_r = (struct event){.count = 1};
	while (*text != '\0') {
		if (!sp_log_read_pair(&text, &pair) || !keep_pair(event_r, &pair))
			return false;
	}
	return true;
}

/* ---- counting ---- */

static int compare_logins(const void *one, const void *other)
{
	return strcmp(((const struct sp_report_legacy *)one)->login,
	    ((const struct sp_report_legacy *)other)->login);
}

/* The one of that login, perhaps a new one. NULL, with errno set, when there is none. */
static struct sp_report_legacy *find_legacy(struct sp_report_log *log, const char *login)
{
	struct sp_report_legacy *legacy = calloc(1, sizeof(*legacy));
	void **node = NULL;

	if (legacy != NULL)
		legacy->login = sp_escaped(login[0] != '\0' ? login : SP_REPORT_NO_TEXT);
	if (legacy == NULL || legacy->login == NULL) {
		free(legacy);
		return NULL;
	}
	node = tfind(legacy, &log->logins, compare_logins);
	if (node == NULL && log->legacy_count == SP_REPORT_LEGACY_MAX) {
		errno = E2BIG;
	} else if (node == NULL) {
		node = tsearch(legacy, &log->logins, compare_logins);
		log->legacy_count += node != NULL;
	}
	if (node == NULL || *node != legacy)
		free_legacy(legacy);
	return node != NULL ? *node : NULL;
}

static bool count_legacy(struct sp_report_log *log, const struct event *event, const char *time)
{
	struct sp_report_legacy *legacy = find_legacy(log, event->login);
	size_t length = strlen(event->ip);
	bool shown = length > 0 && sp_text_is_printable_utf8(event->ip, length);

	if (legacy == NULL)
		return false;
	log->by_legacy++;
	legacy->count++;
	memcpy(legacy->last_time, time, SP_REPORT_TIME_SIZE);
	snprintf(legacy->last_address, sizeof(legacy->last_address), "%s",
	    shown ? event->ip : SP_REPORT_NO_TEXT);
	return true;
}

static struct sp_report_refusals *find_reason(struct sp_report_log *log, const char *reason)
{
	for (size_t i = 0; i < SP_REPORT_OTHER_REASON; i++) {
		if (strcmp(log->refusals[i].reason, reason) == 0)
			return &log->refusals[i];
	}
	return &log->refusals[SP_REPORT_OTHER_REASON];
}

static void count_refusal(struct sp_report_log *log, const struct event *event, bool login)
{
	size_t count = (size_t)event->count;
	struct sp_report_refusals *refusals = find_reason(log, event->reason);
	bool denied = strcmp(event->result, "denied") == 0;

	refusals->result = sp_result_name(denied ? SP_DENIED : SP_UNAVAILABLE);
	if (!login) {
		refusals->messages += count;
		return;
	}
	refusals->logins += count;
	if (denied)
		log->denied += count;
	else
		log->unavailable += count;
}

static bool count_attempt(struct sp_report_log *log, const struct event *event, const char *time)
{
	memcpy(log->last_time, time, SP_REPORT_TIME_SIZE);
	if (log->granted + log->denied + log->unavailable == 0)
		memcpy(log->first_time, time, SP_REPORT_TIME_SIZE);
	if (strcmp(event->result, "granted") != 0) {
		count_refusal(log, event, true);
		return true;
	}
	log->granted++;
	return strcmp(event->reason, sp_reason_name(SP_REASON_LEGACY)) != 0 ||
	       count_legacy(log, event, time);
}

static bool is_result(const char *text)
{
	return strcmp(text, "granted") == 0 || strcmp(text, "denied") == 0 ||
	       strcmp(text, "unavailable") == 0;
}

static bool count_line(struct sp_report_log *log, const char *line, bool whole)
{
	const char *text = sp_log_find_event(line, "sendpassd");
	char time[SP_REPORT_TIME_SIZE] = "";
	struct event event;

	log->lines++;
	if (text == NULL) {
		log->foreign++;
		return true;
	}
	if (!whole || !read_event(text, &event)) {
		log->broken++;
		return true;
	}
	bool attempt = strcmp(event.name, "auth") == 0;
	if (!attempt && strcmp(event.name, "policy") != 0)
		return true;
	if (!is_result(event.result)) {
		log->broken++;
		return true;
	}
	if (!attempt) {
		if (strcmp(event.result, "granted") != 0)
			count_refusal(log, &event, false);
		return true;
	}
	read_time(line, text, time);
	return count_attempt(log, &event, time);
}

bool sp_report_log_read(struct sp_report_log *log, FILE *in)
{
	char line[LINE_SIZE];
	enum got got;

	while ((got = read_line(in, line)) != NO_LINE) {
		if (!count_line(log, line, got == WHOLE_LINE))
			return false;
	}
	return !ferror(in);
}

/* ---- sorting ---- */

static int compare_counts(size_t one, size_t other)
{
	return (one < other) - (one > other);
}

static int most_refusals_first(const void *one, const void *other)
{
	const struct sp_report_refusals *a = one, *b = other;
	int by_count = compare_counts(a->logins + a->messages, b->logins + b->messages);

	return by_count != 0 ? by_count : strcmp(a->reason, b->reason);
}

static int most_logins_first(const void *one, const void *other)
{
	const struct sp_report_legacy *const *a = one, *const *b = other;
	int by_count = compare_counts((*a)->count, (*b)->count);

	return by_count != 0 ? by_count : strcmp((*a)->login, (*b)->login);
}

static void collect(const void *node, VISIT visit, void *context)
{
	struct sp_report_log *log = context;

	if (visit == postorder || visit == leaf)
		log->legacy[log->legacy_count++] = *(struct sp_report_legacy *const *)node;
}

bool sp_report_log_settle(struct sp_report_log *log)
{
	log->legacy = calloc(log->legacy_count + 1, sizeof(struct sp_report_legacy *));
	if (log->legacy == NULL)
		return false;
	log->legacy_count = 0;
	twalk_r(log->logins, collect, log);
	qsort(log->legacy, log->legacy_count, sizeof(struct sp_report_legacy *), most_logins_first);
	qsort(log->refusals, SP_REPORT_REASON_COUNT, sizeof(log->refusals[0]), most_refusals_first);
	while (log->refusal_count < SP_REPORT_REASON_COUNT &&
	       log->refusals[log->refusal_count].result != NULL)
		log->refusal_count++;
	return true;
}
