/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * distinct.h - who shows many different things
 *
 * For each subject, such as a client address, the different things that it showed
 * within an hour, such as ids: the SP_DISTINCT_MANY-th is news, once in that hour. A
 * thing that is shown again counts once, so a client that repeats itself never
 * gets there. The hour begins with a subject's first thing.
 *
 * Subjects and things are digests of the caller's (keyed_digest.h). The table is of
 * fixed size; when it is full, those who showed least go. Not thread-safe: it is the
 * event loop's.
 */
#ifndef SP_POLICY_DISTINCT_H
#define SP_POLICY_DISTINCT_H

#include <stdbool.h>
#include <stdint.h>

#include "sendpass/attributes.h"

#define SP_DISTINCT_MANY      10
#define SP_DISTINCT_WINDOW_MS ((int64_t)60 * 60 * 1000)

struct sp_distinct; /* 1 MB when all of it is in use */

/* NULL when there is no memory. */
struct sp_distinct *sp_distinct_new(void);
void sp_distinct_free(struct sp_distinct **distinct);

/* The subject showed the thing. True if that is news. now_ms is of the monotonic clock. */
SP_NODISCARD bool sp_distinct_add(
    struct sp_distinct *distinct, uint64_t subject, uint64_t thing, int64_t now_ms);

#endif
