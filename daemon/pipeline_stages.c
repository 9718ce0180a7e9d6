/* SPDX-License-Identifier: BSD-2-Clause */
#include <stddef.h>
#include <unistd.h>

#include "daemon/directory_worker.h"
#include "daemon/metrics.h"
#include "daemon/task.h"
#include "lib/base/clock.h"

static struct sp_task *task_of(struct sp_job *job)
{
	return (struct sp_task *)((char *)job - offsetof(struct sp_task, job));
}

/* Hands the task back to the event loop, from any thread. */
static void give_back(struct sp_task *task)
{
	struct sp_pipeline *pipeline = task->pipeline;
	uint64_t one = 1;

	pthread_mutex_lock(&pipeline->lock);
	TAILQ_INSERT_TAIL(&pipeline->returned, task, returned);
	pthread_mutex_unlock(&pipeline->lock);
	/* Not the first there alone: were its wake lost, nobody would be answered again. A
	 * full counter is no loss, as the loop is awake then. */
	if (write(pipeline->wake_fd, &one, sizeof(one)) < 0)
		return;
}

void sp_pipeline_push(struct sp_stage *stage, struct sp_task *task)
{
	struct sp_job *evicted = sp_stage_push(stage, &task->job);

	if (evicted == NULL)
		return;
	task_of(evicted)->crowded = true;
	give_back(task_of(evicted));
}

/* ---- directory workers ---- */

static void *begin_directory(void *context)
{
	struct sp_pipeline *pipeline = context;

	return sp_directory_worker_new(pipeline->generations, pipeline->keeper);
}

static void end_directory(void *state)
{
	struct sp_directory_worker *worker = state;

	sp_directory_worker_free(&worker);
}

bool sp_pipeline_look_up(struct sp_task *task, struct sp_directory *directory)
{
	int64_t started_us = sp_now_us();
	bool argon2_is_next = task->calls->look_up(task, directory);

	sp_metrics_took(SP_TIMING_LDAP, sp_now_us() - started_us);
	if (argon2_is_next)
		atomic_store(&task->station, SP_AT_ARGON2);
	return argon2_is_next;
}

static void work_directory(void *context, void *worker, struct sp_job *job)
{
	struct sp_pipeline *pipeline = context;
	struct sp_task *task = task_of(job);
	struct sp_directory *directory = sp_directory_worker_current(worker);
	bool wanted = directory != NULL && !atomic_load(&task->given_up);

	if (wanted && sp_pipeline_look_up(task, directory))
		sp_pipeline_push(pipeline->argon2, task);
	else
		give_back(task);
}

const struct sp_stage_calls sp_pipeline_directory_calls = {
    .begin = begin_directory, .work = work_directory, .end = end_directory};

/* ---- Argon2 slots ---- */

static void *begin_argon2(void *context)
{
	(void)context;
	return sp_argon2_worker_new();
}

static void end_argon2(void *state)
{
	struct sp_argon2_worker *worker = state;

	sp_argon2_worker_free(&worker);
}

static bool compute(struct sp_task *task, struct sp_argon2_worker *worker)
{
	int64_t started_us = sp_now_us();
	bool directory_is_next = task->calls->compute(task, worker);

	sp_metrics_took(SP_TIMING_ARGON2, sp_now_us() - started_us);
	return directory_is_next;
}

static void work_argon2(void *context, void *worker, struct sp_job *job)
{
	struct sp_pipeline *pipeline = context;
	struct sp_task *task = task_of(job);

	if (!atomic_load(&task->given_up) && compute(task, worker)) {
		atomic_store(&task->station, SP_AT_DIRECTORY);
		sp_pipeline_push(pipeline->directory, task);
	} else {
		give_back(task);
	}
}

const struct sp_stage_calls sp_pipeline_argon2_calls = {
    .begin = begin_argon2, .work = work_argon2, .end = end_argon2};
