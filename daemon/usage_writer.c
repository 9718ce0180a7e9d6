/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/usage_writer.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/metrics.h"
#include "daemon/thread.h"
#include "daemon/usage_log.h"
#include "daemon/usage_queue.h"
#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "lib/directory/last_use.h"
#include "lib/policy/usage_memory.h"

#define PATIENCE_MAX_MS 60000    /* between two tries while no server takes writes */
#define AGAIN_MS        86400000 /* before the same complaint is made again */
#define LAST_WORDS_MS   2000     /* for all that is left when we end */

struct sp_usage_writer {
	struct sp_generations *generations;
	struct sp_usage_memory *memory; /* the event loop's */
	pthread_t thread;
	bool has_thread;

	pthread_mutex_t lock; /* the four below */
	pthread_cond_t changed;
	struct sp_usage_queue *queue;
	bool overflowing; /* told of, until the queue is empty */
	bool stopping;
	int64_t stop_by_ms; /* once it is stopping */

	/* the thread's own */
	struct sp_generation *generation; /* held; NULL before the first write */
	struct sp_last_use_writer *directory;
	int64_t patience_ms; /* 0 while servers take writes */
	bool complained[SP_USAGE_LOSSES];
	int64_t complained_ms[SP_USAGE_LOSSES];
};

/* ---- the event loop's side ---- */

/* What the directory takes as text, or NULL: doors do not vouch for a service's bytes. */
static char *text_or_null(const char *text)
{
	size_t length = strlen(text);

	return length > 0 && sp_text_is_printable_utf8(text, length) ? (char *)text : NULL;
}

static void tell_dropped(bool news)
{
	sp_metrics_count(SP_COUNTER_LAST_USED_DROPPED);
	if (news)
		sp_usage_log_loss(SP_USAGE_LOSS_QUEUE_FULL, NULL, NULL);
}

static void push(struct sp_usage_writer *writer, const struct sp_attempt_request *request,
    const struct sp_credential *credential, time_t now)
{
	struct sp_usage_item *item = sp_usage_item_new(&(struct sp_last_use){
	    .dn = credential->dn,
	    .known = credential->last_used,
	    .at = now,
	    .address = text_or_null(request->address),
	    .service = text_or_null(request->service),
	});

	if (item == NULL) /* the next one will be written in an interval's time */
		return;
	pthread_mutex_lock(&writer->lock);
	bool dropped = !sp_usage_queue_put(writer->queue, item);
	bool news = dropped && !writer->overflowing;
	writer->overflowing = writer->overflowing || news;
	pthread_cond_signal(&writer->changed);
	pthread_mutex_unlock(&writer->lock);
	if (dropped)
		tell_dropped(news);
}

void sp_usage_writer_tell(struct sp_usage_writer *writer, const struct sp_attempt_request *request,
    const struct sp_credential *credential)
{
	struct sp_generation *generation = sp_generations_hold(writer->generations);
	uint64_t interval_ms = generation->conf->policy_usage_interval;
	time_t now = time(NULL);

	sp_generation_release(writer->generations, &generation);
	if (interval_ms == 0)
		return;
	struct sp_usage usage = sp_usage_judge(sp_usage_memory_of(writer->memory, credential->id),
	    credential, request->address, now, (time_t)(interval_ms / 1000));
	sp_usage_log_news(usage.news, request, credential);
	if (usage.write)
		push(writer, request, credential, now);
}

size_t sp_usage_writer_waiting(struct sp_usage_writer *writer)
{
	pthread_mutex_lock(&writer->lock);
	size_t waiting = sp_usage_queue_count(writer->queue);
	pthread_mutex_unlock(&writer->lock);
	return waiting;
}

/* ---- the thread ---- */

static void wait_until(struct sp_usage_writer *writer, int64_t at_ms)
{
	const struct timespec at = {
	    .tv_sec = (time_t)(at_ms / 1000), .tv_nsec = (long)(at_ms % 1000) * 1000000};

	while (!writer->stopping && sp_remaining_ms(at_ms) > 0)
		pthread_cond_timedwait(&writer->changed, &writer->lock, &at);
}

/* The next use to write, waited for, and by when; NULL when it is time to end. */
static struct sp_usage_item *next_item(struct sp_usage_writer *writer, int64_t *deadline_ms_r)
{
	struct sp_usage_item *item = NULL;

	pthread_mutex_lock(&writer->lock);
	bool tried_in_vain = writer->stopping && writer->patience_ms > 0;
	if (writer->patience_ms > 0)
		wait_until(writer, sp_now_ms() + writer->patience_ms);
	while (sp_usage_queue_count(writer->queue) == 0 && !writer->stopping)
		pthread_cond_wait(&writer->changed, &writer->lock);
	*deadline_ms_r = writer->stopping ? writer->stop_by_ms : INT64_MAX;
	if (!tried_in_vain && sp_remaining_ms(*deadline_ms_r) > 0)
		item = sp_usage_queue_take(writer->queue);
	if (sp_usage_queue_count(writer->queue) == 0)
		writer->overflowing = false;
	pthread_mutex_unlock(&writer->lock);
	return item;
}

/* The connection must close before the generation, whose site it uses, may go. */
static void leave(struct sp_usage_writer *writer)
{
	sp_last_use_writer_free(&writer->directory);
	sp_generation_release(writer->generations, &writer->generation);
}

