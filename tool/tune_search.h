/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tune_search.h - the most that a hash may cost within a time
 *
 * Memory is what makes guessing on graphics cards dear, so it grows first, and passes
 * when it may grow no more (RFC 9106, section 4). Nothing goes below what OWASP's
 * Password Storage Cheat Sheet has as the least for Argon2id.
 */
#ifndef SP_TOOL_TUNE_SEARCH_H
#define SP_TOOL_TUNE_SEARCH_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/password/phc.h"
#include "sendpass/attributes.h"

/* OWASP has no pair with less memory. */
#define SP_TUNE_MEMORY_MIN_KIB 7168

/* The microseconds that one hash takes; -1 if it cannot be computed. */
typedef int64_t sp_tune_measure_fn(void *context, const struct sp_argon2_cost *cost);

struct sp_tune_limits {
	int64_t target_us;
	uint32_t memory_max_kib; /* SP_TUNE_MEMORY_MIN_KIB at least */
	uint32_t passes_max;
};

struct sp_tuning {
	struct sp_argon2_cost cost; /* one lane */
	int64_t took_us;            /* as it was measured */
};

/* Proposes the largest cost that is measured to take target_us at most; where even the least
 * takes longer, that. Measures some 10 costs. False if one could not be computed. */
SP_NODISCARD bool sp_tune_search(const struct sp_tune_limits *limits, sp_tune_measure_fn *measure,
    void *context, struct sp_tuning *tuning_r);

#endif
