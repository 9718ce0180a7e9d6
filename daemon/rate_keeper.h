/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rate_keeper.h - the rate counters, and the file in which they outlive us
 *
 * Counting is done in memory. A thread of its own writes what has changed to an
 * LMDB file, once a second, and without a pause while there is more than it takes
 * at once; a write that is slow or fails delays no answer. A process that is
 * killed loses what it counted in its last second or two, and in its last ten if
 * all counters changed at once; one that ends in order nothing. All functions are
 * the event loop's.
 */
#ifndef SP_DAEMON_RATE_KEEPER_H
#define SP_DAEMON_RATE_KEEPER_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/policy/rate_counter.h"
#include "sendpass/attributes.h"

/* Counters in use at once; 74 MB when all are. */
#define SP_RATE_COUNTERS_MAX 200000

struct event_base;
struct sp_rate_keeper;

/* Reads the counters back from `directory`/rates.lmdb, which is made if it is not
 * there; "" for no file. A file that cannot be used is logged, and left alone.
 * NULL when there is no memory. base must outlive the keeper. */
struct sp_rate_keeper *sp_rate_keeper_start(struct event_base *base, const char *directory);

/* As sp_rate_charge(), at this moment. Time goes on from the latest that the file
 * knows of, and a step of the system's clock while we run changes nothing. */
SP_NODISCARD enum sp_rate_outcome sp_rate_keeper_charge(
    struct sp_rate_keeper *keeper, const struct sp_rate_charge *charges, size_t count, bool commit);

/* Writes what is left to write. */
void sp_rate_keeper_stop(struct sp_rate_keeper **keeper);

#endif
