/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/log_writer.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <time.h>

#include "daemon/thread.h"
#include "lib/base/log.h"
#include "lib/process/log_destination.h"

#define BATCH_BYTES (1 << 16) /* of lines that are taken off the queue at once */
#define BURST_LINES 4         /* of so many at once it is likely that more follow, */
#define GATHER_NS   1000000   /* and the next waits so long for others to go with */

struct entry {
	TAILQ_ENTRY(entry) queued;
	struct timespec time;
	enum sp_log_level level;
	size_t size; /* of all */
	char line[];
};

TAILQ_HEAD(entries, entry);

struct sp_log_writer {
	const char *program;
	uid_t owner;
	bool on_stderr; /* at the start */
	pthread_t thread;
	struct sp_log_destination *destination; /* the thread's, once it runs */
	size_t at_once;                         /* lines it took the last time; likewise */

	pthread_mutex_t lock; /* for what follows */
	pthread_cond_t changed;
	bool running, stopping, done;
	struct entries queue;
	size_t bytes;   /* in the queue */
	size_t dropped; /* lines, since that was last said */
	struct sp_log_destination *next;
};

/* ---- who logs ---- */

static void take_early_line(enum sp_log_level level, const char *line, void *context)
{
	struct sp_log_writer *writer = context;

	sp_log_to_destination(level, line, writer->destination);
	if (level == SP_LOG_ERROR && !writer->on_stderr)
		sp_log_to_stderr(level, line, NULL);
}

static struct entry *new_entry(enum sp_log_level level, const char *line)
{
	size_t size = sizeof(struct entry) + strlen(line) + 1;
	struct entry *entry = malloc(size);

	if (entry == NULL)
		return NULL;
	clock_gettime(CLOCK_REALTIME, &entry->time);
	entry->level = level;
	entry->size = size;
	memcpy(entry->line, line, size - sizeof(struct entry));
	return entry;
}

static void take_line(enum sp_log_level level, const char *line, void *context)
{
	struct sp_log_writer *writer = context;
	struct entry *entry = new_entry(level, line);

	pthread_mutex_lock(&writer->lock);
	if (entry == NULL || writer->bytes + entry->size > SP_LOG_QUEUE_BYTES) {
		writer->dropped++;
		free(entry);
	} else {
		/* whoever has others to take finds this one with them */
		if (TAILQ_EMPTY(&writer->queue))
			pthread_cond_broadcast(&writer->changed);
		TAILQ_INSERT_TAIL(&writer->queue, entry, queued);
		writer->bytes += entry->size;
	}
	pthread_mutex_unlock(&writer->lock);
}

/* ---- the thread ---- */

static bool write_now(struct sp_log_writer *writer, const struct sp_log_line *line)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return sp_log_destination_write(writer->destination, line->level, &now, line->text);
}

static void count_dropped(struct sp_log_writer *writer, size_t count)
{
	pthread_mutex_lock(&writer->lock);
	writer->dropped += count;
	pthread_mutex_unlock(&writer->lock);
}

static void tell_not_opened(struct sp_log_writer *writer, const char *why)
{
	struct sp_log_line line;

	sp_log_begin(&line, SP_LOG_ERROR, "log_not_opened");
	sp_log_text(&line, "message", why);
	sp_log_leave_out(&line);
	if (!write_now(writer, &line))
		count_dropped(writer, 1);
}

static void move_over(struct sp_log_writer *writer, struct sp_log_destination *next)
{
	char why[SP_CONF_WHY_MAX];

	if (sp_log_destination_open(next, why)) {
		sp_log_destination_free(&writer->destination);
		writer->destination = next;
		return;
	}
	sp_log_destination_free(&next);
	tell_not_opened(writer, why);
}

/* Behind lines that were taken. Only once there is room again for half a queue, so
 * that a reader who is a little slow does not get one of these for each other line. */
static void tell_dropped(struct sp_log_writer *writer)
{
	struct sp_log_line line;

	pthread_mutex_lock(&writer->lock);
	size_t count = writer->bytes <= SP_LOG_QUEUE_BYTES / 2 ? writer->dropped : 0;
	pthread_mutex_unlock(&writer->lock);
	if (count == 0)
		return;
	sp_log_begin(&line, SP_LOG_ERROR, "log_dropped");
	sp_log_number(&line, "count", (int64_t)count);
	if (!write_now(writer, &line))
		return;
	sp_log_leave_out(&line);
	pthread_mutex_lock(&writer->lock);
	writer->dropped -= count;
	pthread_mutex_unlock(&writer->lock);
}

static void write_entries(struct sp_log_writer *writer, struct entries *entries)
{
	struct sp_log_destination *destination = writer->destination;
	struct entry *entry;
	size_t lost = 0;

	while ((entry = TAILQ_FIRST(entries)) != NULL) {
		TAILQ_REMOVE(entries, entry, queued);
		lost +=
		    sp_log_destination_gather(destination, entry->level, &entry->time, entry->line);
		free(entry);
	}
	lost += sp_log_destination_flush(destination);
	if (lost == 0)
		tell_dropped(writer);
	else
		count_dropped(writer, lost);
}

/* Waits until there is something to do, and in a burst a moment more: it costs both sides
 * less if the thread wakes once for many lines. */
