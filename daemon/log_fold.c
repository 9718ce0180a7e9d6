/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/log_fold.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/generation.h"
#include "lib/password/keyed_digest.h"

/* Different refusals of one second that are known again. By default there are no more. */
#define KNOWN_MAX 256

struct known {
	uint64_t digest;
	size_t repeats;
	enum sp_log_level level;
	bool full;
	size_t length;
	char *text;
};

struct sp_log_fold {
	struct sp_generations *generations;
	struct event *end; /* of the second, pending while there is one */
	struct sp_digest_key key;
	struct known known[KNOWN_MAX];
	size_t known_count;
	size_t lines, guesses; /* of this second, and how many of them are new guesses */
	size_t left_out, guesses_left_out;
};

/* ---- the end of a second ---- */

static void write_repeats(const struct known *known)
{
	struct sp_log_line line = {
	    .level = known->level, .length = known->length, .full = known->full};

	memcpy(line.text, known->text, known->length + 1);
	sp_log_number(&line, "repeats", (int64_t)known->repeats);
	sp_log_end(&line);
}

static void write_left_out(const struct sp_log_fold *fold)
{
	struct sp_log_line line;

	sp_log_begin(&line, SP_LOG_WARNING, "log_limited");
	sp_log_number(&line, "count", (int64_t)fold->left_out);
	if (fold->guesses_left_out > 0)
		sp_log_number(&line, "guesses", (int64_t)fold->guesses_left_out);
	sp_log_end(&line);
}

static void end_second(struct sp_log_fold *fold)
{
	for (size_t i = 0; i < fold->known_count; i++) {
		if (fold->known[i].repeats > 0)
			write_repeats(&fold->known[i]);
		free(fold->known[i].text);
	}
	if (fold->left_out > 0)
		write_left_out(fold);
	fold->known_count = 0;
	fold->lines = fold->guesses = 0;
	fold->left_out = fold->guesses_left_out = 0;
}

static void on_end(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	end_second(context);
}

/* ---- within a second ---- */

static struct known *find(struct sp_log_fold *fold, uint64_t digest)
{
	for (size_t i = 0; i < fold->known_count; i++) {
		if (fold->known[i].digest == digest)
			return &fold->known[i];
	}
	return NULL;
}

/* One that is not remembered, for want of room, is written again. */
static void remember(struct sp_log_fold *fold, const struct sp_log_line *same, uint64_t digest)
{
	struct known *known = &fold->known[fold->known_count];

	if (fold->known_count == KNOWN_MAX)
		return;
	*known = (struct known){
	    .digest = digest,
	    .level = same->level,
	    .full = same->full,
	    .length = same->length,
	    .text = strdup(same->text),
	};
	fold->known_count += known->text != NULL;
}

/* Whether one more line may be written in this second, which is then counted. */
static bool take_line(struct sp_log_fold *fold, uint64_t limit, bool new_guess)
{
	size_t others = fold->lines - fold->guesses;

	if (limit > 0 && (fold->lines >= limit || (!new_guess && others >= (limit + 1) / 2))) {
		fold->left_out++;
		fold->guesses_left_out += new_guess;
		return false;
	}
	fold->lines++;
	fold->guesses += new_guess;
	return true;
}

void sp_log_fold_end(struct sp_log_fold *fold, struct sp_log_line *line,
    const struct sp_log_line *same, bool new_guess)
{
	const struct timeval second = {.tv_sec = 1};
	struct sp_generation *generation = sp_generations_hold(fold->generations);
	uint64_t limit = (uint64_t)generation->conf->log_refused_per_second;
	bool foldable = generation->conf->log_fold_repeats && !new_guess;
	uint64_t digest = sp_keyed_digest(&fold->key, same->text, same->length);
	struct known *known = foldable ? find(fold, digest) : NULL;

	sp_generation_release(fold->generations, &generation);
	if (!evtimer_pending(fold->end, NULL))
		evtimer_add(fold->end, &second);
	if (known != NULL) {
		/* the line that tells of repeats is one too */
		if (known->repeats > 0 || take_line(fold, limit, false))
			known->repeats++;
		sp_log_leave_out(line);
		return;
	}
	if (!take_line(fold, limit, new_guess)) {
		sp_log_leave_out(line);
		return;
	}
	sp_log_end(line);
	if (foldable)
		remember(fold, same, digest);
}

/* ---- new and free ---- */

struct sp_log_fold *sp_log_fold_new(struct event_base *base, struct sp_generations *generations)
{
	struct sp_log_fold *fold = calloc(1, sizeof(*fold));

	if (fold == NULL)
		return NULL;
	fold->generations = generations;
	fold->end = evtimer_new(base, on_end, fold);
	if (fold->end == NULL || !sp_digest_key_make(&fold->key))
		sp_log_fold_free(&fold);
	return fold;
}

void sp_log_fold_free(struct sp_log_fold **fold)
{
	if (*fold == NULL)
		return;
	end_second(*fold);
	if ((*fold)->end != NULL)
		event_free((*fold)->end);
	free(*fold);
	*fold = NULL;
}
