/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * connection.h - a stream to sendpassd: lines in, bytes out, one deadline
 *
 * No call waits past the deadline, and none leaves a secret behind: the caller
 * closes in every case, which wipes. Failing functions name the cause in
 * *why_r, static text.
 */
#ifndef SP_CLIENT_CONNECTION_H
#define SP_CLIENT_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "sendpass/attributes.h"
#include "sendpass/limits.h"

struct sp_connection {
	int fd;              /* above 2 and CLOEXEC; -1 when closed */
	int64_t deadline_ms; /* on sp_now_ms()'s clock */
	size_t filled;
	size_t taken; /* bytes at the front that were handed out as the last line */
	char buffer[SP_LINE_MAX + 1];
};

/* Connects to the socket at path and checks that root or daemon_uid made it.
 * Initialises *connection_r in every case. */
SP_NODISCARD bool sp_connection_open(struct sp_connection *connection_r, const char *path,
    uid_t daemon_uid, int64_t deadline_ms, const char **why_r);

SP_NODISCARD bool sp_connection_send(
    struct sp_connection *connection, const char *bytes, size_t length, const char **why_r);

/* The next line, without its LF; valid until the next call. A line of more than
 * SP_LINE_MAX bytes is a failure, and so is the end of the stream. */
SP_NODISCARD bool sp_connection_read_line(
    struct sp_connection *connection, const char **line_r, size_t *length_r, const char **why_r);

/* May be called twice. */
void sp_connection_close(struct sp_connection *connection);

#endif
