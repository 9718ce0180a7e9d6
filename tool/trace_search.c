/* SPDX-License-Identifier: BSD-2-Clause */
#include "tool/trace_search.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/directory/credential.h"
#include "tool/log_event.h"
#include "tool/mail_log.h"

/* A login that is older than that is hardly of the same session. */
#define SESSION_S 86400

enum stage { QUEUE_IDS_OF_MESSAGE, EVENTS, LOGINS, DONE };

struct queue_ids {
	size_t count;
	char ids[SP_SEARCH_MAX][SP_QUEUE_ID_MAX + 1];
};

/* When and by whom a message that is sought was submitted. */
struct submission {
	time_t time;
	char queue_id[SP_QUEUE_ID_MAX + 1];
	struct sp_mail_submission of;
};

struct sp_search {
	enum stage stage;
	char *message_id; /* NULL: a queue id was given */
	bool met;
	size_t hops;
	struct queue_ids sought, earlier;
	size_t submission_count;
	struct submission submissions[SP_SEARCH_MAX];
	struct sp_trace_list found;
};

/* ---- queue ids ---- */

static bool has(const struct queue_ids *list, const char *id)
{
	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(list->ids[i], id) == 0)
			return true;
	}
	return false;
}

static bool add(struct queue_ids *list, const char *id)
{
	if (has(list, id))
		return true;
	if (list->count == SP_SEARCH_MAX) {
		errno = E2BIG;
		return false;
	}
	memcpy(list->ids[list->count++], id, strlen(id) + 1);
	return true;
}

struct sp_search *sp_search_new(const char *what)
{
	size_t length = strlen(what);
	bool bracketed = length > 2 && what[0] == '<' && what[length - 1] == '>';
	bool message_id = bracketed || strchr(what, '@') != NULL;
	struct sp_search *search;

	if (!message_id && !sp_queue_id_is_fit(what)) {
		errno = EINVAL;
		return NULL;
	}
	search = calloc(1, sizeof(*search));
	if (search == NULL)
		return NULL;
	if (message_id) {
		search->message_id = strndup(what + bracketed, length - 2 * (size_t)bracketed);
		if (search->message_id == NULL)
			sp_search_free(&search);
		return search;
	}
	search->stage = EVENTS;
	(void)add(&search->sought, what); /* which is empty */
	return search;
}

void sp_search_free(struct sp_search **search)
{
	if (*search != NULL) {
		sp_trace_list_clear(&(*search)->found);
		free((*search)->message_id);
		free(*search);
	}
	*search = NULL;
}

/* ---- what is found ---- */

static bool agrees(const char *one, const char *other)
{
	return one == NULL || other == NULL || strcmp(one, other) == 0;
}

/* The other event of the same message: sendpass-milter's beside sendpassd's. */
static struct sp_trace *other_half(
    struct sp_search *search, const struct sp_log_event *event, enum sp_trace_event kind)
{
	const char *queue_id = sp_log_event_get(event, sp_trace_key(SP_TRACE_QUEUE_ID));
	const char *id = sp_log_event_get(event, sp_trace_key(SP_TRACE_ID));

	for (size_t i = search->found.count; i-- > 0;) {
		struct sp_trace *trace = &search->found.items[i];
		if (strcmp(trace->values[SP_TRACE_QUEUE_ID], queue_id) == 0 &&
		    agrees(trace->values[SP_TRACE_ID], id)) {
			if ((trace->events & kind) != 0)
				return NULL;
			trace->events |= kind;
			return trace;
		}
	}
	return NULL;
}

/* A message is refused if one of the two refuses it. */
static void forget_grant(struct sp_trace *trace, const struct sp_log_event *event)
{
	const char *result = sp_log_event_get(event, sp_trace_key(SP_TRACE_RESULT));

	if (result == NULL || strcmp(result, "granted") == 0)
		return;
	for (int i = SP_TRACE_RESULT; i <= SP_TRACE_REASON; i++) {
		free(trace->values[i]);
		trace->values[i] = NULL;
	}
}

static bool take_event(
    struct sp_search *search, const struct sp_logged *logged, const struct sp_log_event *event)
{
	const char *name = sp_log_event_get(event, "event");
	const char *queue_id = sp_log_event_get(event, sp_trace_key(SP_TRACE_QUEUE_ID));
	bool policy = strcmp(name, "policy") == 0;
	enum sp_trace_event kind = policy ? SP_TRACE_POLICY : SP_TRACE_HEADER;
	struct sp_trace *trace;

	if ((!policy && strcmp(name, "header") != 0) || queue_id == NULL ||
	    !has(&search->sought, queue_id))
		return true;
	trace = other_half(search, event, kind);
	if (trace != NULL)
		forget_grant(trace, event);
	else
		trace = sp_trace_add(&search->found, logged->time, SP_TRACE_BY_MESSAGE, kind);
	return trace != NULL && sp_trace_fill(trace, event);
}

/* ---- by login ---- */

/* Whether the login may have begun the session of the submission; *port_r: for certain
 * as far as a port is told. */
static bool may_begin(const struct submission *submission, const struct sp_logged *logged,
    const struct sp_log_event *event, bool *port_r)
{
	const char *login = sp_log_event_get(event, sp_trace_key(SP_TRACE_LOGIN));
	const char *address = sp_log_event_get(event, sp_trace_key(SP_TRACE_IP));
	const char *port = sp_log_event_get(event, sp_trace_key(SP_TRACE_PORT));
	bool timed = logged->time != SP_NO_TIME && submission->time != SP_NO_TIME;

	*port_r = port != NULL && submission->of.port[0] != '\0';
	return login != NULL && address != NULL && strcmp(login, submission->of.login) == 0 &&
	       strcmp(address, submission->of.address) == 0 &&
	       (!*port_r || strcmp(port, submission->of.port) == 0) &&
	       (!timed || (logged->time <= submission->time &&
			      logged->time >= submission->time - SESSION_S));
}

