/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/pipeline.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "daemon/replica_keeper.h"
#include "daemon/task.h"
#include "lib/base/clock.h"

bool sp_task_is_overload(const struct sp_task *task, enum sp_task_end end)
{
	return end == SP_TASK_CROWDED ||
	       (end == SP_TASK_LATE && atomic_load(&task->station) == SP_AT_ARGON2);
}

static void conclude(struct sp_task *task, enum sp_task_end end)
{
	if (sp_task_is_overload(task, end))
		sp_overload_note(task->pipeline->overload,
		    atomic_load(&task->station) == SP_AT_ARGON2 ? "argon2" : "directory");
	task->concluded = true;
	task->pipeline->pending--;
	event_del(&task->deadline);
	task->calls->conclude(task, end);
}

static void on_deadline(evutil_socket_t fd, short what, void *context)
{
	struct sp_task *task = context;

	(void)fd;
	(void)what;
	atomic_store(&task->given_up, true);
	conclude(task, SP_TASK_LATE);
}

void sp_task_finish(struct sp_task *task)
{
	if (!task->concluded)
		conclude(task, task->crowded ? SP_TASK_CROWDED : SP_TASK_DONE);
	task->calls->free(task);
}

static void on_wake(evutil_socket_t fd, short what, void *context)
{
	struct sp_pipeline *pipeline = context;
	struct sp_returned_list batch = TAILQ_HEAD_INITIALIZER(batch);
	struct sp_task *task;
	uint64_t count;

	(void)what;
	if (read(fd, &count, sizeof(count)) < 0)
		return;
	pthread_mutex_lock(&pipeline->lock);
	TAILQ_CONCAT(&batch, &pipeline->returned, returned);
	pthread_mutex_unlock(&pipeline->lock);
	while ((task = TAILQ_FIRST(&batch)) != NULL) {
		TAILQ_REMOVE(&batch, task, returned);
		sp_task_finish(task);
	}
}

void sp_task_init(struct sp_task *task, struct sp_pipeline *pipeline,
    const struct sp_task_calls *calls, const char *whom)
{
	task->pipeline = pipeline;
	task->calls = calls;
	task->job.key = sp_keyed_digest(&pipeline->key, whom, strlen(whom));
	evtimer_assign(&task->deadline, pipeline->base, on_deadline, task);
	pipeline->pending++;
}

void sp_task_start(struct sp_task *task)
{
	evtimer_add(&task->deadline, &task->pipeline->attempt_timeout);
	sp_pipeline_push(task->pipeline->directory, task);
}

bool sp_task_start_here(struct sp_task *task)
{
	if (task->pipeline->replica == NULL) {
		sp_task_start(task);
		return true;
	}
	if (!sp_pipeline_look_up(task, task->pipeline->replica)) {
		sp_task_finish(task);
		return false;
	}
	evtimer_add(&task->deadline, &task->pipeline->attempt_timeout);
	sp_pipeline_push(task->pipeline->argon2, task);
	return true;
}

void sp_pipeline_record(struct sp_pipeline *pipeline, struct sp_sessions *sessions)
{
	pipeline->sessions = sessions;
}

struct sp_log_fold *sp_pipeline_fold(struct sp_pipeline *pipeline)
{
	return pipeline->fold;
}

size_t sp_pipeline_pending(const struct sp_pipeline *pipeline)
{
	return pipeline->pending;
}

struct sp_pipeline_load sp_pipeline_load(struct sp_pipeline *pipeline)
{
	return (struct sp_pipeline_load){
	    .directory = sp_stage_load(pipeline->directory),
	    .argon2 = sp_stage_load(pipeline->argon2),
	    .uses_waiting = sp_usage_writer_waiting(pipeline->usage),
	};
}

/* ---- start and stop ---- */

