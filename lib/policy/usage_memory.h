/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * usage_memory.h - what was seen of each credential, in a table of fixed size
 *
 * When the table is full, what was used longest ago is forgotten: its next use is
 * judged by the directory alone. Not thread-safe: it is the event loop's.
 */
#ifndef SP_POLICY_USAGE_MEMORY_H
#define SP_POLICY_USAGE_MEMORY_H

#include "lib/policy/usage.h"

#define SP_USAGE_MEMORY_CREDENTIALS 32768 /* 8 MB when all are in use */

struct sp_usage_memory;

/* NULL when there is no memory or no randomness. */
struct sp_usage_memory *sp_usage_memory_new(void);
void sp_usage_memory_free(struct sp_usage_memory **memory);

/* What was seen of the credential with that id; it is the table's, until the next call. */
struct sp_usage_seen *sp_usage_memory_of(struct sp_usage_memory *memory, const char *id);

#endif
