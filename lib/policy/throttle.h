/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * throttle.h - who guesses too much is told to try later
 *
 * Failures are counted per client address (IPv6 by /64) and per address and
 * login, and forgotten with time. Never per login alone, or an attacker could
 * lock its owner out from elsewhere. A client that repeats one wrong password
 * counts once: it is misconfigured, and guesses nothing. What a throttled client
 * offers is not looked at, so it may be right: the answer is "later" and not "no".
 *
 * The table is of fixed size; when it is full, those who failed least go. Not
 * thread-safe: it is the event loop's.
 */
#ifndef SP_POLICY_THROTTLE_H
#define SP_POLICY_THROTTLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/network.h"
#include "lib/policy/request.h"
#include "sendpass/attributes.h"

struct sp_throttle_limits {
	uint32_t per_address; /* failures within the period; 0: no limit */
	uint32_t per_login;   /* likewise, of one address and login */
	int64_t period_ms;
	const struct sp_network *exempt;
	size_t exempt_count;
};

/* Whom an attempt counts for, and what it offered, as digests. */
struct sp_throttle_subject {
	bool counts; /* false: exempt, or the door knows no address */
	uint64_t address;
	uint64_t login;
	uint64_t password;
};

/* How a wrong password counts. */
enum sp_guess {
	SP_GUESS_UNCOUNTED = 0, /* the subject is exempt or has no address, or it is none */
	SP_GUESS_NEW,
	SP_GUESS_REPEATED, /* the last one of this address and login again: counted before */
};

struct sp_throttle;

/* NULL when there is no memory or no randomness. */
struct sp_throttle *sp_throttle_new(void);
void sp_throttle_free(struct sp_throttle **throttle);

/* Before the request's password is wiped. */
void sp_throttle_describe(const struct sp_throttle *throttle,
    const struct sp_throttle_limits *limits, const struct sp_attempt_request *request,
    struct sp_throttle_subject *subject_r);

/* True if the subject has used up a limit. now_ms is of the monotonic clock. */
SP_NODISCARD bool sp_throttle_holds(const struct sp_throttle *throttle,
    const struct sp_throttle_limits *limits, const struct sp_throttle_subject *subject,
    int64_t now_ms);

/* The password was wrong. What it counts as does not depend on the limits. */
enum sp_guess sp_throttle_failed(struct sp_throttle *throttle,
    const struct sp_throttle_limits *limits, const struct sp_throttle_subject *subject,
    int64_t now_ms);

/* The password was right: what this address failed with this login is forgotten. */
void sp_throttle_passed(struct sp_throttle *throttle, const struct sp_throttle_subject *subject);

#endif
