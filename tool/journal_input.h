/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * journal_input.h - the lines of systemd's journal
 *
 * journal_input.c alone includes libsystemd. Where that was not there when sendpass was
 * built, no_journal_input.c stands in, and no journal can be opened.
 */
#ifndef SP_TOOL_JOURNAL_INPUT_H
#define SP_TOOL_JOURNAL_INPUT_H

#include <poll.h>
#include <stdbool.h>

#include "sendpass/attributes.h"
#include "tool/log_input.h"
#include "tool/log_line.h"
#include "tool/verb.h"

struct sp_journal_input;

/* Of this host, or, if it is not NULL, of the directory. Has the lines of our programs,
 * and with `mail` those of the syslog facility mail. Anything but SP_EXIT_OK has been
 * told. */
SP_NODISCARD enum sp_exit sp_journal_input_open(
    const char *directory, bool mail, struct sp_journal_input **journal_r);
void sp_journal_input_close(struct sp_journal_input **journal);

/* To the first line from the time on, or with SP_NO_TIME to the first at all. False
 * with errno set. */
SP_NODISCARD bool sp_journal_input_seek(struct sp_journal_input *journal, time_t since);
SP_NODISCARD bool sp_journal_input_to_end(struct sp_journal_input *journal);

/* LINE, NOTHING or FAILED. The line is good until the next call. Those over
 * SP_MAIL_LINE_MAX bytes or with a control character are passed over. */
SP_NODISCARD enum sp_log_read sp_journal_input_next(
    struct sp_journal_input *journal, struct sp_logged *logged_r);

/* What to poll() for, and for at most how many milliseconds; behind it, tell that it was. */
SP_NODISCARD bool sp_journal_input_awaits(
    struct sp_journal_input *journal, struct pollfd *poll_r, int *timeout_ms_r);
SP_NODISCARD bool sp_journal_input_awaited(struct sp_journal_input *journal);

#endif
