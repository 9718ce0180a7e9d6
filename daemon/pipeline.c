/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/pipeline.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <unistd.h>

#include "daemon/argon2_worker.h"
#include "daemon/attempt_log.h"
#include "daemon/directory_worker.h"
#include "daemon/sessions.h"
#include "daemon/stage.h"
#include "lib/base/clock.h"

enum station { AT_DIRECTORY, AT_ARGON2 };

struct sp_verification {
	struct sp_job job;
	struct sp_pipeline *pipeline;
	struct sp_attempt attempt; /* the stages' while it is with them, but for its request */
	bool is_recheck;
	_Atomic enum station station;
	atomic_bool given_up; /* its time is over: no stage need begin on it */

	/* the event loop's */
	const char *door;
	sp_answer_fn *answer;
	sp_rechecked_fn *rechecked; /* instead, for a session that has logged in before */
	void *context;
	char id[SP_ID_MAX + 1];
	int64_t started_us;
	struct event deadline;
	bool concluded;
	TAILQ_ENTRY(sp_verification) returned;
};

TAILQ_HEAD(returned_list, sp_verification);

struct sp_pipeline {
	struct event_base *base;
	struct sp_generations *generations;
	struct sp_stage *directory;
	struct sp_stage *argon2;
	struct timeval attempt_timeout;
	uint64_t key_seed;
	size_t pending;
	struct sp_sessions *sessions;

	int wake_fd;
	struct event *wake;
	pthread_mutex_t lock; /* returned */
	struct returned_list returned;
};

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

/* Pushes to a stage; whoever finds no room there goes back as overloaded. */
static void push(struct sp_stage *stage, struct sp_verification *verification)
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

static void recheck(struct sp_pipeline *pipeline, struct sp_verification *verification,
    struct sp_directory *directory)
{
	struct sp_generation *generation = sp_generations_hold(pipeline->generations);

	sp_attempt_recheck(&verification->attempt, directory, &generation->rules, time(NULL));
	sp_generation_release(pipeline->generations, &generation);
}

static void work_directory(void *context, void *worker, struct sp_job *job)
{
	struct sp_pipeline *pipeline = context;
	struct sp_verification *verification = verification_of(job);
	struct sp_directory *directory = sp_directory_worker_current(worker);
	enum sp_step step = SP_STEP_DONE;

	bool wanted = directory != NULL && !atomic_load(&verification->given_up);

	if (wanted && verification->is_recheck)
		recheck(pipeline, verification, directory);
	else if (wanted)
		step = sp_attempt_look_up(&verification->attempt, directory);
	if (step == SP_STEP_ARGON2) {
		atomic_store(&verification->station, AT_ARGON2);
		push(pipeline->argon2, verification);
	} else {
		give_back(verification);
	}
}

static const struct sp_stage_calls directory_calls = {
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
	struct sp_argon2_slot *slot = sp_argon2_worker_slot(worker, &generation->rules.caps);

	if (slot != NULL && !atomic_load(&verification->given_up))
		sp_attempt_verify(&verification->attempt, slot, &generation->rules, time(NULL));
	sp_generation_release(pipeline->generations, &generation);
	give_back(verification);
}

static const struct sp_stage_calls argon2_calls = {
    .begin = begin_argon2, .work = work_argon2, .end = end_argon2};

/* ---- the event loop's side ---- */

static void log_and_answer(struct sp_verification *verification, enum sp_reason reason,
    const char *detail, const struct sp_credential *credential)
{
	struct sp_sessions *sessions = verification->pipeline->sessions;
	struct sp_attempt_record record = {
	    .reason = reason,
	    .detail = detail,
	    .door = verification->door,
	    .request = &verification->attempt.request,
	    .id = verification->id,
	    .credential = credential,
	    .took_us = sp_now_us() - verification->started_us,
	};

	sp_attempt_log(&record);
	if (sessions != NULL && reason == SP_REASON_OK)
		sp_sessions_record(
		    sessions, &verification->attempt.request, verification->id, sp_now_ms());
	if (verification->answer != NULL)
		verification->answer(verification->context, sp_reason_result(reason));
}

