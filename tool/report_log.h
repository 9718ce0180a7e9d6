/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report_log.h - what sendpassd's log tells of logins
 *
 * All text in it is printable UTF-8, with anything else as sp_escape() writes it.
 */
#ifndef SP_TOOL_REPORT_LOG_H
#define SP_TOOL_REPORT_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "sendpass/attributes.h"
#include "sendpass/verdict.h"

#define SP_REPORT_TIME_SIZE  48     /* of a line's time, as the log writes it */
#define SP_REPORT_LEGACY_MAX 100000 /* different logins */
#define SP_REPORT_NO_TEXT    "-"    /* what the log does not tell */

#define SP_REPORT_REASON_ONE(constant, name, result) +1
enum {
	SP_REPORT_OTHER_REASON = 0 SP_REASONS(SP_REPORT_REASON_ONE), /* one that we do not know */
	SP_REPORT_REASON_COUNT,
};

/* A login with which somebody came in by a mailbox password. */
struct sp_report_legacy {
	char *login;
	size_t count;
	char last_time[SP_REPORT_TIME_SIZE]; /* of the last line that was read */
	char last_address[64];
};

/* Of one reason. */
struct sp_report_refusals {
	const char *reason; /* static text */
	const char *result; /* "denied" or "unavailable", static text */
	size_t logins;      /* event=auth */
	size_t messages;    /* event=policy: senders, rates, ended sessions */
};

struct sp_report_log {
	size_t lines, foreign, broken; /* foreign: not sendpassd's; broken: not as it writes them */
	char first_time[SP_REPORT_TIME_SIZE], last_time[SP_REPORT_TIME_SIZE]; /* of attempts */
	size_t granted, denied, unavailable;                                  /* attempts */
	size_t by_legacy;                                                     /* of those granted */
	struct sp_report_refusals refusals[SP_REPORT_REASON_COUNT];
	/* By sp_report_log_settle(): the most attempts first. */
	size_t refusal_count; /* of reasons that came at all: the first ones */
	struct sp_report_legacy **legacy;
	size_t legacy_count;
	void *logins; /* tsearch(3) */
};

void sp_report_log_init(struct sp_report_log *log_r);
void sp_report_log_clear(struct sp_report_log *log);

/* Counts the lines of `in`. False, with errno set, when it cannot be read, or when there
 * is no memory or are too many logins. */
SP_NODISCARD bool sp_report_log_read(struct sp_report_log *log, FILE *in);

/* Once, behind the last of them: sorts. False when there is no memory. */
SP_NODISCARD bool sp_report_log_settle(struct sp_report_log *log);

#endif
