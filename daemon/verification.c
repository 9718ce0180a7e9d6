/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "daemon/attempt_log.h"
#include "daemon/sessions.h"
#include "daemon/task.h"
#include "lib/base/clock.h"
#include "lib/directory/replica.h"

struct sp_verification {
	struct sp_task task;       /* first */
	struct sp_attempt attempt; /* the stages' while it is with them, but for its request */
	enum sp_step step;         /* the next; likewise */

	/* the event loop's */
	enum sp_login_door door;
	sp_answer_fn *answer;       /* of an attempt */
	sp_rechecked_fn *rechecked; /* of a recheck */
	void *context;
	char id[SP_ID_MAX + 1];
	struct sp_throttle_subject subject;
	uint64_t secret; /* a digest, of an app password's */
	int64_t started_us;
};

static struct sp_verification *verification_of(struct sp_task *task)
{
	return (struct sp_verification *)task;
}

static void free_verification(struct sp_task *task)
{
	sp_attempt_clear(&verification_of(task)->attempt);
	free(task);
}

static enum sp_reason reason_of(struct sp_verification *verification, enum sp_task_end end)
{
	if (end == SP_TASK_DONE)
		return verification->attempt.reason;
	return sp_task_is_overload(&verification->task, end) ? SP_REASON_OVERLOADED
							     : SP_REASON_DIRECTORY_TIMEOUT;
}

/* ---- an attempt to log in ---- */

static bool look_up(struct sp_task *task, struct sp_directory *directory)
{
	struct sp_verification *verification = verification_of(task);
	struct sp_generations *generations = task->pipeline->generations;
	struct sp_generation *generation = sp_generations_hold(generations);
	struct sp_attempt *attempt = &verification->attempt;

	if (verification->step == SP_STEP_DIRECTORY)
		verification->step =
		    sp_attempt_look_up(attempt, directory, &generation->rules, time(NULL));
	if (verification->step == SP_STEP_BIND)
		sp_attempt_bind(attempt, directory, &generation->rules);
	sp_generation_release(generations, &generation);
	return verification->step == SP_STEP_ARGON2;
}

static bool compute(struct sp_task *task, struct sp_argon2_worker *worker)
{
	struct sp_verification *verification = verification_of(task);
	struct sp_generations *generations = task->pipeline->generations;
	struct sp_generation *generation = sp_generations_hold(generations);
	struct sp_argon2_slot *slot =
	    sp_argon2_worker_slot(worker, generation->rules.caps.memory_kib);

	verification->step = SP_STEP_DONE;
	if (slot != NULL)
		verification->step =
		    sp_attempt_verify(&verification->attempt, slot, &generation->rules, time(NULL));
	sp_generation_release(generations, &generation);
	return verification->step == SP_STEP_BIND;
}

/* What is recorded without an address fits sessions from everywhere, and the login that
 * everybody uses says nothing of whose they are. */
static bool is_recorded(struct sp_pipeline *pipeline, const struct sp_attempt_request *request)
{
	struct sp_generation *generation = sp_generations_hold(pipeline->generations);
	const char *fixed_login = generation->rules.fixed_login;
	bool is_fixed = fixed_login != NULL && strcasecmp(fixed_login, request->login) == 0;

	sp_generation_release(pipeline->generations, &generation);
	return pipeline->sessions != NULL && (!is_fixed || request->address[0] != '\0');
}

/* False if that cannot be. The policy door would not know the session then, and hold it
 * to nothing: it must not begin. */
static bool record_session(struct sp_verification *verification)
{
	struct sp_pipeline *pipeline = verification->task.pipeline;
	const struct sp_attempt_request *request = &verification->attempt.request;

	return !is_recorded(pipeline, request) ||
	       sp_sessions_record(pipeline->sessions, request, verification->id, sp_now_ms());
}

static void log_and_answer(struct sp_task *task, enum sp_task_end end)
{
	struct sp_verification *verification = verification_of(task);
	const struct sp_attempt *attempt = &verification->attempt;
	struct sp_pipeline *pipeline = task->pipeline;
	bool late = end == SP_TASK_LATE;

	if (!late && attempt->whole_password && attempt->found.credential != NULL)
		snprintf(verification->id, sizeof(verification->id), "%s",
		    attempt->found.credential->id);
	enum sp_reason reason = reason_of(verification, end);
	const char *detail = late ? "the attempt's time is over" : attempt->detail;
	if (reason == SP_REASON_OK && !record_session(verification)) {
		reason = SP_REASON_INTERNAL;
		detail = "out of memory";
	}
	struct sp_attempt_record record = {
	    .reason = reason,
	    .guess = sp_throttle_gate_tell(pipeline->gate, &verification->subject, reason),
	    .detail = detail,
	    .door = verification->door,
	    .request = &attempt->request,
	    .id = verification->id,
	    .credential = late ? NULL : attempt->found.credential,
	    .took_us = sp_now_us() - verification->started_us,
	    .cached = !late && attempt->cached,
	};

	sp_attempt_log(pipeline->fold, &record);
	sp_guess_watch_tell(pipeline->watch, &record, &verification->subject, verification->secret);
	if (verification->answer != NULL)
		verification->answer(verification->context, sp_reason_result(record.reason));
	if (record.reason == SP_REASON_OK)
		sp_usage_writer_tell(pipeline->usage, record.request, record.credential);
}

