/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/metrics.h"

#include <stdatomic.h>

#include "daemon/histogram.h"

static atomic_uint_fast64_t counters[SP_ROWS_OF(SP_COUNTERS)];
static atomic_int_fast64_t gauges[SP_ROWS_OF(SP_GAUGES)];
static atomic_uint_fast64_t attempts[SP_ROWS_OF(SP_LOGIN_DOORS)][SP_ROWS_OF(SP_REASONS)];
static atomic_uint_fast64_t decisions[SP_ROWS_OF(SP_DECISIONS)][SP_ROWS_OF(SP_REASONS)];
static struct sp_histogram timings[SP_ROWS_OF(SP_TIMINGS)];
static struct sp_histogram attempt_timings[SP_GRANTED + 1];

static void add_one(atomic_uint_fast64_t *number)
{
	atomic_fetch_add_explicit(number, 1, memory_order_relaxed);
}

static uint64_t read_number(atomic_uint_fast64_t *number)
{
	return atomic_load_explicit(number, memory_order_relaxed);
}

void sp_metrics_count(enum sp_counter counter)
{
	add_one(&counters[counter]);
}

uint64_t sp_metrics_counted(enum sp_counter counter)
{
	return read_number(&counters[counter]);
}

void sp_metrics_set(enum sp_gauge gauge, int64_t value)
{
	atomic_store_explicit(&gauges[gauge], value, memory_order_relaxed);
}

int64_t sp_metrics_value(enum sp_gauge gauge)
{
	return atomic_load_explicit(&gauges[gauge], memory_order_relaxed);
}

void sp_metrics_attempt(enum sp_login_door door, enum sp_reason reason, int64_t took_us)
{
	add_one(&attempts[door][reason]);
	sp_histogram_observe(&attempt_timings[sp_reason_result(reason)], took_us);
}

uint64_t sp_metrics_attempts(enum sp_login_door door, enum sp_reason reason)
{
	return read_number(&attempts[door][reason]);
}

void sp_metrics_decision(enum sp_decision decision, enum sp_reason reason)
{
	add_one(&decisions[decision][reason]);
}

uint64_t sp_metrics_decisions(enum sp_decision decision, enum sp_reason reason)
{
	return read_number(&decisions[decision][reason]);
}

void sp_metrics_took(enum sp_timing timing, int64_t took_us)
{
	sp_histogram_observe(&timings[timing], took_us);
}

struct sp_histogram *sp_metrics_timing(enum sp_timing timing)
{
	return &timings[timing];
}

struct sp_histogram *sp_metrics_attempt_timing(enum sp_result result)
{
	return &attempt_timings[result];
}
