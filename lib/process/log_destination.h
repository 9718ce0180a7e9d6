/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * log_destination.h - where the lines of a daemon's log go, as [log] has it
 *
 * Writing waits for as long as whoever takes the lines does not: a full pipe, a
 * stopped syslogd or journald, a file server that hangs.
 */
#ifndef SP_PROCESS_LOG_DESTINATION_H
#define SP_PROCESS_LOG_DESTINATION_H

#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

#include "lib/base/log.h"
#include "lib/conf/conf.h"
#include "sendpass/attributes.h"

struct sp_log_destination;

/* What is amiss with [log] as a whole, as static text; NULL for nothing. */
const char *sp_log_settings_fault(const struct sp_conf *conf);

/* [log] level. */
enum sp_log_level sp_log_settings_level(const struct sp_conf *conf);

/* What [log] names, not open yet: this waits for nothing, and keeps nothing of conf.
 * program (static text) is the lines' tag; a file that root makes is given to
 * `owner`. NULL without memory. */
struct sp_log_destination *sp_log_destination_new(
    const struct sp_conf *conf, const char *program, uid_t owner);

/* False if it cannot be had, and then nothing may be written to it. */
SP_NODISCARD bool sp_log_destination_open(
    struct sp_log_destination *destination, char why_r[SP_CONF_WHY_MAX]);

/* Writes a line of that time. False if it is lost, as far as can be told: syslog(3)
 * does not tell. Safe from several threads. */
SP_NODISCARD bool sp_log_destination_write(struct sp_log_destination *destination,
    enum sp_log_level level, const struct timespec *time, const char *line);

/* Instead, for whoever has more lines at hand, and is one thread: may keep the line until
 * sp_log_destination_flush(), which must come before a write or free. Both return how
 * many lines are lost by now, of those that were kept and this one. */
SP_NODISCARD size_t sp_log_destination_gather(struct sp_log_destination *destination,
    enum sp_log_level level, const struct timespec *time, const char *line);
SP_NODISCARD size_t sp_log_destination_flush(struct sp_log_destination *destination);

/* A sink (log.h) whose context is an open destination, for who may wait. */
void sp_log_to_destination(enum sp_log_level level, const char *line, void *destination);

/* NULL and one that is not open are allowed. */
void sp_log_destination_free(struct sp_log_destination **destination);

#endif
