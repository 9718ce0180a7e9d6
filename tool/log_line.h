/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * log_line.h - one line of a log: when, whose, and what
 *
 * Of syslog's files with the time as RFC 3164 has it ("Nov 24 09:22:40") or as ISO
 * 8601 ("2026-11-24T09:22:40.123456+01:00"), of journalctl's output, of Postfix's
 * maillog_file, of Exim's mainlog, and of what our programs write to standard error.
 * The program is where it must be and nowhere else: what a client may have put into
 * another program's line is never taken for a line of ours.
 */
#ifndef SP_TOOL_LOG_LINE_H
#define SP_TOOL_LOG_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "sendpass/attributes.h"

#define SP_LOG_PROGRAM_MAX 64
#define SP_MAIL_LINE_MAX   16384 /* bytes of a line; longer ones are passed over */

struct sp_logged {
	time_t time;                          /* SP_NO_TIME: the line has none */
	char program[SP_LOG_PROGRAM_MAX + 1]; /* "postfix/smtpd"; empty: the line has none */
	bool exim;                            /* of a mainlog, which names no program */
	const char *message;                  /* the rest of the line */
};

/* A time without year is the latest such that is at most a day after now, and one
 * without offset is of the local time zone. False: a line of none of these kinds. */
SP_NODISCARD bool sp_log_line_read(const char *line, time_t now, struct sp_logged *logged_r);

/* The event in a line of sendpassd, sendpass-milter or sendpass; NULL in any other. */
const char *sp_logged_event(const struct sp_logged *logged);

#endif
