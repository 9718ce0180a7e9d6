/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/pipeline.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "daemon/attempt_log.h"
#include "daemon/verification.h"
#include "lib/base/clock.h"

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
	sp_throttle_gate_tell(verification->pipeline->gate, &verification->subject, reason);
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
	bool in_directory = atomic_load(&verification->station) == SP_AT_DIRECTORY;

	(void)fd;
	(void)what;
	atomic_store(&verification->given_up, true);
	conclude(verification, in_directory ? SP_REASON_DIRECTORY_TIMEOUT : SP_REASON_OVERLOADED,
	    "the attempt's time is over", NULL);
}

static void on_wake(evutil_socket_t fd, short what, void *context)
{
	struct sp_pipeline *pipeline = context;
	struct sp_returned_list batch = TAILQ_HEAD_INITIALIZER(batch);
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

/* An address and a login share a lane. */
static uint64_t lane_key(
    const struct sp_pipeline *pipeline, const struct sp_attempt_request *request)
{
	char whom[SP_ADDRESS_MAX + SP_LOGIN_MAX + 2];
	int length = snprintf(whom, sizeof(whom), "%s %s", request->address, request->login);

	return sp_keyed_digest(&pipeline->key, whom, (size_t)length);
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
	bool held = sp_throttle_gate_holds(
	    pipeline->gate, &verification->attempt.request, &verification->subject);
	if (sp_attempt_parse(&verification->attempt) == SP_STEP_DONE) {
		conclude_returned(verification);
		return NULL;
	}
	if (held) {
		verification->attempt.reason = SP_REASON_THROTTLED;
		conclude_returned(verification);
		return NULL;
	}
	memcpy(verification->id, verification->attempt.parsed.id, sizeof(verification->id));
	evtimer_add(&verification->deadline, &pipeline->attempt_timeout);
	sp_pipeline_push(pipeline->directory, verification);
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
	sp_pipeline_push(pipeline->directory, verification);
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
	pipeline->argon2 = sp_stage_start(slot_count(conf), (size_t)conf->daemon_argon2_queue,
	    &sp_pipeline_argon2_calls, pipeline);
	pipeline->directory = sp_stage_start((size_t)conf->daemon_directory_workers,
	    (size_t)conf->daemon_directory_queue, &sp_pipeline_directory_calls, pipeline);
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
		pipeline->gate = sp_throttle_gate_new(generations);
		if (pipeline->gate == NULL || !sp_digest_key_make(&pipeline->key) ||
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
	sp_throttle_gate_free(&pipeline->gate);
	free(pipeline);
}
