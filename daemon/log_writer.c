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

struct entry {
	TAILQ_ENTRY(entry) queued;
	struct timespec time;
	enum sp_log_level level;
	size_t size; /* of all */
	char line[];
};

struct sp_log_writer {
	const char *program;
	uid_t owner;
	bool on_stderr; /* at the start */
	pthread_t thread;
	struct sp_log_destination *destination; /* the thread's, once it runs */

	pthread_mutex_t lock; /* for what follows */
	pthread_cond_t changed;
	bool running, stopping, done;
	TAILQ_HEAD(, entry) queue;
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
		TAILQ_INSERT_TAIL(&writer->queue, entry, queued);
		writer->bytes += entry->size;
		pthread_cond_broadcast(&writer->changed);
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

static void count_dropped(struct sp_log_writer *writer)
{
	pthread_mutex_lock(&writer->lock);
	writer->dropped++;
	pthread_mutex_unlock(&writer->lock);
}

static void tell_not_opened(struct sp_log_writer *writer, const char *why)
{
	struct sp_log_line line;

	sp_log_begin(&line, SP_LOG_ERROR, "log_not_opened");
	sp_log_text(&line, "message", why);
	sp_log_leave_out(&line);
	if (!write_now(writer, &line))
		count_dropped(writer);
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

/* Behind a line that was taken. Only once there is room again for half a queue, so
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

static void write_entry(struct sp_log_writer *writer, struct entry *entry)
{
	bool taken =
	    sp_log_destination_write(writer->destination, entry->level, &entry->time, entry->line);

	free(entry);
	if (taken)
		tell_dropped(writer);
	else
		count_dropped(writer);
}

/* Waits for something to do. False at the end, when nothing is left. */
static bool next_job(
    struct sp_log_writer *writer, struct sp_log_destination **next_r, struct entry **entry_r)
{
	pthread_mutex_lock(&writer->lock);
	while (writer->next == NULL && TAILQ_EMPTY(&writer->queue) && !writer->stopping)
		pthread_cond_wait(&writer->changed, &writer->lock);
	*next_r = writer->next;
	writer->next = NULL;
	*entry_r = TAILQ_FIRST(&writer->queue);
	if (*entry_r != NULL) {
		TAILQ_REMOVE(&writer->queue, *entry_r, queued);
		writer->bytes -= (*entry_r)->size;
	}
	bool any = *next_r != NULL || *entry_r != NULL;
	writer->done = !any;
	pthread_cond_broadcast(&writer->changed);
	pthread_mutex_unlock(&writer->lock);
	return any;
}

static void *run(void *context)
{
	struct sp_log_writer *writer = context;
	struct sp_log_destination *next;
	struct entry *entry;

	while (next_job(writer, &next, &entry)) {
		if (next != NULL)
			move_over(writer, next);
		if (entry != NULL)
			write_entry(writer, entry);
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
