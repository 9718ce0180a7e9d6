/* SPDX-License-Identifier: BSD-2-Clause */
#include "tool/tune_search.h"

#include <stddef.h>

#define MEMORY_STEP_KIB 1024

/* Equally strong, says OWASP; the more memory, the fewer passes. What needs one pass
 * alone is left out: an attack that trades memory for time is cheaper then. */
static const struct sp_argon2_cost least[] = {
    {19456, 2, 1}, {12288, 3, 1}, {9216, 4, 1}, {SP_TUNE_MEMORY_MIN_KIB, 5, 1}};

struct search {
	const struct sp_tune_limits *limits;
	sp_tune_measure_fn *measure;
	void *context;
	struct sp_tuning *best;
};

/* Takes the cost for the best if it is within the time. False if it cannot be computed. */
static bool try_cost(struct search *search, struct sp_argon2_cost cost, bool *fits_r)
{
	int64_t took_us = search->measure(search->context, &cost);

	*fits_r = took_us >= 0 && took_us <= search->limits->target_us;
	if (*fits_r)
		*search->best = (struct sp_tuning){cost, took_us};
	return took_us >= 0;
}

/* Raises *part, which is one of cost's, step by step up to high, as far as it fits. */
static bool raise(struct search *search, struct sp_argon2_cost *cost, uint32_t *part, uint32_t step,
    uint32_t high)
{
	const uint32_t low = *part;
	uint32_t fits_at = 0, steps = high > low ? (high - low + step - 1) / step : 0;

	while (fits_at < steps) {
		uint32_t middle = fits_at + (steps - fits_at + 1) / 2;
		bool fits;
		*part = middle == steps && low + middle * step > high ? high : low + middle * step;
		if (!try_cost(search, *cost, &fits))
			return false;
		if (fits)
			fits_at = middle;
		else
			steps = middle - 1;
	}
	*cost = search->best->cost;
	return true;
}

bool sp_tune_search(const struct sp_tune_limits *limits, sp_tune_measure_fn *measure, void *context,
    struct sp_tuning *tuning_r)
{
	struct search search = {limits, measure, context, tuning_r};
	size_t i = 0;
	bool fits;

	while (i + 1 < sizeof(least) / sizeof(least[0]) &&
	       least[i].memory_kib > limits->memory_max_kib)
		i++;
	struct sp_argon2_cost cost = least[i];
	tuning_r->cost = cost;
	tuning_r->took_us = measure(context, &cost);
	fits = tuning_r->took_us <= limits->target_us;
	if (tuning_r->took_us < 0 || !fits)
		return tuning_r->took_us >= 0;
	if (!raise(&search, &cost, &cost.memory_kib, MEMORY_STEP_KIB, limits->memory_max_kib))
		return false;
	return cost.memory_kib < limits->memory_max_kib ||
	       raise(&search, &cost, &cost.passes, 1, limits->passes_max);
}
