/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verdict.h - the closed result of every attempt, and its reason
 *
 * One table names every reason with its result. Doors, log, metrics and tests
 * take the names from here; clients learn the result only.
 */
#ifndef SENDPASS_VERDICT_H
#define SENDPASS_VERDICT_H

#include <stdbool.h>

/* Zero is failure, and "cannot know" is not "no". */
enum sp_result {
	SP_UNAVAILABLE = 0,
	SP_DENIED,
	SP_GRANTED,
};

/* X(constant, name, result). Zero is `internal`, so that a forgotten
 * assignment reads as a bug of ours, never as a yes or a no. */
#define SP_REASONS(X)                                                                              \
	X(INTERNAL, "internal", SP_UNAVAILABLE)                                                    \
	X(OK, "ok", SP_GRANTED)                                                                    \
	X(LEGACY, "legacy", SP_GRANTED)                                                            \
	X(MALFORMED, "malformed", SP_DENIED)                                                       \
	X(NO_CREDENTIAL, "no_credential", SP_DENIED)                                               \
	X(WRONG_OWNER, "wrong_owner", SP_DENIED)                                                   \
	X(BAD_SECRET, "bad_secret", SP_DENIED)                                                     \
	X(REVOKED, "revoked", SP_DENIED)                                                           \
	X(SUSPENDED, "suspended", SP_DENIED)                                                       \
	X(EXPIRED, "expired", SP_DENIED)                                                           \
	X(NOT_YET_VALID, "not_yet_valid", SP_DENIED)                                               \
	X(OWNER_INACTIVE, "owner_inactive", SP_DENIED)                                             \
	X(SERVICE_DENIED, "service_denied", SP_DENIED)                                             \
	X(NETWORK_DENIED, "network_denied", SP_DENIED)                                             \
	X(TLS_REQUIRED, "tls_required", SP_DENIED)                                                 \
	X(SENDER_DENIED, "sender_denied", SP_DENIED)                                               \
	X(RATE_LIMITED, "rate_limited", SP_DENIED)                                                 \
	X(THROTTLED, "throttled", SP_UNAVAILABLE)                                                  \
	X(DIRECTORY_DOWN, "directory_down", SP_UNAVAILABLE)                                        \
	X(DIRECTORY_TIMEOUT, "directory_timeout", SP_UNAVAILABLE)                                  \
	X(OVERLOADED, "overloaded", SP_UNAVAILABLE)

enum sp_reason {
#define SP_REASON_CONSTANT(constant, name, result) SP_REASON_##constant,
	SP_REASONS(SP_REASON_CONSTANT)
#undef SP_REASON_CONSTANT
};

/* The result a reason stands for. A value outside the table is SP_UNAVAILABLE. */
enum sp_result sp_reason_result(enum sp_reason reason);

/* The reason's name as logged, static text. Outside the table: "internal". */
const char *sp_reason_name(enum sp_reason reason);

/* "granted", "denied" or "unavailable", static text. */
const char *sp_result_name(enum sp_result result);

#endif
