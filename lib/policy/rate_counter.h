/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rate_counter.h - how much each credential has sent lately
 *
 * In no window of a rate's length, wherever it begins, is more than the rate's
 * limit let through. Time is cut into slots of 1/63 of the window, and a slot
 * counts until it has left the window as a whole; so an amount comes free again
 * by 1/63 of the window later than it might.
 *
 * Counters are kept by credential, kind and window: a changed limit finds what
 * was counted before, a changed window begins anew. One counter takes about 370
 * bytes, and goes once its window has passed. No I/O, no clock of its own, not
 * thread-safe.
 */
#ifndef SP_POLICY_RATE_COUNTER_H
#define SP_POLICY_RATE_COUNTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/rate.h"
#include "sendpass/attributes.h"
#include "sendpass/limits.h"

#define SP_RATE_SLOTS 64

struct sp_rate_counters;

/* Holds up to max counters. NULL when there is no memory. */
struct sp_rate_counters *sp_rate_counters_new(size_t max);
void sp_rate_counters_free(struct sp_rate_counters **counters);

enum sp_rate_outcome {
	SP_RATE_UNKNOWN = 0, /* no memory, or no counter is free */
	SP_RATE_OVER,        /* a limit would be passed; nothing was counted */
	SP_RATE_WITHIN,
};

struct sp_rate_charge {
	const char *id; /* of the credential, at most SP_ID_MAX bytes */
	struct sp_rate rate;
	uint32_t amount; /* 0 charges nothing, and finds room */
};

/* Whether all charges have room, at now_ms of a clock with any origin. With
 * `commit` they are counted if so: all or none. A clock that goes back counts
 * as one that stands still. */
SP_NODISCARD enum sp_rate_outcome sp_rate_charge(struct sp_rate_counters *counters,
    const struct sp_rate_charge *charges, size_t count, int64_t now_ms, bool commit);

/* ---- to keep counters elsewhere ---- */

struct sp_rate_record {
	char id[SP_ID_MAX + 1];
	enum sp_rate_kind kind;
	uint64_t window_ms;
	int64_t newest; /* the number of the slot that time has reached */
	uint32_t total; /* the sum of the slots; 0: the counter is gone */
	uint32_t slots[SP_RATE_SLOTS];
};

/* Copies up to max counters that changed since they were last collected. */
size_t sp_rate_collect(
    struct sp_rate_counters *counters, struct sp_rate_record *records_r, size_t max);

/* Takes a counter back; one that has wholly passed at now_ms is collected next, as
 * gone. False, taking nothing, if the record makes no sense, is of a counter that
 * is there, or finds no room. */
bool sp_rate_restore(
    struct sp_rate_counters *counters, const struct sp_rate_record *record, int64_t now_ms);

/* The earliest time at which the record can have been made. */
int64_t sp_rate_record_time(const struct sp_rate_record *record);

#endif