/* attempt is NULL while the stages still have it: only its request may be read then. */
static void conclude(struct sp_verification *verification, enum sp_reason reason,
    const char *detail, const struct sp_attempt *attempt)
{
	verification->concluded = true;
	verification->pipeline->pending--;
	event_del(&verification->deadline);
	if (!verification->is_recheck)
		log_and_answer(verification, reason, detail,
		    attempt != NULL ? attempt->found.credential : NULL);
	else if (verification->rechecked != NULL)
		verification->rechecked(verification->context, reason, attempt);
}

static void free_verification(struct sp_verification *verification)
{
	sp_attempt_clear(&verification->attempt);
	free(verification);
}

static void conclude_returned(struct sp_verification *verification)
{
	const struct sp_attempt *attempt = &verification->attempt;

	if (!verification->concluded)
		conclude(verification, attempt->reason, attempt->detail, attempt);
	free_verification(verification);
}

static void on_deadline(evutil_socket_t fd, short what, void *context)
{
	struct sp_verification *verification = context;
	bool in_directory = atomic_load(&verification->station) == AT_DIRECTORY;

	(void)fd;
	(void)what;
	atomic_store(&verification->given_up, true);
	conclude(verification, in_directory ? SP_REASON_DIRECTORY_TIMEOUT : SP_REASON_OVERLOADED,
	    "the attempt's time is over", NULL);
}

static void on_wake(evutil_socket_t fd, short what, void *context)
{
	struct sp_pipeline *pipeline = context;
	struct returned_list batch = TAILQ_HEAD_INITIALIZER(batch);
	struct sp_verification *verification;
	uint64_t count;

	(void)what;
	if (read(fd, &count, sizeof(count)) < 0)
		return;
	pthread_mutex_lock(&pipeline->lock);
	TAILQ_CONCAT(&batch, &pipeline->returned, returned);
	pthread_mutex_unlock(&pipeline->lock);
	while ((verification = TAILQ_FIRST(&batch)) != NULL) {
		TAILQ_REMOVE(&batch, verification, returned);
		conclude_returned(verification);
	}
}

/* FNV-1a, seeded, over whom the attempt is for: an address and a login share a lane. */
static uint64_t lane_key(
    const struct sp_pipeline *pipeline, const struct sp_attempt_request *request)
{
	uint64_t key = pipeline->key_seed;
	const char *parts[] = {request->address, request->login};

	for (size_t part = 0; part < 2; part++) {
		for (const char *at = parts[part]; *at != '\0'; at++)
			key = (key ^ (unsigned char)*at) * UINT64_C(1099511628211);
		key = (key ^ 0xff) * UINT64_C(1099511628211);
	}
	return key;
}

static struct sp_verification *new_verification(struct sp_pipeline *pipeline, const char *door,
    struct sp_attempt_request *request, sp_answer_fn *answer, void *context)
{
	struct sp_verification *verification = calloc(1, sizeof(*verification));

	if (verification != NULL) {
		verification->pipeline = pipeline;
		verification->door = door;
		verification->answer = answer;
		verification->context = context;
		verification->started_us = sp_now_us();
		verification->attempt.request = *request;
		verification->job.key = lane_key(pipeline, request);
		evtimer_assign(&verification->deadline, pipeline->base, on_deadline, verification);
	}
	sp_secret_wipe(&request->password);
	return verification;
}

struct sp_verification *sp_pipeline_submit(struct sp_pipeline *pipeline, const char *door,
    struct sp_attempt_request *request, sp_answer_fn *answer, void *context)
{
	struct sp_verification *verification =
	    new_verification(pipeline, door, request, answer, context);

	if (verification == NULL) {
		struct sp_attempt_record record = {
		    .door = door, .request = request, .id = "", .detail = "out of memory"};
		sp_attempt_log(&record);
		answer(context, SP_UNAVAILABLE);
		return NULL;
	}
	pipeline->pending++;
	if (sp_attempt_parse(&verification->attempt) == SP_STEP_DONE) {
		conclude_returned(verification);
		return NULL;
	}
	memcpy(verification->id, verification->attempt.parsed.id, sizeof(verification->id));
	evtimer_add(&verification->deadline, &pipeline->attempt_timeout);
	push(pipeline->directory, verification);
	return verification;
}

