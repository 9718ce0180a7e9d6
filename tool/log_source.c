/* SPDX-License-Identifier: BSD-2-Clause */
#include "tool/log_source.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/directory/credential.h"
#include "tool/journal_input.h"
#include "tool/message.h"

/* How soon an addition to a file is seen. */
#define FILE_INTERVAL_MS 250

struct sp_log_source {
	const struct sp_log_place *place;
	bool follow;
	struct sp_journal_input *journal; /* NULL: files */
	struct sp_log_input *files[SP_LOG_FILES_MAX];
	bool ended[SP_LOG_FILES_MAX];
	size_t current; /* the file that is read from */
};

/* ---- the command line ---- */

void sp_log_place_init(struct sp_log_place *place_r)
{
	*place_r = (struct sp_log_place){.since = SP_NO_TIME};
}

static bool take_file(const struct sp_run *run, struct sp_log_place *place)
{
	for (size_t i = 0; i < place->file_count && strcmp(optarg, "-") == 0; i++) {
		if (strcmp(place->files[i], "-") == 0) {
			sp_fail_usage(run, "--log - can be given once");
			return false;
		}
	}
	if (place->file_count == SP_LOG_FILES_MAX) {
		sp_fail_usage(run, "--log can be given %d times", SP_LOG_FILES_MAX);
		return false;
	}
	place->files[place->file_count++] = optarg;
	return true;
}

static bool take_since(const struct sp_run *run, struct sp_log_place *place)
{
	time_t now = time(NULL);

	if (!sp_parse_day(optarg, &place->since))
		return sp_take_period(run, "--since", now, -1, &place->since);
	const char *fault = sp_argument_past_day(optarg, now, &place->since);
	if (fault != NULL)
		sp_fail_usage(run, "--since %s", fault);
	return fault == NULL;
}

bool sp_log_place_take(const struct sp_run *run, struct sp_log_place *place, int option)
{
	switch (option) {
	case SP_LOG_OPTION_LOG:
		return take_file(run, place);
	case SP_LOG_OPTION_JOURNAL:
		place->journal_directory = optarg;
		return true;
	case SP_LOG_OPTION_SINCE:
		return take_since(run, place);
	}
	return false;
}

bool sp_log_place_is_sensible(const struct sp_run *run, const struct sp_log_place *place)
{
	if (place->file_count == 0 || place->journal_directory == NULL)
		return true;
	sp_fail_usage(run, "--log and --journal-directory exclude each other");
	return false;
}

/* ---- opening ---- */

static enum sp_log_read fail_file(const struct sp_log_source *source, size_t i)
{
	sp_fail(SP_EXIT_FAILED, "--log %s: %s", source->place->files[i], strerror(errno));
	return SP_LOG_READ_FAILED;
}

static enum sp_log_read fail_journal(void)
{
	sp_fail(SP_EXIT_FAILED, "the journal: %s", strerror(errno));
	return SP_LOG_READ_FAILED;
}

static bool open_files(struct sp_log_source *source)
{
	bool to_end = source->follow && source->place->since == SP_NO_TIME;

	for (size_t i = 0; i < source->place->file_count; i++) {
		source->files[i] = sp_log_input_open(source->place->files[i]);
		if (source->files[i] == NULL ||
		    (to_end && !sp_log_input_to_end(source->files[i]))) {
			fail_file(source, i);
			return false;
		}
	}
	return true;
}

static bool open_journal(struct sp_log_source *source, bool mail)
{
	const struct sp_log_place *place = source->place;

	if (sp_journal_input_open(place->journal_directory, mail, &source->journal) != SP_EXIT_OK)
		return false;
	if (source->follow && place->since == SP_NO_TIME
		? sp_journal_input_to_end(source->journal)
		: sp_journal_input_seek(source->journal, place->since))
		return true;
	fail_journal();
	return false;
}

enum sp_exit sp_log_source_open(
    const struct sp_log_place *place, bool mail, bool follow, struct sp_log_source **source_r)
{
	struct sp_log_source *source = calloc(1, sizeof(*source));

	*source_r = source;
	if (source == NULL)
		return sp_fail(SP_EXIT_FAILED, "out of memory");
	source->place = place;
	source->follow = follow;
	if (place->file_count > 0 ? open_files(source) : open_journal(source, mail))
		return SP_EXIT_OK;
	sp_log_source_close(source_r);
	return SP_EXIT_FAILED;
}

