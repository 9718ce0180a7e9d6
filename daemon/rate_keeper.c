/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/rate_keeper.h"

#include <event2/event.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "daemon/rate_file.h"
#include "daemon/thread.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

/* Records written in one go, about 1.3 MB, so that copying them holds nobody up. */
#define BATCH_MAX 4096

#define TICK_MS 1000
#define SOON_MS 20 /* until the next go, where there is more, or the writer was not ready */

struct sp_rate_keeper {
	struct sp_rate_counters *counters;
	int64_t origin_ms; /* what CLOCK_BOOTTIME counts from, on the counters' time */
	struct event *tick;

	struct sp_rate_file *file; /* NULL: nothing is kept */
	pthread_t writer;
	bool has_writer;
	bool failing;         /* said so, and will say so again after it did not; the writer's */
	pthread_mutex_t lock; /* count, stopping */
	pthread_cond_t filled;
	size_t count; /* records that the writer has, 0 when it is idle */
	bool stopping;
	struct sp_rate_record records[BATCH_MAX];
};

static int64_t read_clock(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t now_ms(const struct sp_rate_keeper *keeper)
{
	return keeper->origin_ms + read_clock(CLOCK_BOOTTIME);
}

/* ---- the writer ---- */

static void write_records(struct sp_rate_keeper *keeper, size_t count)
{
	const char *why;
	bool ok = sp_rate_file_write(keeper->file, keeper->records, count, &why);

	if (!ok && !keeper->failing)
		sp_log_message(SP_LOG_ERROR, "rates_not_kept",
		    "counting goes on in memory, but a restart forgets it: %s", why);
	keeper->failing = !ok;
}

static void *run_writer(void *argument)
{
	struct sp_rate_keeper *keeper = argument;

	pthread_mutex_lock(&keeper->lock);
	for (;;) {
		while (keeper->count == 0 && !keeper->stopping)
			pthread_cond_wait(&keeper->filled, &keeper->lock);
		size_t count = keeper->count;
		if (count == 0)
			break;
		pthread_mutex_unlock(&keeper->lock);
		write_records(keeper, count);
		pthread_mutex_lock(&keeper->lock);
		keeper->count = 0;
	}
	pthread_mutex_unlock(&keeper->lock);
	return NULL;
}

static bool start_writer(struct sp_rate_keeper *keeper)
{
	keeper->has_writer = sp_thread_start(&keeper->writer, run_writer, keeper);
	return keeper->has_writer;
}

static size_t hand_over(struct sp_rate_keeper *keeper)
{
	size_t count = sp_rate_collect(keeper->counters, keeper->records, BATCH_MAX);

	/* without a writer, collecting frees the counters that have passed */
	if (keeper->file == NULL)
		return count;
	pthread_mutex_lock(&keeper->lock);
	keeper->count = count;
	pthread_cond_signal(&keeper->filled);
	pthread_mutex_unlock(&keeper->lock);
	return count;
}

static void next_tick(struct sp_rate_keeper *keeper, int64_t ms)
{
	const struct timeval time = sp_timeval_from_ms(ms);

	event_add(keeper->tick, &time);
}

/* Gives the writer what has changed, unless it still has the last of it. */
static void on_tick(evutil_socket_t fd, short what, void *context)
{
	struct sp_rate_keeper *keeper = context;

	(void)fd;
	(void)what;
	pthread_mutex_lock(&keeper->lock);
	bool idle = keeper->count == 0;
	pthread_mutex_unlock(&keeper->lock);
	bool all = idle && hand_over(keeper) < BATCH_MAX;
	next_tick(keeper, all ? TICK_MS : SOON_MS);
}

/* ---- start and stop ---- */

static void take_latest(void *context, const struct sp_rate_record *record)
{
	int64_t *latest_ms = context;
	int64_t time_ms = sp_rate_record_time(record);

	if (time_ms > *latest_ms)
		*latest_ms = time_ms;
}

static void take_record(void *context, const struct sp_rate_record *record)
{
	struct sp_rate_keeper *keeper = context;

	sp_rate_restore(keeper->counters, record, now_ms(keeper));
}

static void open_file(struct sp_rate_keeper *keeper, const char *directory)
{
	int64_t latest_ms = read_clock(CLOCK_REALTIME);
	const char *why;

	if (directory[0] == '\0') {
		sp_log_message(SP_LOG_WARNING, "rates_not_kept",
		    "[daemon] state_directory is empty: a restart forgets what was counted");
		return;
	}
	keeper->file = sp_rate_file_open(directory, &why);
	if (keeper->file != NULL &&
	    sp_rate_file_read(keeper->file, take_latest, &latest_ms, &why)) {
		keeper->origin_ms = latest_ms - read_clock(CLOCK_BOOTTIME);
		if (sp_rate_file_read(keeper->file, take_record, keeper, &why))
			return;
	}
	sp_rate_file_close(&keeper->file);
	sp_log_message(SP_LOG_ERROR, "rates_not_kept",
	    "counting goes on in memory, but a restart forgets it: %.200s/rates.lmdb: %s",
	    directory, why);
}

struct sp_rate_keeper *sp_rate_keeper_start(struct event_base *base, const char *directory)
{
	struct sp_rate_keeper *keeper = calloc(1, sizeof(*keeper));
	const struct timeval first = sp_timeval_from_ms(TICK_MS);

	if (keeper == NULL)
		return NULL;
	pthread_mutex_init(&keeper->lock, NULL);
	pthread_cond_init(&keeper->filled, NULL);
	keeper->origin_ms = read_clock(CLOCK_REALTIME) - read_clock(CLOCK_BOOTTIME);
	keeper->counters = sp_rate_counters_new(SP_RATE_COUNTERS_MAX);
	keeper->tick = evtimer_new(base, on_tick, keeper);
	if (keeper->counters != NULL)
		open_file(keeper, directory);
	if (keeper->counters == NULL || keeper->tick == NULL ||
	    event_add(keeper->tick, &first) != 0 || (keeper->file != NULL && !start_writer(keeper)))
		sp_rate_keeper_stop(&keeper);
	return keeper;
}

enum sp_rate_outcome sp_rate_keeper_charge(
    struct sp_rate_keeper *keeper, const struct sp_rate_charge *charges, size_t count, bool commit)
{
	return sp_rate_charge(keeper->counters, charges, count, now_ms(keeper), commit);
}

static void end_writer(struct sp_rate_keeper *keeper)
{
	pthread_mutex_lock(&keeper->lock);
	keeper->stopping = true;
	pthread_cond_signal(&keeper->filled);
	pthread_mutex_unlock(&keeper->lock);
	pthread_join(keeper->writer, NULL);
	while ((keeper->count = sp_rate_collect(keeper->counters, keeper->records, BATCH_MAX)) > 0)
		write_records(keeper, keeper->count);
}

void sp_rate_keeper_stop(struct sp_rate_keeper **keeper_pointer)
{
	if (keeper_pointer == NULL || *keeper_pointer == NULL)
		return;
	struct sp_rate_keeper *keeper = *keeper_pointer;
	*keeper_pointer = NULL;
	if (keeper->tick != NULL)
		event_free(keeper->tick);
	if (keeper->has_writer)
		end_writer(keeper);
	sp_rate_file_close(&keeper->file);
	sp_rate_counters_free(&keeper->counters);
	pthread_cond_destroy(&keeper->filled);
	pthread_mutex_destroy(&keeper->lock);
	free(keeper);
}
