/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * metrics.h - what sendpassd counts of itself
 *
 * Numbers of the whole process. Every function is a few atomic additions, safe from
 * every thread, takes no lock and cannot fail. metrics_page.h writes them out; what
 * somebody else knows anyway (queues, servers) is asked there instead of counted here.
 *
 * To add one: a row in SP_COUNTERS or SP_GAUGES, and one in docs/metrics.md. Labels are of
 * closed sets: never a login, an address, an id, or anything else that a client chose.
 */
#ifndef SP_DAEMON_METRICS_H
#define SP_DAEMON_METRICS_H

#include <stdint.h>

#include "daemon/login_door.h"
#include "sendpass/verdict.h"

/* How many rows a table has. */
#define SP_ONE_ROW(...)   +1
#define SP_ROWS_OF(TABLE) (0 TABLE(SP_ONE_ROW))

/* X(constant, name, help): a number that only grows. Printed with "_total". */
#define SP_COUNTERS(X)                                                                             \
	X(LAST_USED_DROPPED, "sendpass_last_used_dropped",                                         \
	    "Uses of app passwords that were not written to the directory.")

enum sp_counter {
#define SP_COUNTER_CONSTANT(constant, name, help) SP_COUNTER_##constant,
	SP_COUNTERS(SP_COUNTER_CONSTANT)
#undef SP_COUNTER_CONSTANT
};

void sp_metrics_count(enum sp_counter counter);
uint64_t sp_metrics_counted(enum sp_counter counter);

/* X(constant, name, help): a number that goes up and down. */
#define SP_GAUGES(X)                                                                               \
	X(SESSIONS, "sendpass_sessions",                                                           \
	    "Logins that the policy door remembers, to know its sessions by.")

enum sp_gauge {
#define SP_GAUGE_CONSTANT(constant, name, help) SP_GAUGE_##constant,
	SP_GAUGES(SP_GAUGE_CONSTANT)
#undef SP_GAUGE_CONSTANT
};

void sp_metrics_set(enum sp_gauge gauge, int64_t value);
int64_t sp_metrics_value(enum sp_gauge gauge);

/* An attempt was answered, after took_us microseconds. */
void sp_metrics_attempt(enum sp_login_door door, enum sp_reason reason, int64_t took_us);
uint64_t sp_metrics_attempts(enum sp_login_door door, enum sp_reason reason);

/* X(constant, name): what the policy door's answer does to the client. */
#define SP_DECISIONS(X)                                                                            \
	X(PASS, "pass")                                                                            \
	X(REJECT, "reject")                                                                        \
	X(DISCONNECT, "disconnect")                                                                \
	X(DEFER, "defer")                                                                          \
	X(CLOSE, "close")

enum sp_decision {
#define SP_DECISION_CONSTANT(constant, name) SP_DECISION_##constant,
	SP_DECISIONS(SP_DECISION_CONSTANT)
#undef SP_DECISION_CONSTANT
};

void sp_metrics_decision(enum sp_decision decision, enum sp_reason reason);
uint64_t sp_metrics_decisions(enum sp_decision decision, enum sp_reason reason);

/* X(constant, name, help): how long a stage worked on one task. */
#define SP_TIMINGS(X)                                                                              \
	X(LDAP, "sendpass_ldap_duration_seconds",                                                  \
	    "Time that a directory worker took for all that one task asks of the directory.")      \
	X(ARGON2, "sendpass_argon2_duration_seconds", "Time that an Argon2 slot took for one task.")

enum sp_timing {
#define SP_TIMING_CONSTANT(constant, name, help) SP_TIMING_##constant,
	SP_TIMINGS(SP_TIMING_CONSTANT)
#undef SP_TIMING_CONSTANT
};

void sp_metrics_took(enum sp_timing timing, int64_t took_us);

struct sp_histogram;

/* To be read. Of attempts, by result: a refusal of a mistyped password says nothing of how
 * long a login takes. */
struct sp_histogram *sp_metrics_timing(enum sp_timing timing);
struct sp_histogram *sp_metrics_attempt_timing(enum sp_result result);

#endif
