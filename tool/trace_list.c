/* SPDX-License-Identifier: BSD-2-Clause */
#include "tool/trace_list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const keys[SP_TRACE_FIELDS] = {
    [SP_TRACE_QUEUE_ID] = "queue_id",
    [SP_TRACE_ID] = "id",
    [SP_TRACE_OWNER] = "owner",
    [SP_TRACE_LABEL] = "label",
    [SP_TRACE_LOGIN] = "login",
    [SP_TRACE_SERVICE] = "service",
    [SP_TRACE_IP] = "ip",
    [SP_TRACE_PORT] = "port",
    [SP_TRACE_SENDER] = "sender",
    [SP_TRACE_RECIPIENT] = "recipient",
    [SP_TRACE_RECIPIENTS] = "recipients",
    [SP_TRACE_RESULT] = "result",
    [SP_TRACE_REASON] = "reason",
    [SP_TRACE_CANDIDATES] = "candidates",
};

const char *sp_trace_key(enum sp_trace_field field)
{
	return keys[field];
}

static bool make_room(struct sp_trace_list *list)
{
	size_t size = list->size > 0 ? 2 * list->size : 8;

	if (list->count < list->size)
		return true;
	if (list->count >= SP_TRACE_MAX) {
		errno = E2BIG;
		return false;
	}
	struct sp_trace *items = reallocarray(list->items, size, sizeof(*items));
	if (items == NULL)
		return false;
	list->items = items;
	list->size = size;
	return true;
}

struct sp_trace *sp_trace_add(
    struct sp_trace_list *list, time_t time, enum sp_trace_by by, enum sp_trace_event event)
{
	if (!make_room(list))
		return NULL;
	struct sp_trace *trace = &list->items[list->count++];
	*trace = (struct sp_trace){.time = time, .by = by, .events = event};
	return trace;
}

bool sp_trace_fill(struct sp_trace *trace, const struct sp_log_event *event)
{
	for (size_t i = 0; i < SP_TRACE_FIELDS; i++) {
		const char *value = sp_log_event_get(event, keys[i]);
		if (value == NULL || trace->values[i] != NULL)
			continue;
		trace->values[i] = strdup(value);
		if (trace->values[i] == NULL)
			return false;
	}
	return true;
}

void sp_trace_clear(struct sp_trace *trace)
{
	for (size_t i = 0; i < SP_TRACE_FIELDS; i++) {
		free(trace->values[i]);
		trace->values[i] = NULL;
	}
}

void sp_trace_list_clear(struct sp_trace_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		sp_trace_clear(&list->items[i]);
	free(list->items);
	*list = (struct sp_trace_list){0};
}
