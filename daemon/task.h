/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * task.h - one thing on its way through the pipeline, whatever it is
 *
 * pipeline.c is the event loop's side, pipeline_stages.c the workers'. Each kind
 * of task embeds struct sp_task and is known to them by its calls alone; nobody
 * but the kinds and these two includes this.
 */
#ifndef SP_DAEMON_TASK_H
#define SP_DAEMON_TASK_H

#include <event2/event_struct.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "daemon/argon2_worker.h"
#include "daemon/guess_watch.h"
#include "daemon/log_fold.h"
#include "daemon/overload.h"
#include "daemon/pipeline.h"
#include "daemon/stage.h"
#include "daemon/throttle_gate.h"
#include "daemon/usage_writer.h"
#include "lib/password/keyed_digest.h"
#include "lib/password/verified_cache.h"

enum sp_station { SP_AT_DIRECTORY, SP_AT_ARGON2 };

enum sp_task_end {
	SP_TASK_DONE,    /* the stages have done with it */
	SP_TASK_CROWDED, /* a stage had no room for it */
	SP_TASK_LATE,    /* its time is over, and the stages may still have it */
};

struct sp_task;

struct sp_task_calls {
	/* On a directory worker. True if Argon2 is next. */
	bool (*look_up)(struct sp_task *task, struct sp_directory *directory);
	/* On an Argon2 slot; NULL for a kind that never goes there. True if it must go
	 * to a directory worker again. */
	bool (*compute)(struct sp_task *task, struct sp_argon2_worker *worker);
	/* On the event loop, once: tells whoever waits. After SP_TASK_LATE nothing may
	 * be read that the calls above write. */
	void (*conclude)(struct sp_task *task, enum sp_task_end end);
	/* On the event loop, at last. */
	void (*free)(struct sp_task *task);
};

/* A kind's struct begins with it. */
struct sp_task {
	struct sp_job job;
	struct sp_pipeline *pipeline;
	const struct sp_task_calls *calls;
	bool crowded; /* the stages' while it is with them */
	_Atomic enum sp_station station;
	atomic_bool given_up; /* its time is over: no stage need begin on it */

	/* the event loop's */
	struct event deadline;
	bool concluded;
	TAILQ_ENTRY(sp_task) returned;
};

TAILQ_HEAD(sp_returned_list, sp_task);

struct sp_pipeline {
	struct event_base *base;
	struct sp_generations *generations;
	struct sp_stage *directory;
	struct sp_stage *argon2;
	struct timeval attempt_timeout;
	struct sp_digest_key key;
	struct sp_throttle_gate *gate;
	struct sp_guess_watch *watch;
	struct sp_overload *overload;
	struct sp_log_fold *fold;
	struct sp_usage_writer *usage;
	struct sp_verified_cache *verified; /* NULL for none */
	struct sp_replica_keeper *keeper;   /* likewise */
	struct sp_directory *replica;       /* the event loop's, which never waits; likewise */
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
 * event loop. */
void sp_pipeline_push(struct sp_stage *stage, struct sp_task *task);

/* Fills in a task whose memory is zero and counts it as pending. `whom` says whose
 * lane of the queues it waits in. */
void sp_task_init(struct sp_task *task, struct sp_pipeline *pipeline,
    const struct sp_task_calls *calls, const char *whom);

/* Whether it ended there because of us and not of the directory. */
bool sp_task_is_overload(const struct sp_task *task, enum sp_task_end end);

/* Sends it to the directory workers. It is concluded within the attempt timeout,
 * maybe before this returns, and freed some time after. */
void sp_task_start(struct sp_task *task);

/* Instead, where there is a replica, looks up in it at once; without one, sp_task_start().
 * For tasks that need nothing else of a directory. False: it is concluded and freed. */
SP_NODISCARD bool sp_task_start_here(struct sp_task *task);

/* Looks up, on whatever thread, and counts the time. True if Argon2 is next; the task is
 * then at that station. */
SP_NODISCARD bool sp_pipeline_look_up(struct sp_task *task, struct sp_directory *directory);

/* Instead, concludes and frees a task that needs no stage. */
void sp_task_finish(struct sp_task *task);

#endif
