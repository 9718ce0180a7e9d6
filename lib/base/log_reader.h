/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * log_reader.h - reads back the lines that log.h writes
 *
 * From a file, from syslog's or from journalctl's output: whatever stands before
 * the event. Nothing that a login or a sender may hold is taken for a line or a
 * pair of ours.
 */
#ifndef SP_BASE_LOG_READER_H
#define SP_BASE_LOG_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/log.h"
#include "sendpass/attributes.h"

#define SP_LOG_KEY_MAX 32

struct sp_log_pair {
	char key[SP_LOG_KEY_MAX + 1];
	size_t length;                   /* of the value, which may hold NULs */
	char value[SP_LOG_LINE_MAX + 1]; /* without quotes and escapes; a NUL behind it */
};

/* Where the event begins in what one of our programs said, without time, host and
 * program: at its start, or behind "info: " or another level. NULL if it is none. */
const char *sp_log_event_of(const char *message);

/* Where the event begins in a line of a log: at its start, behind "info: " or
 * another level, or behind the first "program[PID]: " or "program: " that syslog
 * puts after time and host. NULL if the line is nothing of the program's. */
const char *sp_log_find_event(const char *line, const char *program);

/* Takes the pair that *at begins with and moves *at to the next. False at the end
 * of the line, and where it is not as log.h writes it. */
SP_NODISCARD bool sp_log_read_pair(const char **at, struct sp_log_pair *pair_r);

#endif
