/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/stage.h"

#include <pthread.h>
#include <stdlib.h>

#include "daemon/thread.h"

struct sp_stage {
	const struct sp_stage_calls *calls;
	void *context;
	struct sp_fair_queue *queue;
	pthread_mutex_t lock; /* queue, stopping, busy */
	pthread_cond_t filled;
	bool stopping;
	size_t queue_limit;
	size_t busy;
	size_t workers;
	pthread_t *threads;
};

/* The next job, waited for, of a worker that had one before or not; NULL when the stage
 * stops and nothing is left. */
static struct sp_job *next_job(struct sp_stage *stage, bool was_busy)
{
	struct sp_job *job;

	pthread_mutex_lock(&stage->lock);
	stage->busy -= was_busy;
	while ((job = sp_fair_queue_pop(stage->queue)) == NULL && !stage->stopping)
		pthread_cond_wait(&stage->filled, &stage->lock);
	stage->busy += job != NULL;
	pthread_mutex_unlock(&stage->lock);
	return job;
}

static void *run_worker(void *argument)
{
	struct sp_stage *stage = argument;
	void *worker = stage->calls->begin(stage->context);
	struct sp_job *job = next_job(stage, false);

	while (job != NULL) {
		stage->calls->work(stage->context, worker, job);
		job = next_job(stage, true);
	}
	stage->calls->end(worker);
	return NULL;
}

struct sp_stage *sp_stage_start(
    size_t workers, size_t queue_limit, const struct sp_stage_calls *calls, void *context)
{
	struct sp_stage *stage = calloc(1, sizeof(*stage));

	if (stage == NULL)
		return NULL;
	stage->calls = calls;
	stage->context = context;
	stage->queue_limit = queue_limit;
	pthread_mutex_init(&stage->lock, NULL);
	pthread_cond_init(&stage->filled, NULL);
	stage->queue = sp_fair_queue_new(queue_limit);
	stage->threads = calloc(workers, sizeof(*stage->threads));
	bool ok = stage->queue != NULL && stage->threads != NULL;
	while (ok && stage->workers < workers) {
		ok = sp_thread_start(&stage->threads[stage->workers], run_worker, stage);
		stage->workers += ok;
	}
	if (!ok) {
		sp_stage_stop(stage);
		sp_stage_free(&stage);
	}
	return stage;
}

struct sp_job *sp_stage_push(struct sp_stage *stage, struct sp_job *job)
{
	pthread_mutex_lock(&stage->lock);
	struct sp_job *evicted = stage->stopping ? job : sp_fair_queue_push(stage->queue, job);
	pthread_mutex_unlock(&stage->lock);
	/* a worker that is woken needs the lock */
	pthread_cond_signal(&stage->filled);
	return evicted;
}

struct sp_stage_load sp_stage_load(struct sp_stage *stage)
{
	struct sp_stage_load load = {.workers = stage->workers, .limit = stage->queue_limit};

	pthread_mutex_lock(&stage->lock);
	load.busy = stage->busy;
	load.waiting = sp_fair_queue_length(stage->queue);
	pthread_mutex_unlock(&stage->lock);
	return load;
}

void sp_stage_stop(struct sp_stage *stage)
{
	if (stage == NULL)
		return;
	pthread_mutex_lock(&stage->lock);
	stage->stopping = true;
	pthread_cond_broadcast(&stage->filled);
	pthread_mutex_unlock(&stage->lock);
	for (size_t i = 0; i < stage->workers; i++)
		pthread_join(stage->threads[i], NULL);
}

void sp_stage_free(struct sp_stage **stage)
{
	if (stage == NULL || *stage == NULL)
		return;
	pthread_cond_destroy(&(*stage)->filled);
	pthread_mutex_destroy(&(*stage)->lock);
	sp_fair_queue_free(&(*stage)->queue);
	free((*stage)->threads);
	free(*stage);
	*stage = NULL;
}
