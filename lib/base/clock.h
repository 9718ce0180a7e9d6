/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * clock.h - deadlines on the monotonic clock, and calendar time as LDAP writes it
 */
#ifndef SP_BASE_CLOCK_H
#define SP_BASE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/time.h>
#include <time.h>

#include "sendpass/attributes.h"

/* CLOCK_MONOTONIC in milliseconds. */
int64_t sp_now_ms(void);

/* CLOCK_MONOTONIC in microseconds. */
int64_t sp_now_us(void);

/* CLOCK_THREAD_CPUTIME_ID in microseconds: what this thread has computed so far. */
int64_t sp_thread_time_us(void);

/* Milliseconds from now to the deadline, for poll(): 0 when it has passed, INT_MAX at most. */
int sp_remaining_ms(int64_t deadline_ms);

/* The same interval for interfaces that take a timeval. */
struct timeval sp_timeval_from_ms(int64_t ms);

#define SP_GENERALIZED_TIME_SIZE 16 /* "20261124060000Z" and a NUL */

/* GeneralizedTime (RFC 4517, section 3.3.13) in UTC: YYYYMMDDHH[MM[SS]][.,fraction]Z
 * or with an offset +hh[mm]/-hh[mm]; a fraction is read and dropped. False, with
 * *time_r untouched, for anything else, impossible dates among it. */
SP_NODISCARD bool sp_parse_generalized_time(const char *text, time_t *time_r);

/* A day of the calendar, YYYY-MM-DD (ISO 8601), as its first second in UTC. False,
 * with *time_r untouched, for anything else. */
SP_NODISCARD bool sp_parse_day(const char *text, time_t *time_r);

/* 9999-12-31T23:59:59Z, the last that GeneralizedTime has. */
#define SP_LAST_TIME ((time_t)253402300799)

/* False for a time outside the years 0000 to 9999. */
SP_NODISCARD bool sp_format_generalized_time(time_t time, char text_r[SP_GENERALIZED_TIME_SIZE]);

#endif
