/* SPDX-License-Identifier: BSD-2-Clause */
#include "tool/journal_input.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-journal.h>

#include "tool/message.h"

struct sp_journal_input {
	sd_journal *handle;
	char line[SP_MAIL_LINE_MAX + 1];
};

/* libsystemd returns errno's numbers, negative. */
static bool succeeded(int result)
{
	if (result < 0)
		errno = -result;
	return result >= 0;
}

static bool add_matches(sd_journal *handle, bool mail)
{
	static const char *const ours[] = {"SYSLOG_IDENTIFIER=sendpassd",
	    "SYSLOG_IDENTIFIER=sendpass-milter", "SYSLOG_IDENTIFIER=sendpass"};

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
		if (!succeeded(sd_journal_add_match(handle, ours[i], 0)))
			return false;
	}
	return !mail || (succeeded(sd_journal_add_disjunction(handle)) &&
			    succeeded(sd_journal_add_match(handle, "SYSLOG_FACILITY=2", 0)));
}

/* The library takes a directory that does not exist, and files that it may not read, for
 * a journal without lines. */
static enum sp_exit fail_empty(const char *directory)
{
	if (directory != NULL)
		return sp_fail(
		    SP_EXIT_FAILED, "there is no journal in %s that you may read", directory);
	return sp_fail(SP_EXIT_FAILED, "there is no journal on this host that you may read: be "
				       "root or in the group systemd-journal, or say --log FILE");
}

static enum sp_exit open_handle(const char *directory, bool mail, sd_journal **handle_r)
{
	int opened = directory != NULL ? sd_journal_open_directory(handle_r, directory, 0)
				       : sd_journal_open(handle_r, SD_JOURNAL_LOCAL_ONLY);
	int moved = opened >= 0 ? sd_journal_next(*handle_r) : opened;

	if (moved == 0)
		return fail_empty(directory);
	if (!succeeded(moved) || !add_matches(*handle_r, mail))
		return sp_fail(SP_EXIT_FAILED, "the journal of %s: %s",
		    directory != NULL ? directory : "this host", strerror(errno));
	return SP_EXIT_OK;
}

enum sp_exit sp_journal_input_open(
    const char *directory, bool mail, struct sp_journal_input **journal_r)
{
	struct sp_journal_input *journal = calloc(1, sizeof(*journal));

	*journal_r = journal;
	if (journal == NULL)
		return sp_fail(SP_EXIT_FAILED, "out of memory");
	enum sp_exit status = open_handle(directory, mail, &journal->handle);
	if (status != SP_EXIT_OK)
		sp_journal_input_close(journal_r);
	return status;
}

void sp_journal_input_close(struct sp_journal_input **journal)
{
	if (*journal != NULL) {
		sd_journal_close((*journal)->handle);
		free(*journal);
	}
	*journal = NULL;
}

bool sp_journal_input_seek(struct sp_journal_input *journal, time_t since)
{
	if (since < 0)
		return succeeded(sd_journal_seek_head(journal->handle));
	return succeeded(sd_journal_seek_realtime_usec(journal->handle, (uint64_t)since * 1000000));
}

/* Behind the last line: sd_journal_next() alone would find that again. */
bool sp_journal_input_to_end(struct sp_journal_input *journal)
{
	return succeeded(sd_journal_seek_tail(journal->handle)) &&
	       succeeded(sd_journal_previous(journal->handle));
}

/* ---- lines ---- */

/* The field's value, as text of at most size - 1 bytes. False if there is none such. */
static bool read_field(sd_journal *handle, const char *name, char *text_r, size_t size)
{
	const void *data;
	size_t length, prefix = strlen(name) + 1;

	if (sd_journal_get_data(handle, name, &data, &length) < 0 || length < prefix ||
	    length - prefix >= size)
		return false;
	memcpy(text_r, (const char *)data + prefix, length - prefix);
	text_r[length - prefix] = '\0';
	return memchr(text_r, '\0', length - prefix) == NULL && strchr(text_r, '\n') == NULL;
}

static bool read_entry(struct sp_journal_input *journal, struct sp_logged *logged_r)
{
	uint64_t us;

	*logged_r = (struct sp_logged){.time = -1, .message = journal->line};
	if (sd_journal_get_realtime_usec(journal->handle, &us) >= 0)
		logged_r->time = (time_t)(us / 1000000);
	return read_field(journal->handle, "SYSLOG_IDENTIFIER", logged_r->program,
		   sizeof(logged_r->program)) &&
	       read_field(journal->handle, "MESSAGE", journal->line, sizeof(journal->line));
}

enum sp_log_read sp_journal_input_next(struct sp_journal_input *journal, struct sp_logged *logged_r)
{
	int moved;

	while ((moved = sd_journal_next(journal->handle)) > 0) {
		if (read_entry(journal, logged_r))
			return SP_LOG_READ_LINE;
	}
	return succeeded(moved) ? SP_LOG_READ_NOTHING : SP_LOG_READ_FAILED;
}

/* ---- waiting ---- */

bool sp_journal_input_awaits(
    struct sp_journal_input *journal, struct pollfd *poll_r, int *timeout_ms_r)
{
	int fd = sd_journal_get_fd(journal->handle);
	int events = fd >= 0 ? sd_journal_get_events(journal->handle) : fd;
	uint64_t at_us;

	if (!succeeded(fd) || !succeeded(events) ||
	    !succeeded(sd_journal_get_timeout(journal->handle, &at_us)))
		return false;
	*poll_r = (struct pollfd){.fd = fd, .events = (short)events};
	/* a time on CLOCK_MONOTONIC; only file systems without inotify have one */
	*timeout_ms_r = at_us == UINT64_MAX ? -1 : 250;
	return true;
}

bool sp_journal_input_awaited(struct sp_journal_input *journal)
{
	return succeeded(sd_journal_process(journal->handle));
}
