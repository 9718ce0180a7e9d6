/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * alerts.h - from a line of the log to the alert command
 *
 * Each finished line, of whatever level and thread, is looked at by the log's observer
 * (log.h). One of a kind that [alert] events has goes by the limit (alert_limit.h) into a
 * queue of ALERT_QUEUE_MAX, and from there to the runner, one after another. Nobody who
 * logs waits for more than a lock, and the event loop for nothing. A command that
 * fails is logged, once until it fails otherwise or succeeds:
 *
 *	event=alert_failed alert= error=
 *
 * What still waits when sendpassd ends is not told by the command; the log has it.
 */
#ifndef SP_DAEMON_ALERTS_H
#define SP_DAEMON_ALERTS_H

#include "daemon/generation.h"
#include "sendpass/attributes.h"

struct event_base;
struct sp_alerts;

/* Observes the log from now on. runner is of sp_alert_runner_start(), and taken over in any
 * case. Only one may live. NULL when there is no memory or no randomness. */
struct sp_alerts *sp_alerts_new(struct event_base *base, int runner);

/* Other threads may go on to log. */
void sp_alerts_free(struct sp_alerts **alerts);

/* From now on as [alert] of that generation has it. What was held back is forgotten where
 * that section has changed. */
void sp_alerts_follow(struct sp_alerts *alerts, const struct sp_generation *generation);

#endif
