/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * overload.h - when attempts find no room, and when that is over
 *
 *	event=overload_began queue=
 *	event=overload_ended after_ms= attempts=
 *
 * It is over when nobody was turned away for as long as an attempt may take: whoever
 * waited by then has had his answer. The event loop's.
 */
#ifndef SP_DAEMON_OVERLOAD_H
#define SP_DAEMON_OVERLOAD_H

#include <sys/time.h>

struct event_base;
struct sp_overload;

/* NULL when there is no memory. */
struct sp_overload *sp_overload_new(struct event_base *base, const struct timeval *calm);
void sp_overload_free(struct sp_overload **overload);

/* Somebody was turned away at the queue of that name. */
void sp_overload_note(struct sp_overload *overload, const char *queue);

#endif