struct sp_verification *sp_pipeline_recheck(struct sp_pipeline *pipeline,
    struct sp_attempt_request *request, const char *id, sp_rechecked_fn *rechecked, void *context)
{
	struct sp_verification *verification =
	    new_verification(pipeline, "policy", request, NULL, context);

	if (verification == NULL) {
		rechecked(context, SP_REASON_INTERNAL, NULL);
		return NULL;
	}
	verification->is_recheck = true;
	verification->rechecked = rechecked;
	memcpy(verification->attempt.parsed.id, id, strnlen(id, SP_ID_MAX));
	pipeline->pending++;
	evtimer_add(&verification->deadline, &pipeline->attempt_timeout);
	push(pipeline->directory, verification);
	return verification;
}

void sp_pipeline_record(struct sp_pipeline *pipeline, struct sp_sessions *sessions)
{
	pipeline->sessions = sessions;
}

void sp_verification_abandon(struct sp_verification *verification)
{
	verification->answer = NULL;
	verification->rechecked = NULL;
}

size_t sp_pipeline_pending(const struct sp_pipeline *pipeline)
{
	return pipeline->pending;
}

/* ---- start and stop ---- */

static size_t slot_count(const struct sp_conf *conf)
{
	if (conf->daemon_argon2_slots > 0)
		return (size_t)conf->daemon_argon2_slots;
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	return cores > 2 ? (size_t)cores - 1 : 1;
}

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
	pipeline->argon2 = sp_stage_start(
	    slot_count(conf), (size_t)conf->daemon_argon2_queue, &argon2_calls, pipeline);
	pipeline->directory = sp_stage_start((size_t)conf->daemon_directory_workers,
	    (size_t)conf->daemon_directory_queue, &directory_calls, pipeline);
	return pipeline->argon2 != NULL && pipeline->directory != NULL;
}

struct sp_pipeline *sp_pipeline_start(
    struct event_base *base, struct sp_generations *generations, const char **why_r)
{
	struct sp_pipeline *pipeline = calloc(1, sizeof(*pipeline));
	struct sp_generation *generation = sp_generations_hold(generations);

	*why_r = "out of memory";
	if (pipeline != NULL) {
		pipeline->base = base;
		pipeline->generations = generations;
		pipeline->attempt_timeout =
		    sp_timeval_from_ms((int64_t)generation->conf->daemon_attempt_timeout);
		pipeline->wake_fd = -1;
		TAILQ_INIT(&pipeline->returned);
		pthread_mutex_init(&pipeline->lock, NULL);
		if (getrandom(&pipeline->key_seed, sizeof(pipeline->key_seed), 0) !=
			(ssize_t)sizeof(pipeline->key_seed) ||
		    !open_wake(pipeline) || !start_stages(pipeline, generation->conf)) {
			*why_r = strerror(errno);
			sp_pipeline_stop(&pipeline);
		}
	}
	sp_generation_release(generations, &generation);
	return pipeline;
}

void sp_pipeline_stop(struct sp_pipeline **pipeline_pointer)
{
	struct sp_verification *verification;

	if (pipeline_pointer == NULL || *pipeline_pointer == NULL)
		return;
	struct sp_pipeline *pipeline = *pipeline_pointer;
	*pipeline_pointer = NULL;
	sp_stage_stop(&pipeline->directory); /* first, as it feeds the other */
	sp_stage_stop(&pipeline->argon2);
	while ((verification = TAILQ_FIRST(&pipeline->returned)) != NULL) {
		TAILQ_REMOVE(&pipeline->returned, verification, returned);
		event_del(&verification->deadline);
		free_verification(verification);
	}
	if (pipeline->wake != NULL)
		event_free(pipeline->wake);
	if (pipeline->wake_fd >= 0)
		close(pipeline->wake_fd);
	pthread_mutex_destroy(&pipeline->lock);
	free(pipeline);
}
