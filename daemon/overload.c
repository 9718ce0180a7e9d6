/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/overload.h"

#include <event2/event.h>
#include <stdint.h>
#include <stdlib.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"

struct sp_overload {
	struct timeval calm;
	struct event *end;
	int64_t began_ms;
	int64_t attempts; /* turned away so far; 0: there is no overload */
};

static void on_calm(evutil_socket_t fd, short what, void *context)
{
	struct sp_overload *overload = context;
	struct sp_log_line line;

	(void)fd;
	(void)what;
	sp_log_begin(&line, SP_LOG_NOTICE, "overload_ended");
	sp_log_number(&line, "after_ms", sp_now_ms() - overload->began_ms);
	sp_log_number(&line, "attempts", overload->attempts);
	sp_log_end(&line);
	overload->attempts = 0;
}

struct sp_overload *sp_overload_new(struct event_base *base, const struct timeval *calm)
{
	struct sp_overload *overload = calloc(1, sizeof(*overload));

	if (overload == NULL)
		return NULL;
	overload->calm = *calm;
	overload->end = evtimer_new(base, on_calm, overload);
	if (overload->end == NULL)
		sp_overload_free(&overload);
	return overload;
}

void sp_overload_free(struct sp_overload **overload)
{
	if (overload == NULL || *overload == NULL)
		return;
	if ((*overload)->end != NULL)
		event_free((*overload)->end);
	free(*overload);
	*overload = NULL;
}

void sp_overload_note(struct sp_overload *overload, const char *queue)
{
	struct sp_log_line line;

	evtimer_add(overload->end, &overload->calm);
	if (overload->attempts++ > 0)
		return;
	overload->began_ms = sp_now_ms();
	sp_log_begin(&line, SP_LOG_WARNING, "overload_began");
	sp_log_text(&line, "queue", queue);
	sp_log_end(&line);
}
