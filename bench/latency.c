/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench/latency.h"

#include <inttypes.h>

/* Below 64 each value has a bucket; from there on, each power of two has 32. */
#define EXACT 64

static unsigned bucket_of(uint64_t ns)
{
	if (ns < EXACT)
		return (unsigned)ns;
	unsigned exponent = 63 - (unsigned)__builtin_clzll(ns);
	return (exponent - 4) * 32 + (unsigned)((ns >> (exponent - 5)) & 31);
}

static uint64_t end_of(unsigned bucket)
{
	if (bucket < EXACT)
		return bucket;
	unsigned exponent = bucket / 32 + 4;
	return ((32ULL + bucket % 32 + 1) << (exponent - 5)) - 1;
}

void sp_latency_add(struct sp_latency *latency, uint64_t ns)
{
	latency->buckets[bucket_of(ns)]++;
	latency->count++;
	if (ns > latency->most_ns)
		latency->most_ns = ns;
}

uint64_t sp_latency_quantile(const struct sp_latency *latency, double share)
{
	double wanted = share * (double)latency->count;
	uint64_t seen = 0;

	for (unsigned i = 0; i < SP_LATENCY_BUCKETS; i++) {
		seen += latency->buckets[i];
		if (seen > 0 && (double)seen >= wanted)
			return end_of(i) < latency->most_ns ? end_of(i) : latency->most_ns;
	}
	return 0;
}

void sp_latency_print(const struct sp_latency *latency, FILE *out)
{
	const char *comma = "";

	fputc('[', out);
	for (unsigned i = 0; i < SP_LATENCY_BUCKETS; i++) {
		if (latency->buckets[i] == 0)
			continue;
		fprintf(out, "%s[%" PRIu64 ",%" PRIu32 "]", comma, end_of(i), latency->buckets[i]);
		comma = ",";
	}
	fputc(']', out);
}
