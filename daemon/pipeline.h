/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pipeline.h - attempts on their way through the two stages
 *
 *	event loop --parse--> directory workers --look up--> Argon2 slots --verify--> event loop
 *
 * Where none of the imported hashes fits, a slot may send an attempt to the directory
 * workers again, for a mailbox password.
 *
 * An attempt that needs no Argon2 never waits for one that does: its password is wrong
 * in itself, or known to be right. Every attempt
 * submitted is answered once and logged once, within the attempt timeout,
 * whatever the stages do. But for sp_pipeline_load(), all
 * functions belong to the event loop's thread.
 */
#ifndef SP_DAEMON_PIPELINE_H
#define SP_DAEMON_PIPELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/generation.h"
#include "daemon/login_door.h"
#include "daemon/stage.h"
#include "lib/policy/attempt.h"
#include "sendpass/attributes.h"
#include "sendpass/verdict.h"

struct event_base;
struct sp_log_fold;
struct sp_pipeline;
struct sp_replica_keeper;
struct sp_sessions;
struct sp_verification;

/* Starts the stages as [daemon] of the current generation says. verified, which must
 * outlive the pipeline, may be NULL for none. NULL, with *why_r static text, if it
 * cannot. */
struct sp_pipeline *sp_pipeline_start(struct event_base *base, struct sp_generations *generations,
    struct sp_verified_cache *verified, struct sp_replica_keeper *keeper, const char **why_r);

/* Every app password granted from now on is recorded there, but for [policy]
 * fixed_login where the door knows no address. sessions must outlive the pipeline;
 * NULL for none. */
void sp_pipeline_record(struct sp_pipeline *pipeline, struct sp_sessions *sessions);

/* The pipeline's, for the refusals of all doors. */
struct sp_log_fold *sp_pipeline_fold(struct sp_pipeline *pipeline);

/* Waits for the workers and frees the pipeline; nothing is answered any more. */
void sp_pipeline_stop(struct sp_pipeline **pipeline);

/* Attempts submitted and not answered yet. */
size_t sp_pipeline_pending(const struct sp_pipeline *pipeline);

struct sp_pipeline_load {
	struct sp_stage_load directory, argon2;
	size_t uses_waiting; /* to be written to the directory */
};

/* At this moment. Safe from every thread while the pipeline is there. */
struct sp_pipeline_load sp_pipeline_load(struct sp_pipeline *pipeline);

/* Tells the door the outcome; the verification is gone after it. */
typedef void sp_answer_fn(void *context, enum sp_result result);

/* Submits the attempt; *request is copied and its password wiped. answer may be
 * called before this returns, and NULL is then returned. NULL too, after an
 * answer of SP_UNAVAILABLE, when there is no memory. */
struct sp_verification *sp_pipeline_submit(struct sp_pipeline *pipeline, enum sp_login_door door,
    struct sp_attempt_request *request, sp_answer_fn *answer, void *context);

/* Tells what a recheck came to. attempt is gone after it, and NULL where it could
 * not be judged in time. */
typedef void sp_rechecked_fn(
    void *context, enum sp_reason reason, const struct sp_attempt *attempt);

/* Has a directory worker do sp_attempt_recheck() on that request, without a
 * password, and credential id. Nothing is logged. rechecked may be called before
 * this returns, and NULL is then returned. */
struct sp_verification *sp_pipeline_recheck(struct sp_pipeline *pipeline,
    struct sp_attempt_request *request, const char *id, sp_rechecked_fn *rechecked, void *context);

/* The door no longer wants the answer: its function will not be called. */
void sp_verification_abandon(struct sp_verification *verification);

#endif
