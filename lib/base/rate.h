/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rate.h - how much in how long, as text: "100/1h", "recipients=500/1d"
 */
#ifndef SP_BASE_RATE_H
#define SP_BASE_RATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sendpass/attributes.h"

#define SP_RATES_OF_ONE_MAX 8 /* rates of one credential */

enum sp_rate_kind { SP_RATE_MESSAGES, SP_RATE_RECIPIENTS };

struct sp_rate {
	enum sp_rate_kind kind;
	uint32_t limit;     /* 1 to 1,000,000 */
	uint64_t window_ms; /* 1 second to 366 days */
};

/* False, with *rate_r untouched, for anything but COUNT/DURATION, perhaps with
 * "recipients=" before it; the duration as sp_parse_duration() reads it. */
SP_NODISCARD bool sp_rate_parse(const char *text, struct sp_rate *rate_r);

/* Rates with blanks between them, or none; *count_r of them. False if one is
 * wrong or they are too many. */
SP_NODISCARD bool sp_rates_parse(
    const char *text, struct sp_rate rates_r[SP_RATES_OF_ONE_MAX], size_t *count_r);

#endif
