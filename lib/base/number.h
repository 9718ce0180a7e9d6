/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * number.h - numbers and durations from text: the whole string, in range, or untouched
 */
#ifndef SP_BASE_NUMBER_H
#define SP_BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sendpass/attributes.h"

/* Decimal digits only: no sign, no space, no leading zero (but "0" itself), low <= value <= high.
 * On false *value_r is untouched. The length form reads exactly length bytes. */
SP_NODISCARD bool sp_parse_number(const char *text, uint64_t low, uint64_t high, uint64_t *value_r);
SP_NODISCARD bool sp_parse_number_n(
    const char *text, size_t length, uint64_t low, uint64_t high, uint64_t *value_r);

/* A number with its unit: "250ms", "3s", "5m", "12h", "90d", "2w". The unit is
 * required. *ms_r is in milliseconds; on false it is untouched. */
SP_NODISCARD bool sp_parse_duration(
    const char *text, uint64_t low_ms, uint64_t high_ms, uint64_t *ms_r);

/* The duration in the largest unit that divides it, as sp_parse_duration reads
 * it. size of at least 24 always suffices. */
void sp_format_duration(uint64_t ms, char *text_r, size_t size);

#endif
