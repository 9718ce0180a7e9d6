/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * log_event.h - the pairs of one event of the log
 */
#ifndef SP_TOOL_LOG_EVENT_H
#define SP_TOOL_LOG_EVENT_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/log_reader.h"
#include "sendpass/attributes.h"

#define SP_EVENT_PAIRS_MAX 40

struct sp_event_pair {
	char key[SP_LOG_KEY_MAX + 1];
	const char *value;   /* as it was before it was logged, a NUL in it as \x00: any bytes */
	const char *written; /* as the line has it, with quotes where it has them */
};

/* Holds pointers into itself: not to be copied. */
struct sp_log_event {
	size_t count;
	struct sp_event_pair pairs[SP_EVENT_PAIRS_MAX];
	char text[2 * SP_LOG_LINE_MAX + 2 * SP_EVENT_PAIRS_MAX];
};

/* False if it is not as log.h writes it. */
SP_NODISCARD bool sp_log_event_read(const char *line, struct sp_log_event *event_r);

/* The value of the pair with that key, NULL if there is none. */
const char *sp_log_event_get(const struct sp_log_event *event, const char *key);

#endif
