/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * alert_environment.h - what the alert command is told
 *
 * Of each pair key=value of the log's line, SENDPASS_KEY=value; the line as a whole in
 * SENDPASS_LINE; how many more alerts it stands for in SENDPASS_HELD_BACK; and PATH. A value is
 * printable UTF-8 without line breaks: if it is not, every byte that is not printable ASCII
 * is a '?' in it. Clients choose what logins hold, and may choose words that a shell knows.
 */
#ifndef SP_DAEMON_ALERT_ENVIRONMENT_H
#define SP_DAEMON_ALERT_ENVIRONMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/log.h"
#include "sendpass/attributes.h"

/* Enough for every line: its values, its keys, and itself. */
#define SP_ALERT_ENVIRONMENT_MAX ((size_t)4 * SP_LOG_LINE_MAX)

/* Writes NAME=value strings, each with a NUL behind it. How many bytes there are. */
size_t sp_alert_environment(
    const char *line, uint64_t held_back, char strings_r[SP_ALERT_ENVIRONMENT_MAX]);

#endif
