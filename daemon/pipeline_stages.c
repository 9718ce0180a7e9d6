/* SPDX-License-Identifier: BSD-2-Clause */
#include <stddef.h>
#include <time.h>
#include <unistd.h>

#include "daemon/argon2_worker.h"
#include "daemon/directory_worker.h"
#include "daemon/verification.h"

static struct sp_verification *verification_of(struct sp_job *job)
{
	return (struct sp_verification *)((char *)job - offsetof(struct sp_verification, job));
}

/* Hands the verification back to the event loop, from any thread. */
static void give_back(struct sp_verification *verification)
{
	struct sp_pipeline *pipeline = verification->pipeline;
	uint64_t one = 1;

	pthread_mutex_lock(&pipeline->lock);
	TAILQ_INSERT_TAIL(&pipeline->returned, verification, returned);
	pthread_mutex_unlock(&pipeline->lock);
	/* Fails only when the counter is full, and then the loop is awake anyway. */
	if (write(pipeline->wake_fd, &one, sizeof(one)) < 0)
		return;
}

void sp_pipeline_push(struct sp_stage *stage, struct sp_verification *verification)
{
	struct sp_job *evicted = sp_stage_push(stage, &verification->job);

	if (evicted == NULL)
		return;
	verification_of(evicted)->attempt.reason = SP_REASON_OVERLOADED;
	give_back(verification_of(evicted));
}

/* ---- directory workers ---- */

static void *begin_directory(void *context)
{
	return sp_directory_worker_new(((struct sp_pipeline *)context)->generations);
}

static void end_directory(void *state)
{
	struct sp_directory_worker *worker = state;

	sp_directory_worker_free(&worker);
}

static enum sp_step ask_directory(struct sp_pipeline *pipeline,
    struct sp_verification *verification, struct sp_directory *directory)
{
	struct sp_generation *generation = sp_generations_hold(pipeline->generations);
	struct sp_attempt *attempt = &verification->attempt;
	enum sp_step step = SP_STEP_DONE;

	if (verification->is_recheck)
		sp_attempt_recheck(attempt, directory, &generation->rules, time(NULL));
	else
		step = sp_attempt_look_up(attempt, directory, &generation->rules);
	sp_generation_release(pipeline->generations, &generation);
	return step;
}

static void work_directory(void *context, void *worker, struct sp_job *job)
{
	struct sp_pipeline *pipeline = context;
	struct sp_verification *verification = verification_of(job);
	struct sp_directory *directory = sp_directory_worker_current(worker);
	enum sp_step step = SP_STEP_DONE;

	if (directory != NULL && !atomic_load(&verification->given_up))
		step = ask_directory(pipeline, verification, directory);
	if (step == SP_STEP_ARGON2) {
		atomic_store(&verification->station, SP_AT_ARGON2);
		sp_pipeline_push(pipeline->argon2, verification);
	} else {
		give_back(verification);
	}
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

static void work_argon2(void *context, void *worker, struct sp_job *job)
{
	struct sp_pipeline *pipeline = context;
	struct sp_verification *verification = verification_of(job);
	struct sp_generation *generation = sp_generations_hold(pipeline->generations);
	struct sp_argon2_slot *slot =
	    sp_argon2_worker_slot(worker, generation->rules.caps.memory_kib);

	if (slot != NULL && !atomic_load(&verification->given_up))
		sp_attempt_verify(&verification->attempt, slot, &generation->rules, time(NULL));
	sp_generation_release(pipeline->generations, &generation);
	give_back(verification);
}

const struct sp_stage_calls sp_pipeline_argon2_calls = {
    .begin = begin_argon2, .work = work_argon2, .end = end_argon2};