static bool enter_current(struct sp_usage_writer *writer)
{
	struct sp_generation *current = sp_generations_hold(writer->generations);

	if (writer->generation == current) {
		sp_generation_release(writer->generations, &current);
	} else {
		leave(writer);
		writer->generation = current;
		memset(writer->complained, 0, sizeof(writer->complained));
	}
	if (writer->directory == NULL)
		writer->directory = sp_last_use_writer_new(writer->generation->site);
	return writer->directory != NULL;
}

static void give_up(struct sp_usage_writer *writer, enum sp_usage_loss loss,
    const struct sp_last_use *use, const char *why)
{
	int64_t now_ms = sp_now_ms();

	sp_metrics_count(SP_COUNTER_LAST_USED_DROPPED);
	if (writer->complained[loss] && now_ms - writer->complained_ms[loss] < AGAIN_MS)
		return;
	writer->complained[loss] = true;
	writer->complained_ms[loss] = now_ms;
	sp_usage_log_loss(loss, use->dn, why);
}

static void wait_longer(struct sp_usage_writer *writer, struct sp_usage_item *item, const char *why)
{
	if (writer->patience_ms == 0)
		sp_usage_log_delay(why);
	writer->patience_ms = writer->patience_ms == 0 ? 1000 : 2 * writer->patience_ms;
	if (writer->patience_ms > PATIENCE_MAX_MS)
		writer->patience_ms = PATIENCE_MAX_MS;
	pthread_mutex_lock(&writer->lock);
	bool dropped = !sp_usage_queue_give_back(writer->queue, item);
	bool news = dropped && !writer->overflowing;
	writer->overflowing = writer->overflowing || news;
	pthread_mutex_unlock(&writer->lock);
	if (dropped)
		tell_dropped(news);
}

static void write_item(
    struct sp_usage_writer *writer, struct sp_usage_item *item, int64_t deadline_ms)
{
	enum sp_last_use_status status = SP_LAST_USE_ERROR;
	char why[SP_LAST_USE_WHY_MAX] = "out of memory";

	if (enter_current(writer))
		status = sp_last_use_write(writer->directory, &item->use, deadline_ms, why);
	if (status == SP_LAST_USE_DOWN) {
		wait_longer(writer, item, why);
		return;
	}
	writer->patience_ms = 0;
	if (status == SP_LAST_USE_ERROR)
		give_up(writer, SP_USAGE_LOSS_ERROR, &item->use, why);
	else if (status == SP_LAST_USE_FORBIDDEN)
		give_up(writer, SP_USAGE_LOSS_FORBIDDEN, &item->use, why);
	else if (status == SP_LAST_USE_READ_ONLY)
		give_up(writer, SP_USAGE_LOSS_READ_ONLY, &item->use, why);
	sp_usage_item_free(&item);
}

static void *run(void *argument)
{
	struct sp_usage_writer *writer = argument;
	struct sp_usage_item *item;
	int64_t deadline_ms;

	while ((item = next_item(writer, &deadline_ms)) != NULL)
		write_item(writer, item, deadline_ms);
	leave(writer);
	return NULL;
}

/* ---- start and stop ---- */

static void init_lock(struct sp_usage_writer *writer)
{
	pthread_condattr_t monotonic;

	pthread_mutex_init(&writer->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC); /* as sp_now_ms() */
	pthread_cond_init(&writer->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
}

static bool start_thread(struct sp_usage_writer *writer)
{
	writer->has_thread = sp_thread_start(&writer->thread, run, writer);
	return writer->has_thread;
}

struct sp_usage_writer *sp_usage_writer_start(struct sp_generations *generations)
{
	struct sp_usage_writer *writer = calloc(1, sizeof(*writer));

	if (writer == NULL)
		return NULL;
	init_lock(writer);
	writer->generations = generations;
	writer->memory = sp_usage_memory_new();
	writer->queue = sp_usage_queue_new(SP_USAGE_WAITING_MAX);
	if (writer->memory == NULL || writer->queue == NULL || !start_thread(writer))
		sp_usage_writer_stop(&writer);
	return writer;
}

static void end_thread(struct sp_usage_writer *writer)
{
	pthread_mutex_lock(&writer->lock);
	writer->stopping = true;
	writer->stop_by_ms = sp_now_ms() + LAST_WORDS_MS;
	pthread_cond_signal(&writer->changed);
	pthread_mutex_unlock(&writer->lock);
	pthread_join(writer->thread, NULL);
	if (sp_usage_queue_count(writer->queue) > 0)
		sp_usage_log_loss(SP_USAGE_LOSS_SHUTDOWN, NULL, NULL);
}

void sp_usage_writer_stop(struct sp_usage_writer **writer_pointer)
{
	if (writer_pointer == NULL || *writer_pointer == NULL)
		return;
	struct sp_usage_writer *writer = *writer_pointer;
	*writer_pointer = NULL;
	if (writer->has_thread)
		end_thread(writer);
	sp_usage_queue_free(&writer->queue);
	sp_usage_memory_free(&writer->memory);
	pthread_cond_destroy(&writer->changed);
	pthread_mutex_destroy(&writer->lock);
	free(writer);
}
