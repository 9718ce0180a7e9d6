/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verification.h - one attempt on its way, shared by the two sides of the pipeline
 *
 * pipeline.c is the event loop's side, pipeline_stages.c the workers'. Nobody else
 * includes this.
 */
#ifndef SP_DAEMON_VERIFICATION_H
#define SP_DAEMON_VERIFICATION_H

#include <event2/event_struct.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "daemon/pipeline.h"
#include "daemon/sessions.h"
#include "daemon/stage.h"
#include "daemon/throttle_gate.h"
#include "lib/password/keyed_digest.h"

enum sp_station { SP_AT_DIRECTORY, SP_AT_ARGON2 };

struct sp_verification {
	struct sp_job job;
	struct sp_pipeline *pipeline;
	struct sp_attempt attempt; /* the stages' while it is with them, but for its request */
	bool is_recheck;
	_Atomic enum sp_station station;
	atomic_bool given_up; /* its time is over: no stage need begin on it */

	/* the event loop's */
	const char *door;
	sp_answer_fn *answer;
	sp_rechecked_fn *rechecked; /* instead, for a session that has logged in before */
	void *context;
	char id[SP_ID_MAX + 1];
	struct sp_throttle_subject subject;
	int64_t started_us;
	struct event deadline;
	bool concluded;
	TAILQ_ENTRY(sp_verification) returned;
};

TAILQ_HEAD(sp_returned_list, sp_verification);

struct sp_pipeline {
	struct event_base *base;
	struct sp_generations *generations;
	struct sp_stage *directory;
	struct sp_stage *argon2;
	struct timeval attempt_timeout;
	struct sp_digest_key key;
	struct sp_throttle_gate *gate;
	size_t pending;
	struct sp_sessions *sessions;

	int wake_fd;
	struct event *wake;
	pthread_mutex_t lock; /* returned */
	struct sp_returned_list returned;
};

/* What the workers of either stage do; their context is the pipeline. */
extern const struct sp_stage_calls sp_pipeline_directory_calls;
extern const struct sp_stage_calls sp_pipeline_argon2_calls;

/* Pushes to a stage, from any thread; whoever finds no room there goes back to the
 * event loop as overloaded. */
void sp_pipeline_push(struct sp_stage *stage, struct sp_verification *verification);

#endif
