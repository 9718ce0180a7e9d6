/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * memory_sink.h - a replica in memory, for tests of what fills it
 */
#ifndef SP_TESTS_MEMORY_SINK_H
#define SP_TESTS_MEMORY_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/directory/replica_sink.h"

/* The one sink, empty. The searches are the caller's. */
struct sp_replica_sink *memory_sink_new(
    const struct sp_replica_search searches[SP_REPLICA_CONTENTS]);
void memory_sink_free(void);

/* Every call from now on fails, or none. */
void memory_sink_fail(bool fails);

/* ---- what is committed; safe while it is filled ---- */

size_t memory_sink_count(enum sp_replica_content content);
/* Whether there is an entry of that DN, with the attribute's value (NULL: any). */
bool memory_sink_has(const char *dn, const char *attribute, const char *value);
bool memory_sink_is_complete(void);
int64_t memory_sink_contact(enum sp_replica_content content);

#endif
