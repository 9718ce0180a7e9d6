/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * log_writer.h - a thread that waits for the log, so that nobody else does
 *
 * Whoever logs puts the line into a bounded queue and goes on. Lines for which
 * there is no room, or which the destination does not take, are counted, and
 * `event=log_dropped count=N` says so as soon as lines flow again.
 *
 * The thread's own lines go to the destination, and to the log's observer as all others do.
 *
 * The lines of a child between fork and exec would go nowhere: it must not log.
 */
#ifndef SP_DAEMON_LOG_WRITER_H
#define SP_DAEMON_LOG_WRITER_H

#include <stdbool.h>
#include <sys/types.h>

#include "lib/conf/conf.h"
#include "sendpass/attributes.h"

#define SP_LOG_QUEUE_BYTES (1 << 20) /* lines that wait, with 40 bytes or so each for its place */
#define SP_LOG_DRAIN_S     2         /* seconds, at most, for the last lines at the end */

struct sp_log_writer;

/* Opens what [log] names, as log_destination.h has it, and makes it the process's
 * log. Until there is a thread, who logs waits, and errors go to standard error too:
 * somebody may be looking there. NULL if it cannot be opened. */
struct sp_log_writer *sp_log_writer_open(
    const struct sp_conf *conf, const char *program, uid_t owner, char why_r[SP_CONF_WHY_MAX]);

/* Starts the thread, whose name is "log" as ps(1) and top(1) show it. False if it cannot be had. */
SP_NODISCARD bool sp_log_writer_start(struct sp_log_writer *writer, const struct sp_conf *conf);

/* What [log] says by now: the level at once, the destination as soon as the thread
 * comes to it. It is opened again even if it is the same, for files that were moved
 * away. Where that fails, `event=log_not_opened` tells, and the earlier one stays. */
void sp_log_writer_follow(struct sp_log_writer *writer, const struct sp_conf *conf);

/* Has the last lines written, for SP_LOG_DRAIN_S at most; nobody may log meanwhile,
 * and afterwards it goes nowhere. If they are not, the thread and what is its own are
 * left as they are: the process is to end. NULL is allowed. */
void sp_log_writer_stop(struct sp_log_writer **writer);

#endif
