/* SPDX-License-Identifier: BSD-2-Clause */
/* no_journal_input.c - in the place of journal_input.c, where libsystemd is not there */
#include <errno.h>

#include "tool/journal_input.h"
#include "tool/message.h"

enum sp_exit sp_journal_input_open(
    const char *directory, bool mail, struct sp_journal_input **journal_r)
{
	(void)directory;
	(void)mail;
	*journal_r = NULL;
	return sp_fail(SP_EXIT_FAILED,
	    "this sendpass was built without the journal: say --log FILE, or give the lines of "
	    "journalctl to --log -");
}

/* None can be opened, so nothing below is ever called. */

void sp_journal_input_close(struct sp_journal_input **journal)
{
	*journal = NULL;
}

bool sp_journal_input_seek(struct sp_journal_input *journal, time_t since)
{
	(void)journal;
	(void)since;
	errno = ENOSYS;
	return false;
}

bool sp_journal_input_to_end(struct sp_journal_input *journal)
{
	return sp_journal_input_seek(journal, 0);
}

enum sp_log_read sp_journal_input_next(struct sp_journal_input *journal, struct sp_logged *logged_r)
{
	(void)journal;
	(void)logged_r;
	errno = ENOSYS;
	return SP_LOG_READ_FAILED;
}

bool sp_journal_input_awaits(
    struct sp_journal_input *journal, struct pollfd *poll_r, int *timeout_ms_r)
{
	(void)poll_r;
	(void)timeout_ms_r;
	return sp_journal_input_seek(journal, 0);
}

bool sp_journal_input_awaited(struct sp_journal_input *journal)
{
	return sp_journal_input_seek(journal, 0);
}
