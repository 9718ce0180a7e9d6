/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stage.h - worker threads behind a bounded, fair queue
 *
 * What must wait (LDAP, Argon2) waits here and never on the event loop. Each
 * worker has a state of its own, made and freed on its own thread. Stages may feed
 * each other, so all are stopped before one is freed.
 */
#ifndef SP_DAEMON_STAGE_H
#define SP_DAEMON_STAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/fair_queue.h"
#include "sendpass/attributes.h"

struct sp_stage_calls {
	/* Makes a worker's state; NULL if it cannot, which work() is then given. */
	void *(*begin)(void *context);
	/* Does one job. The job is work()'s from here on. */
	void (*work)(void *context, void *worker, struct sp_job *job);
	/* Frees a worker's state, NULL too. */
	void (*end)(void *worker);
};

struct sp_stage;

/* Starts `workers` threads, all signals blocked in them. calls and context must
 * outlive the stage. NULL if threads or memory cannot be had; none is then left. */
struct sp_stage *sp_stage_start(
    size_t workers, size_t queue_limit, const struct sp_stage_calls *calls, void *context);

/* As sp_fair_queue_push(); a stage that stops or has stopped refuses every job. Safe
 * from every thread. */
SP_NODISCARD struct sp_job *sp_stage_push(struct sp_stage *stage, struct sp_job *job);

struct sp_stage_load {
	size_t workers, busy;  /* busy: with a job just now */
	size_t waiting, limit; /* jobs in the queue, and how many it holds */
};

/* At this moment. Safe from every thread. */
struct sp_stage_load sp_stage_load(struct sp_stage *stage);

/* Lets the workers finish what is queued, and joins them. NULL is allowed. */
void sp_stage_stop(struct sp_stage *stage);

/* Frees a stage that has stopped, once nobody pushes to it any more. */
void sp_stage_free(struct sp_stage **stage);

#endif
