/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/histogram.h"

static const struct {
	int64_t us;
	const char *seconds;
} bounds[] = {
#define BOUND(us, seconds) {us, seconds},
    SP_HISTOGRAM_BOUNDS(BOUND)
#undef BOUND
};

void sp_histogram_observe(struct sp_histogram *histogram, int64_t took_us)
{
	size_t bucket = 0;

	if (took_us < 0)
		took_us = 0;
	while (took_us > bounds[bucket].us)
		bucket++;
	atomic_fetch_add_explicit(&histogram->buckets[bucket], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&histogram->sum_us, (uint64_t)took_us, memory_order_relaxed);
}

struct sp_histogram_reading sp_histogram_read(struct sp_histogram *histogram)
{
	struct sp_histogram_reading reading = {0};
	uint64_t count = 0;

	for (size_t i = 0; i < SP_HISTOGRAM_BUCKETS; i++) {
		count += atomic_load_explicit(&histogram->buckets[i], memory_order_relaxed);
		reading.below[i] = count;
	}
	reading.sum_us = atomic_load_explicit(&histogram->sum_us, memory_order_relaxed);
	return reading;
}

const char *sp_histogram_bound(size_t bucket)
{
	return bounds[bucket].seconds;
}