void sp_log_source_close(struct sp_log_source **source)
{
	if (*source != NULL) {
		for (size_t i = 0; i < SP_LOG_FILES_MAX; i++)
			sp_log_input_close(&(*source)->files[i]);
		sp_journal_input_close(&(*source)->journal);
		free(*source);
	}
	*source = NULL;
}

/* ---- lines ---- */

/* One file after the other, each as far as it goes. */
static enum sp_log_read next_of_files(struct sp_log_source *source, const char **line_r)
{
	size_t count = source->place->file_count, ended = 0;

	for (size_t tried = 0; tried < count; tried++) {
		size_t i = source->current;
		enum sp_log_read got = SP_LOG_READ_END;
		if (!source->ended[i])
			got = sp_log_input_next(source->files[i], source->follow, line_r);
		if (got == SP_LOG_READ_FAILED)
			return fail_file(source, i);
		if (got == SP_LOG_READ_LINE)
			return got;
		source->ended[i] = got == SP_LOG_READ_END;
		ended += source->ended[i];
		source->current = (i + 1) % count;
	}
	return ended == count ? SP_LOG_READ_END : SP_LOG_READ_NOTHING;
}

static enum sp_log_read next_line(struct sp_log_source *source, struct sp_logged *logged_r)
{
	const char *line = NULL;
	enum sp_log_read got;

	while ((got = next_of_files(source, &line)) == SP_LOG_READ_LINE) {
		if (sp_log_line_read(line, time(NULL), logged_r))
			break;
	}
	return got;
}

static enum sp_log_read next_entry(struct sp_log_source *source, struct sp_logged *logged_r)
{
	enum sp_log_read got = sp_journal_input_next(source->journal, logged_r);

	if (got == SP_LOG_READ_FAILED)
		return fail_journal();
	return got == SP_LOG_READ_NOTHING && !source->follow ? SP_LOG_READ_END : got;
}

enum sp_log_read sp_log_source_next(struct sp_log_source *source, struct sp_logged *logged_r)
{
	time_t since = source->place->since;
	enum sp_log_read got;

	do {
		got = source->journal != NULL ? next_entry(source, logged_r)
					      : next_line(source, logged_r);
	} while (got == SP_LOG_READ_LINE && since != SP_NO_TIME && logged_r->time != SP_NO_TIME &&
		 logged_r->time < since);
	return got;
}

bool sp_log_source_rewind(struct sp_log_source *source)
{
	if (source->journal != NULL) {
		if (sp_journal_input_seek(source->journal, source->place->since))
			return true;
		fail_journal();
		return false;
	}
	source->current = 0;
	for (size_t i = 0; i < source->place->file_count; i++) {
		source->ended[i] = false;
		if (!sp_log_input_rewind(source->files[i])) {
			fail_file(source, i);
			return false;
		}
	}
	return true;
}

/* ---- waiting ---- */

/* The descriptors behind standard output's. */
static size_t awaited_files(struct sp_log_source *source, struct pollfd *polls, int *timeout_ms)
{
	size_t count = 0;

	for (size_t i = 0; i < source->place->file_count; i++) {
		int fd = sp_log_input_descriptor(source->files[i]);
		if (fd < 0)
			*timeout_ms = FILE_INTERVAL_MS;
		else if (!source->ended[i])
			polls[count++] = (struct pollfd){.fd = fd, .events = POLLIN};
	}
	return count;
}

bool sp_log_source_wait(struct sp_log_source *source, const sigset_t *mask)
{
	/* an error alone is awaited there: that its reader has gone */
	struct pollfd polls[1 + SP_LOG_FILES_MAX] = {{.fd = STDOUT_FILENO}};
	int timeout_ms = -1;
	size_t count = 1;

	if (source->journal == NULL)
		count += awaited_files(source, polls + 1, &timeout_ms);
	else if (sp_journal_input_awaits(source->journal, &polls[1], &timeout_ms))
		count++;
	struct timespec timeout = {timeout_ms / 1000, timeout_ms % 1000 * 1000000L};
	int ready = ppoll(polls, count, timeout_ms >= 0 ? &timeout : NULL, mask);
	if (ready < 0 && errno == EINTR)
		return true;
	if (ready > 0 && polls[0].revents != 0)
		return false;
	if (source->journal != NULL && !sp_journal_input_awaited(source->journal))
		fail_journal();
	return true;
}
