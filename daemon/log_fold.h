/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * log_fold.h - how much of the log refusals may fill
 *
 * A second begins with a refusal. Of refusals that are the same in it the first is
 * written at once, and at its end one line with `repeats=` for all others. And there
 * is a bound on the lines of a second, [log] refused_per_second; what it leaves out is
 * counted in `event=log_limited`. Half of it is for new guesses alone, which are
 * never folded either: whoever bans guessers counts them.
 *
 * All functions belong to the event loop's thread.
 */
#ifndef SP_DAEMON_LOG_FOLD_H
#define SP_DAEMON_LOG_FOLD_H

#include <stdbool.h>

#include "lib/base/log.h"

struct event_base;
struct sp_generations;
struct sp_log_fold;

/* [log] is read from the current generation for each line. NULL if it cannot be had. */
struct sp_log_fold *sp_log_fold_new(struct event_base *base, struct sp_generations *generations);

/* sp_log_end() for the line of a refusal, now, later or never. `same` is it without
 * what may differ between repeats (time, port); it is not written as it is. The log's
 * observer is shown the line in any case. */
void sp_log_fold_end(struct sp_log_fold *fold, struct sp_log_line *line,
    const struct sp_log_line *same, bool new_guess);

/* Writes what has been counted. NULL is allowed. */
void sp_log_fold_free(struct sp_log_fold **fold);

#endif