static bool open_wake(struct sp_pipeline *pipeline)
{
	pipeline->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (pipeline->wake_fd < 0)
		return false;
	pipeline->wake =
	    event_new(pipeline->base, pipeline->wake_fd, EV_READ | EV_PERSIST, on_wake, pipeline);
	return pipeline->wake != NULL && event_add(pipeline->wake, NULL) == 0;
}

static bool start_stages(struct sp_pipeline *pipeline, const struct sp_conf *conf)
{
	pipeline->argon2 = sp_stage_start(sp_conf_argon2_slots(conf),
	    (size_t)conf->daemon_argon2_queue, &sp_pipeline_argon2_calls, pipeline);
	pipeline->directory = sp_stage_start((size_t)conf->daemon_directory_workers,
	    (size_t)conf->daemon_directory_queue, &sp_pipeline_directory_calls, pipeline);
	return pipeline->argon2 != NULL && pipeline->directory != NULL;
}

struct sp_pipeline *sp_pipeline_start(struct event_base *base, struct sp_generations *generations,
    struct sp_verified_cache *verified, struct sp_replica_keeper *keeper, const char **why_r)
{
	struct sp_pipeline *pipeline = calloc(1, sizeof(*pipeline));
	struct sp_generation *generation = sp_generations_hold(generations);

	*why_r = "out of memory";
	if (pipeline != NULL) {
		pipeline->base = base;
		pipeline->generations = generations;
		pipeline->verified = verified;
		pipeline->keeper = keeper;
		pipeline->attempt_timeout =
		    sp_timeval_from_ms((int64_t)generation->conf->daemon_attempt_timeout);
		pipeline->wake_fd = -1;
		TAILQ_INIT(&pipeline->returned);
		pthread_mutex_init(&pipeline->lock, NULL);
		pipeline->gate = sp_throttle_gate_new(generations);
		pipeline->watch = sp_guess_watch_new();
		pipeline->overload = sp_overload_new(base, &pipeline->attempt_timeout);
		pipeline->usage = sp_usage_writer_start(generations);
		pipeline->fold = sp_log_fold_new(base, generations);
		if (keeper != NULL)
			pipeline->replica = sp_replica_keeper_directory(keeper, NULL);
		if ((keeper != NULL && pipeline->replica == NULL) || pipeline->gate == NULL ||
		    pipeline->watch == NULL || pipeline->fold == NULL ||
		    pipeline->overload == NULL || pipeline->usage == NULL ||
		    !sp_digest_key_make(&pipeline->key) || !open_wake(pipeline) ||
		    !start_stages(pipeline, generation->conf)) {
			*why_r = strerror(errno);
			sp_pipeline_stop(&pipeline);
		}
	}
	sp_generation_release(generations, &generation);
	return pipeline;
}

void sp_pipeline_stop(struct sp_pipeline **pipeline_pointer)
{
	struct sp_task *task;

	if (pipeline_pointer == NULL || *pipeline_pointer == NULL)
		return;
	struct sp_pipeline *pipeline = *pipeline_pointer;
	*pipeline_pointer = NULL;
	/* What the second would still give to the first comes back, and is freed below. */
	sp_stage_stop(pipeline->directory);
	sp_stage_stop(pipeline->argon2);
	sp_stage_free(&pipeline->directory);
	sp_stage_free(&pipeline->argon2);
	while ((task = TAILQ_FIRST(&pipeline->returned)) != NULL) {
		TAILQ_REMOVE(&pipeline->returned, task, returned);
		event_del(&task->deadline);
		task->calls->free(task);
	}
	sp_directory_close(&pipeline->replica);
	if (pipeline->wake != NULL)
		event_free(pipeline->wake);
	if (pipeline->wake_fd >= 0)
		close(pipeline->wake_fd);
	pthread_mutex_destroy(&pipeline->lock);
	sp_usage_writer_stop(&pipeline->usage);
	sp_overload_free(&pipeline->overload);
	sp_guess_watch_free(&pipeline->watch);
	sp_throttle_gate_free(&pipeline->gate);
	sp_log_fold_free(&pipeline->fold);
	free(pipeline);
}