/* What it takes the place of: by a port, the login before; else an earlier one with the
 * same app password. */
static struct sp_trace *earlier_login(
    struct sp_search *search, const char *queue_id, const struct sp_log_event *event, bool by_port)
{
	const char *id = sp_log_event_get(event, sp_trace_key(SP_TRACE_ID));

	for (size_t i = 0; i < search->found.count; i++) {
		struct sp_trace *trace = &search->found.items[i];
		const char *known = trace->values[SP_TRACE_ID];
		bool same = known == id || (known != NULL && id != NULL && strcmp(known, id) == 0);
		if (strcmp(trace->values[SP_TRACE_QUEUE_ID], queue_id) == 0 &&
		    (by_port ? trace->by == SP_TRACE_BY_PORT : same))
			return trace;
	}
	return NULL;
}

static bool take_login(
    struct sp_search *search, const struct sp_logged *logged, const struct sp_log_event *event)
{
	const char *name = sp_log_event_get(event, "event");
	const char *result = sp_log_event_get(event, sp_trace_key(SP_TRACE_RESULT));

	if (strcmp(name, "auth") != 0 || result == NULL || strcmp(result, "granted") != 0)
		return true;
	for (size_t i = 0; i < search->submission_count; i++) {
		const struct submission *submission = &search->submissions[i];
		bool by_port;
		if (!may_begin(submission, logged, event, &by_port))
			continue;
		enum sp_trace_by by = by_port ? SP_TRACE_BY_PORT : SP_TRACE_BY_LOGIN;
		struct sp_trace *trace =
		    earlier_login(search, submission->queue_id, event, by_port);
		if (trace != NULL) {
			sp_trace_clear(trace);
			*trace = (struct sp_trace){
			    .time = logged->time, .by = by, .events = SP_TRACE_AUTH};
		} else {
			trace = sp_trace_add(&search->found, logged->time, by, SP_TRACE_AUTH);
		}
		if (trace == NULL)
			return false;
		trace->values[SP_TRACE_QUEUE_ID] = strdup(submission->queue_id);
		if (trace->values[SP_TRACE_QUEUE_ID] == NULL || !sp_trace_fill(trace, event))
			return false;
	}
	return true;
}

/* ---- the mail server's lines ---- */

static bool take_submission(
    struct sp_search *search, const struct sp_logged *logged, const char *queue_id)
{
	struct sp_mail_submission of;

	if (!sp_mail_log_submission(logged, &of))
		return true;
	if (search->submission_count == SP_SEARCH_MAX) {
		errno = E2BIG;
		return false;
	}
	struct submission *submission = &search->submissions[search->submission_count++];
	*submission = (struct submission){.time = logged->time, .of = of};
	memcpy(submission->queue_id, queue_id, strlen(queue_id) + 1);
	return true;
}

static bool take_hop(struct sp_search *search, const struct sp_logged *logged, const char *queue_id)
{
	for (size_t i = 0; i < search->sought.count; i++) {
		if (sp_mail_log_passed_on_as(logged, search->sought.ids[i]))
			return add(&search->earlier, queue_id);
	}
	return true;
}

static bool take_mail_line(
    struct sp_search *search, const struct sp_logged *logged, const char *queue_id)
{
	if (search->stage == QUEUE_IDS_OF_MESSAGE)
		return !sp_mail_log_has_message_id(logged, search->message_id) ||
		       add(&search->sought, queue_id);
	if (search->stage != EVENTS)
		return true;
	if (!has(&search->sought, queue_id))
		return take_hop(search, logged, queue_id);
	search->met = true;
	return take_submission(search, logged, queue_id);
}

/* ---- the whole ---- */

bool sp_search_look(struct sp_search *search, const struct sp_logged *logged)
{
	const char *text = sp_logged_event(logged);
	char queue_id[SP_QUEUE_ID_MAX + 1];
	struct sp_log_event event;

	if (text == NULL)
		return !sp_mail_log_queue_id(logged, queue_id) ||
		       take_mail_line(search, logged, queue_id);
	if (search->stage == QUEUE_IDS_OF_MESSAGE || !sp_log_event_read(text, &event))
		return true;
	return search->stage == EVENTS ? take_event(search, logged, &event)
				       : take_login(search, logged, &event);
}

static enum stage stage_behind_events(struct sp_search *search)
{
	if (search->found.count > 0)
		return DONE;
	if (search->earlier.count > 0 && search->hops < SP_SEARCH_HOPS_MAX) {
		search->hops++;
		search->sought = search->earlier;
		search->earlier.count = 0;
		return EVENTS;
	}
	return search->submission_count > 0 ? LOGINS : DONE;
}

bool sp_search_again(struct sp_search *search)
{
	switch (search->stage) {
	case QUEUE_IDS_OF_MESSAGE:
		search->met = search->sought.count > 0;
		search->stage = search->met ? EVENTS : DONE;
		break;
	case EVENTS:
		search->stage = stage_behind_events(search);
		break;
	case LOGINS:
	case DONE:
		search->stage = DONE;
		break;
	}
	return search->stage != DONE;
}

bool sp_search_met_message(const struct sp_search *search)
{
	return search->met;
}

const struct sp_trace *sp_search_found(const struct sp_search *search, size_t *count_r)
{
	*count_r = search->found.count;
	return search->found.items;
}
