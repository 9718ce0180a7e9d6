/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * log.h - one event, one line of key=value pairs, through an injected sink
 *
 *	struct sp_log_line line;
 *	sp_log_begin(&line, SP_LOG_NOTICE, "directory_down");
 *	sp_log_text(&line, "uri", uri);
 *	sp_log_number(&line, "attempts", 3);
 *	sp_log_end(&line);
 *
 * yields `event=directory_down uri=ldapi:/// attempts=3`. Values that need it are
 * quoted, with \" \\ and \xHH escapes; text is clipped at SP_LOG_TEXT_MAX bytes
 * and marked so. Whatever the bytes, one line comes out. No function here takes
 * a secret type.
 */
#ifndef SP_BASE_LOG_H
#define SP_BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sendpass/attributes.h"

#define SP_LOG_TEXT_MAX 256  /* bytes of one value before it is clipped */
#define SP_LOG_LINE_MAX 4096 /* bytes of a line */

enum sp_log_level { SP_LOG_ERROR, SP_LOG_WARNING, SP_LOG_NOTICE, SP_LOG_INFO, SP_LOG_DEBUG };

/* Called with a finished line, without LF. Must not log. */
typedef void sp_log_sink(enum sp_log_level level, const char *line, void *context);

/* Sets the process's sink and the lowest level it gets. Other threads may log
 * meanwhile; a change of context wants a change of sink by way of NULL. Without
 * a sink nothing is written: a guest logs through its host alone. */
void sp_log_set_sink(sp_log_sink *sink, void *context, enum sp_log_level lowest);

/* A sink: writes "level: line\n" to standard error with one write(2). */
void sp_log_to_stderr(enum sp_log_level level, const char *line, void *context);

/* A sink: syslog(3), facility as given to openlog by the caller. */
void sp_log_to_syslog(enum sp_log_level level, const char *line, void *context);

/* Called with a finished line, without LF, from any thread that logs. Must not log, nor wait. */
typedef void sp_log_observer(const char *line);

/* Who else is shown every finished line, whatever its level and the sink's; NULL for nobody.
 * A thread may still be in the one that was there before. */
void sp_log_set_observer(sp_log_observer *observer);

const char *sp_log_level_name(enum sp_log_level level);
/* As syslog(3) has it. */
int sp_log_priority(enum sp_log_level level);
SP_NODISCARD bool sp_log_level_parse(const char *name, enum sp_log_level *level_r);

struct sp_log_line {
	enum sp_log_level level;
	size_t length;
	bool full; /* a pair did not fit and was left out; sp_log_end says so */
	char text[SP_LOG_LINE_MAX];
};

void sp_log_begin(struct sp_log_line *line, enum sp_log_level level, const char *event);

/* key is a literal of a-z, 0-9 and '_'. A NULL value leaves the pair out. */
void sp_log_text(struct sp_log_line *line, const char *key, const char *value);
void sp_log_text_n(struct sp_log_line *line, const char *key, const char *value, size_t length);
void sp_log_number(struct sp_log_line *line, const char *key, int64_t value);
/* Microseconds, written as milliseconds with one decimal. */
void sp_log_milliseconds(struct sp_log_line *line, const char *key, int64_t us);
void sp_log_end(struct sp_log_line *line);
/* Instead, for a line that is counted and not written, or written past the sink: the observer
 * alone is shown it. */
void sp_log_leave_out(struct sp_log_line *line);

/* An event whose only pair is message="...". The format must not take user input unbounded. */
void sp_log_message(enum sp_log_level level, const char *event, const char *format, ...)
    SP_PRINTF(3, 4);

#endif
