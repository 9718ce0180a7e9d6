/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * latency.h - how long attempts took, in buckets of at most 1/32 of their value
 */
#ifndef SP_BENCH_LATENCY_H
#define SP_BENCH_LATENCY_H

#include <stdint.h>
#include <stdio.h>

#define SP_LATENCY_BUCKETS (60 * 32)

struct sp_latency {
	uint64_t count;
	uint64_t most_ns;
	uint32_t buckets[SP_LATENCY_BUCKETS];
};

void sp_latency_add(struct sp_latency *latency, uint64_t ns);

/* The time in nanoseconds, rounded up to its bucket's end, that a share of all
 * (0 to 1) did not exceed; 0 if there is none. */
uint64_t sp_latency_quantile(const struct sp_latency *latency, double share);

/* [[nanoseconds, count], ...], without the empty buckets: what a reader needs to
 * put several runs together. */
void sp_latency_print(const struct sp_latency *latency, FILE *out);

#endif
