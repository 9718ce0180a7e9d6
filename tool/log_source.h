/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * log_source.h - where `sendpass watch` and `sendpass trace` read the log
 *
 * One or more files, or the systemd journal.
 */
#ifndef SP_TOOL_LOG_SOURCE_H
#define SP_TOOL_LOG_SOURCE_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "sendpass/attributes.h"
#include "tool/arguments.h"
#include "tool/log_input.h"
#include "tool/log_line.h"
#include "tool/verb.h"

#define SP_LOG_FILES_MAX 16

/* What the command line says of it. Strings are those of the command line. */
struct sp_log_place {
	const char *files[SP_LOG_FILES_MAX]; /* "-" is standard input */
	size_t file_count;                   /* 0: the journal */
	const char *journal_directory;       /* NULL: this host's */
	time_t since;                        /* SP_NO_TIME: not given */
};

/* Rows of a verb's table of options. */
enum {
	SP_LOG_OPTION_LOG = SP_OPTION_OWN,
	SP_LOG_OPTION_JOURNAL,
	SP_LOG_OPTION_SINCE,
	SP_LOG_OPTION_NEXT
};
#define SP_LOG_OPTIONS                                                                             \
	{"log", required_argument, NULL, SP_LOG_OPTION_LOG},                                       \
	    {"journal-directory", required_argument, NULL, SP_LOG_OPTION_JOURNAL},                 \
	{                                                                                          \
		"since", required_argument, NULL, SP_LOG_OPTION_SINCE                              \
	}

void sp_log_place_init(struct sp_log_place *place_r);

/* Takes one of these options. False if its value is wrong, which has been told. */
SP_NODISCARD bool sp_log_place_take(
    const struct sp_run *run, struct sp_log_place *place, int option);

/* Behind the last of them: false if they do not go together, which has been told. */
SP_NODISCARD bool sp_log_place_is_sensible(
    const struct sp_run *run, const struct sp_log_place *place);

struct sp_log_source;

/* From the start or from `since`; with `follow` and without `since`, what comes from
 * now on. With `mail`, lines of mail servers are among it. Anything but SP_EXIT_OK has
 * been told. `place` stays the caller's and must outlive it. */
SP_NODISCARD enum sp_exit sp_log_source_open(
    const struct sp_log_place *place, bool mail, bool follow, struct sp_log_source **source_r);
void sp_log_source_close(struct sp_log_source **source);

/* The next line that is of a log at all, and not before `since` as far as it has a
 * time. It is good until the next call. FAILED has been told. */
SP_NODISCARD enum sp_log_read sp_log_source_next(
    struct sp_log_source *source, struct sp_logged *logged_r);

/* Once more from the start, or from `since`. False has been told. */
SP_NODISCARD bool sp_log_source_rewind(struct sp_log_source *source);

/* Waits, with the mask of signals, until there may be more, a signal comes, or nobody
 * reads standard output any more; then false. */
SP_NODISCARD bool sp_log_source_wait(struct sp_log_source *source, const sigset_t *mask);

#endif