static const struct sp_task_calls attempt_calls = {
    .look_up = look_up,
    .compute = compute,
    .conclude = log_and_answer,
    .free = free_verification,
};

/* ---- a recheck of a session ---- */

static bool recheck(struct sp_task *task, struct sp_directory *directory)
{
	struct sp_generations *generations = task->pipeline->generations;
	struct sp_generation *generation = sp_generations_hold(generations);

	sp_attempt_recheck(
	    &verification_of(task)->attempt, directory, &generation->rules, time(NULL));
	sp_generation_release(generations, &generation);
	return false;
}

static void tell_rechecked(struct sp_task *task, enum sp_task_end end)
{
	struct sp_verification *verification = verification_of(task);

	if (verification->rechecked != NULL)
		verification->rechecked(verification->context, reason_of(verification, end),
		    end == SP_TASK_LATE ? NULL : &verification->attempt);
}

static const struct sp_task_calls recheck_calls = {
    .look_up = recheck,
    .conclude = tell_rechecked,
    .free = free_verification,
};

/* ---- both ---- */

static struct sp_verification *new_verification(struct sp_pipeline *pipeline,
    const struct sp_task_calls *calls, struct sp_attempt_request *request, void *context)
{
	struct sp_verification *verification = calloc(1, sizeof(*verification));
	char whom[SP_ADDRESS_MAX + SP_LOGIN_MAX + 2];

	if (verification != NULL) {
		snprintf(whom, sizeof(whom), "%s %s", request->address, request->login);
		sp_task_init(&verification->task, pipeline, calls, whom);
		verification->context = context;
		verification->started_us = sp_now_us();
		verification->attempt.request = *request;
	}
	sp_secret_wipe(&request->password);
	return verification;
}

static enum sp_step parse(struct sp_generations *generations, struct sp_attempt *attempt)
{
	struct sp_generation *generation = sp_generations_hold(generations);
	enum sp_step step = sp_attempt_parse(attempt, &generation->rules, time(NULL));

	sp_generation_release(generations, &generation);
	return step;
}

/* A bind, or a login that a replica cannot compare. */
static bool may_need_the_directory(const struct sp_attempt *attempt)
{
	return attempt->whole_password || !sp_replica_is_local(attempt->request.login);
}

struct sp_verification *sp_pipeline_submit(struct sp_pipeline *pipeline, enum sp_login_door door,
    struct sp_attempt_request *request, sp_answer_fn *answer, void *context)
{
	struct sp_verification *verification =
	    new_verification(pipeline, &attempt_calls, request, context);

	if (verification == NULL) {
		struct sp_attempt_record record = {
		    .door = door, .request = request, .id = "", .detail = "out of memory"};
		sp_attempt_log(pipeline->fold, &record);
		answer(context, SP_UNAVAILABLE);
		return NULL;
	}
	verification->door = door;
	verification->answer = answer;
	verification->attempt.verified = pipeline->verified;
	bool held = sp_throttle_gate_holds(
	    pipeline->gate, &verification->attempt.request, &verification->subject);
	verification->step = parse(pipeline->generations, &verification->attempt);
	if (verification->step == SP_STEP_DONE) {
		sp_task_finish(&verification->task);
		return NULL;
	}
	if (held) {
		verification->attempt.reason = SP_REASON_THROTTLED;
		sp_task_finish(&verification->task);
		return NULL;
	}
	memcpy(verification->id, verification->attempt.parsed.id, sizeof(verification->id));
	verification->secret =
	    sp_guess_watch_digest(pipeline->watch, &verification->attempt.parsed.secret);
	if (may_need_the_directory(&verification->attempt))
		sp_task_start(&verification->task);
	else if (!sp_task_start_here(&verification->task))
		return NULL;
	return verification;
}

struct sp_verification *sp_pipeline_recheck(struct sp_pipeline *pipeline,
    struct sp_attempt_request *request, const char *id, sp_rechecked_fn *rechecked, void *context)
{
	struct sp_verification *verification =
	    new_verification(pipeline, &recheck_calls, request, context);

	if (verification == NULL) {
		rechecked(context, SP_REASON_INTERNAL, NULL);
		return NULL;
	}
	verification->rechecked = rechecked;
	memcpy(verification->attempt.parsed.id, id, strnlen(id, SP_ID_MAX));
	sp_task_start(&verification->task);
	return verification;
}

void sp_verification_abandon(struct sp_verification *verification)
{
	verification->answer = NULL;
	verification->rechecked = NULL;
}
