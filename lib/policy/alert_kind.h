/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * alert_kind.h - the events that an administrator can be alerted of
 *
 * A kind is an event by its name, such as `directory_down`; or of `auth` and `policy`, which
 * are lines of every attempt and refusal, those with one reason: `auth:revoked`.
 */
#ifndef SP_POLICY_ALERT_KIND_H
#define SP_POLICY_ALERT_KIND_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/log_reader.h"
#include "sendpass/attributes.h"

#define SP_ALERT_KINDS_MAX 64
#define SP_ALERT_NAME_MAX  (2 * SP_LOG_KEY_MAX + 1)

struct sp_alert_kinds {
	size_t count;
	char names[SP_ALERT_KINDS_MAX][SP_ALERT_NAME_MAX + 1];
};

/* Reads names with blanks between them. False if one is no kind, or there are too many:
 * fault_r is then that name, clipped. */
SP_NODISCARD bool sp_alert_kinds_parse(
    const char *text, struct sp_alert_kinds *kinds_r, char fault_r[SP_ALERT_NAME_MAX + 1]);

/* The kind of a line of the log, and whom it is about: its id, or else its address, or
 * else its URI, or "". False if it is of none of the kinds, or only counts repeats of others. */
SP_NODISCARD bool sp_alert_kind_of(const struct sp_alert_kinds *kinds, const char *line,
    size_t *kind_r, char subject_r[SP_LOG_LINE_MAX + 1]);

#endif
