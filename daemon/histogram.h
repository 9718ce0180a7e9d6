/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * histogram.h - how long something took, in fixed buckets
 *
 * Observing is two atomic additions, from any thread and without a lock.
 */
#ifndef SP_DAEMON_HISTOGRAM_H
#define SP_DAEMON_HISTOGRAM_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

/* X(upper bound in microseconds, the same in seconds as OpenMetrics writes it):
 * from what costs nothing to what outlasts every timeout. */
#define SP_HISTOGRAM_BOUNDS(X)                                                                     \
	X(1000, "0.001")                                                                           \
	X(2500, "0.0025")                                                                          \
	X(5000, "0.005")                                                                           \
	X(10000, "0.01")                                                                           \
	X(25000, "0.025")                                                                          \
	X(50000, "0.05")                                                                           \
	X(100000, "0.1")                                                                           \
	X(250000, "0.25")                                                                          \
	X(500000, "0.5")                                                                           \
	X(1000000, "1.0")                                                                          \
	X(2500000, "2.5")                                                                          \
	X(5000000, "5.0")                                                                          \
	X(10000000, "10.0")                                                                        \
	X(INT64_MAX, "+Inf")

#define SP_HISTOGRAM_ONE(us, seconds) +1
#define SP_HISTOGRAM_BUCKETS          (0 SP_HISTOGRAM_BOUNDS(SP_HISTOGRAM_ONE))

/* All zero: nothing observed. */
struct sp_histogram {
	atomic_uint_fast64_t buckets[SP_HISTOGRAM_BUCKETS]; /* each without those below it */
	atomic_uint_fast64_t sum_us;
};

/* A bucket takes its upper bound in. A negative time counts as none. */
void sp_histogram_observe(struct sp_histogram *histogram, int64_t took_us);

struct sp_histogram_reading {
	uint64_t below[SP_HISTOGRAM_BUCKETS]; /* up to each bound: the last is all of them */
	uint64_t sum_us;
};

/* What was observed while this reads may be in the buckets and not yet in the sum, or
 * the other way round; the buckets agree among themselves. */
struct sp_histogram_reading sp_histogram_read(struct sp_histogram *histogram);

/* The upper bound of a bucket in seconds, "+Inf" for the last; static text. */
const char *sp_histogram_bound(size_t bucket);

#endif