static void wait_for_work(struct sp_log_writer *writer)
{
	struct timespec moment;

	while (writer->next == NULL && TAILQ_EMPTY(&writer->queue) && !writer->stopping)
		pthread_cond_wait(&writer->changed, &writer->lock);
	if (writer->at_once < BURST_LINES || writer->stopping || writer->bytes >= BATCH_BYTES)
		return;
	clock_gettime(CLOCK_MONOTONIC, &moment);
	moment.tv_nsec += GATHER_NS;
	moment.tv_sec += moment.tv_nsec / 1000000000;
	moment.tv_nsec %= 1000000000;
	pthread_cond_timedwait(&writer->changed, &writer->lock, &moment);
}

/* Waits for something to do. False at the end, when nothing is left. */
static bool next_job(
    struct sp_log_writer *writer, struct sp_log_destination **next_r, struct entries *entries_r)
{
	struct entry *entry;
	size_t taken = 0;

	pthread_mutex_lock(&writer->lock);
	wait_for_work(writer);
	*next_r = writer->next;
	writer->next = NULL;
	writer->at_once = 0;
	while (taken < BATCH_BYTES && (entry = TAILQ_FIRST(&writer->queue)) != NULL) {
		TAILQ_REMOVE(&writer->queue, entry, queued);
		TAILQ_INSERT_TAIL(entries_r, entry, queued);
		taken += entry->size;
		writer->at_once++;
	}
	writer->bytes -= taken;
	writer->done = *next_r == NULL && taken == 0;
	if (writer->done)
		pthread_cond_broadcast(&writer->changed);
	pthread_mutex_unlock(&writer->lock);
	return !writer->done;
}

static void *run(void *context)
{
	struct sp_log_writer *writer = context;
	struct entries entries = TAILQ_HEAD_INITIALIZER(entries);
	struct sp_log_destination *next;

	while (next_job(writer, &next, &entries)) {
		if (next != NULL)
			move_over(writer, next);
		if (!TAILQ_EMPTY(&entries))
			write_entries(writer, &entries);
	}
	return NULL;
}

/* ---- start and stop ---- */

static struct sp_log_writer *new_writer(const char *program, uid_t owner)
{
	struct sp_log_writer *writer = calloc(1, sizeof(*writer));
	pthread_condattr_t monotonic;

	if (writer == NULL)
		return NULL;
	writer->program = program;
	writer->owner = owner;
	TAILQ_INIT(&writer->queue);
	pthread_mutex_init(&writer->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&writer->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	return writer;
}

static void free_writer(struct sp_log_writer *writer)
{
	sp_log_destination_free(&writer->next);
	sp_log_destination_free(&writer->destination);
	pthread_cond_destroy(&writer->changed);
	pthread_mutex_destroy(&writer->lock);
	free(writer);
}

struct sp_log_writer *sp_log_writer_open(
    const struct sp_conf *conf, const char *program, uid_t owner, char why_r[SP_CONF_WHY_MAX])
{
	struct sp_log_writer *writer = new_writer(program, owner);

	snprintf(why_r, SP_CONF_WHY_MAX, "out of memory");
	if (writer == NULL)
		return NULL;
	writer->destination = sp_log_destination_new(conf, program, owner);
	if (writer->destination == NULL || !sp_log_destination_open(writer->destination, why_r)) {
		free_writer(writer);
		return NULL;
	}
	sp_log_set_sink(NULL, NULL, SP_LOG_INFO);
	writer->on_stderr = strcmp(conf->log_target, "stderr") == 0;
	sp_log_set_sink(take_early_line, writer, sp_log_settings_level(conf));
	return writer;
}

bool sp_log_writer_start(struct sp_log_writer *writer, const struct sp_conf *conf)
{
	if (!sp_thread_start(&writer->thread, run, writer))
		return false;
	pthread_setname_np(writer->thread, "log");
	writer->running = true;
	sp_log_set_sink(NULL, NULL, SP_LOG_INFO);
	sp_log_set_sink(take_line, writer, sp_log_settings_level(conf));
	return true;
}

void sp_log_writer_follow(struct sp_log_writer *writer, const struct sp_conf *conf)
{
	struct sp_log_destination *next =
	    sp_log_destination_new(conf, writer->program, writer->owner);

	sp_log_set_sink(take_line, writer, sp_log_settings_level(conf));
	pthread_mutex_lock(&writer->lock);
	if (next != NULL) {
		sp_log_destination_free(&writer->next);
		writer->next = next;
		pthread_cond_broadcast(&writer->changed);
	}
	pthread_mutex_unlock(&writer->lock);
}

/* True if the thread has come to its end. */
static bool drain(struct sp_log_writer *writer)
{
	struct timespec deadline;
	int error = 0;

	clock_gettime(CLOCK_MONOTONIC, &deadline);
	deadline.tv_sec += SP_LOG_DRAIN_S;
	pthread_mutex_lock(&writer->lock);
	writer->stopping = true;
	pthread_cond_broadcast(&writer->changed);
	while (!writer->done && error == 0)
		error = pthread_cond_timedwait(&writer->changed, &writer->lock, &deadline);
	bool done = writer->done;
	pthread_mutex_unlock(&writer->lock);
	return done;
}

void sp_log_writer_stop(struct sp_log_writer **writer_pointer)
{
	struct sp_log_writer *writer = *writer_pointer;

	if (writer == NULL)
		return;
	*writer_pointer = NULL;
	sp_log_set_sink(NULL, NULL, SP_LOG_INFO);
	if (writer->running && !drain(writer)) {
		pthread_detach(writer->thread);
		return;
	}
	if (writer->running)
		pthread_join(writer->thread, NULL);
	free_writer(writer);
}
