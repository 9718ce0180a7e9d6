/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sender_lookup.h - a question for the logins of a sender, on its way through the pipeline
 */
#ifndef SP_DAEMON_SENDER_LOOKUP_H
#define SP_DAEMON_SENDER_LOOKUP_H

#include "daemon/pipeline.h"
#include "lib/policy/sender_logins.h"

struct sp_sender_lookup;

/* What was found; or NULL and why that cannot be known, static text. The lookup is
 * gone after it. */
typedef void sp_senders_fn(void *context, const struct sp_sender_logins *found, const char *why);

/* Has a directory worker do sp_sender_logins_find(), within the attempt timeout.
 * sender is complete (sender.h) and copied. NULL, after senders was called, when
 * there is no memory. */
struct sp_sender_lookup *sp_sender_lookup_begin(
    struct sp_pipeline *pipeline, const char *sender, sp_senders_fn *senders, void *context);

/* Nobody wants the answer any more: the function will not be called. */
void sp_sender_lookup_abandon(struct sp_sender_lookup *lookup);

#endif
