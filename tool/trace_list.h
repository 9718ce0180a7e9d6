/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trace_list.h - messages, and what is known of the app password of each
 */
#ifndef SP_TOOL_TRACE_LIST_H
#define SP_TOOL_TRACE_LIST_H

#include <stddef.h>
#include <time.h>

#include "sendpass/attributes.h"
#include "tool/log_event.h"

#define SP_TRACE_MAX 1000 /* messages in a list */

/* What is told of a message, as the event has it. */
enum sp_trace_field {
	SP_TRACE_QUEUE_ID,
	SP_TRACE_ID,
	SP_TRACE_OWNER,
	SP_TRACE_LABEL,
	SP_TRACE_LOGIN,
	SP_TRACE_SERVICE,
	SP_TRACE_IP,
	SP_TRACE_PORT,
	SP_TRACE_SENDER,
	SP_TRACE_RECIPIENT,
	SP_TRACE_RECIPIENTS,
	SP_TRACE_RESULT,
	SP_TRACE_REASON,
	SP_TRACE_CANDIDATES,
	SP_TRACE_FIELDS,
};

enum sp_trace_by {
	SP_TRACE_BY_MESSAGE, /* an event about the message itself */
	SP_TRACE_BY_PORT,    /* the session's login, by address and port */
	SP_TRACE_BY_LOGIN,   /* one of the logins that it may have begun with */
};

/* One bit each. */
enum sp_trace_event { SP_TRACE_POLICY = 1, SP_TRACE_HEADER = 2, SP_TRACE_AUTH = 4 };

struct sp_trace {
	time_t time; /* SP_NO_TIME: the log has none */
	enum sp_trace_by by;
	unsigned events;               /* which it was made of: sp_trace_event */
	char *values[SP_TRACE_FIELDS]; /* any bytes; NULL: not known */
};

struct sp_trace_list {
	size_t count, size;
	struct sp_trace *items;
};

/* The key of a field in an event. */
const char *sp_trace_key(enum sp_trace_field field);

/* Adds one without values. NULL, with errno set, when there is no memory, or E2BIG. It is
 * good until the next is added. */
struct sp_trace *sp_trace_add(
    struct sp_trace_list *list, time_t time, enum sp_trace_by by, enum sp_trace_event event);

/* Takes what the event knows and the trace does not. False when there is no memory. */
SP_NODISCARD bool sp_trace_fill(struct sp_trace *trace, const struct sp_log_event *event);

/* Forgets all values. */
void sp_trace_clear(struct sp_trace *trace);
void sp_trace_list_clear(struct sp_trace_list *list);

#endif
