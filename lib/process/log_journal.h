/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * log_journal.h - lines of the log as entries of systemd's journal
 *
 * An entry has the whole line as MESSAGE, and each of its pairs as a field of its
 * own: event=auth is SENDPASS_EVENT=auth. Fields are as sent by whoever they come
 * from, without the quotes and escapes of the line.
 *
 * This is the journal's native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL), one
 * datagram for each entry. sd_journal_sendv(3) is not used: it calls an entry sent
 * when there is no journal, so that nobody could count what is lost, and
 * libsystemd brings compressors and gcrypt into a process that has secrets. Both
 * wait where journald does not read. Waiting is right for whoever has a thread for
 * it: without, a burst of more entries than the socket holds would be lost though
 * journald is well.
 */
#ifndef SP_PROCESS_LOG_JOURNAL_H
#define SP_PROCESS_LOG_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/log.h"
#include "sendpass/attributes.h"

#define SP_JOURNAL_SOCKET    "/run/systemd/journal/socket"
#define SP_JOURNAL_ENTRY_MAX (4 * SP_LOG_LINE_MAX)

/* Writes the entry of a line. program is the SYSLOG_IDENTIFIER, facility one of
 * syslog(3)'s. Returns its length. A pair for which there is no room is a part of
 * MESSAGE alone. */
size_t sp_journal_entry(const char *program, int facility, enum sp_log_level level,
    const char *line, char entry_r[SP_JOURNAL_ENTRY_MAX]);

/* A socket for sp_journal_send(), or -1 with errno set. */
SP_NODISCARD int sp_journal_open(void);

/* Sends the entry to the socket `path`, which is looked up anew, so a journal that
 * starts again is found. Waits for as long as nobody reads there. False if nobody
 * has it open. */
SP_NODISCARD bool sp_journal_send(int fd, const char *path, const char *entry, size_t length);

#endif
