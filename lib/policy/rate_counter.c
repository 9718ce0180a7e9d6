/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/policy/rate_counter.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#define BUCKETS 65536
/* A new counter looks at so many others whether their windows have passed. */
#define SWEPT_AT_ONCE 4

struct counter {
	struct sp_rate_record record;
	bool dirty;       /* in the list of those to collect */
	uint64_t charged; /* the call that charged it last */
	TAILQ_ENTRY(counter) in_bucket;
	TAILQ_ENTRY(counter) in_turn; /* to be swept */
	TAILQ_ENTRY(counter) in_dirty;
};

TAILQ_HEAD(counter_list, counter);

struct sp_rate_counters {
	size_t count, max;
	uint64_t calls;
	struct counter_list turn, dirty;
	struct counter_list buckets[BUCKETS];
};

struct sp_rate_counters *sp_rate_counters_new(size_t max)
{
	struct sp_rate_counters *counters = calloc(1, sizeof(*counters));

	if (counters == NULL)
		return NULL;
	counters->max = max;
	TAILQ_INIT(&counters->turn);
	TAILQ_INIT(&counters->dirty);
	for (size_t i = 0; i < BUCKETS; i++)
		TAILQ_INIT(&counters->buckets[i]);
	return counters;
}

/* FNV-1a. Ids are drawn at random, so nobody can choose a bucket. */
static struct counter_list *bucket_of(
    struct sp_rate_counters *counters, const char *id, enum sp_rate_kind kind, uint64_t window_ms)
{
	uint64_t key = UINT64_C(14695981039346656037) ^ window_ms ^ (uint64_t)kind << 60;

	for (; *id != '\0'; id++)
		key = (key ^ (unsigned char)*id) * UINT64_C(1099511628211);
	return &counters->buckets[(key ^ key >> 32) % BUCKETS];
}

static struct counter_list *home_of(
    struct sp_rate_counters *counters, const struct sp_rate_record *record)
{
	return bucket_of(counters, record->id, record->kind, record->window_ms);
}

static void drop(struct sp_rate_counters *counters, struct counter *counter)
{
	if (counter->dirty)
		TAILQ_REMOVE(&counters->dirty, counter, in_dirty);
	TAILQ_REMOVE(&counters->turn, counter, in_turn);
	TAILQ_REMOVE(home_of(counters, &counter->record), counter, in_bucket);
	counters->count--;
	free(counter);
}

void sp_rate_counters_free(struct sp_rate_counters **counters)
{
	struct counter *counter;

	if (counters == NULL || *counters == NULL)
		return;
	while ((counter = TAILQ_FIRST(&(*counters)->turn)) != NULL)
		drop(*counters, counter);
	free(*counters);
	*counters = NULL;
}

/* ---- one counter ---- */

/* Rounded up, so that 63 slots are never shorter than the window. */
static int64_t slot_ms(const struct sp_rate_record *record)
{
	return (int64_t)((record->window_ms + SP_RATE_SLOTS - 2) / (SP_RATE_SLOTS - 1));
}

/* Down, for times before the origin too. */
static int64_t slot_at(const struct sp_rate_record *record, int64_t now_ms)
{
	int64_t length = slot_ms(record);

	return now_ms / length - (now_ms % length < 0);
}

static size_t place_of(int64_t slot)
{
	return (size_t)((slot % SP_RATE_SLOTS + SP_RATE_SLOTS) % SP_RATE_SLOTS);
}

/* Forgets the slots that have left the window; never goes back. */
static void advance(struct sp_rate_record *record, int64_t now_ms)
{
	int64_t slot = slot_at(record, now_ms);

	if (slot - record->newest >= SP_RATE_SLOTS) {
		memset(record->slots, 0, sizeof(record->slots));
		record->total = 0;
		record->newest = slot;
	}
	while (record->newest < slot) {
		uint32_t *left = &record->slots[place_of(++record->newest)];
		record->total -= *left;
		*left = 0;
	}
}

static void mark(struct sp_rate_counters *counters, struct counter *counter)
{
	if (!counter->dirty)
		TAILQ_INSERT_TAIL(&counters->dirty, counter, in_dirty);
	counter->dirty = true;
}

/* ---- the table ---- */

static struct counter *find(
    struct sp_rate_counters *counters, const char *id, enum sp_rate_kind kind, uint64_t window_ms)
{
	struct counter *counter;

	TAILQ_FOREACH(counter, bucket_of(counters, id, kind, window_ms), in_bucket)
	{
		if (counter->record.kind == kind && counter->record.window_ms == window_ms &&
		    strcmp(counter->record.id, id) == 0)
			return counter;
	}
	return NULL;
}

/* What has passed is collected once more, as gone, and freed then. */
static void sweep(struct sp_rate_counters *counters, int64_t now_ms)
{
	for (size_t i = 0; i < SWEPT_AT_ONCE && i < counters->count; i++) {
		struct counter *counter = TAILQ_FIRST(&counters->turn);
		TAILQ_REMOVE(&counters->turn, counter, in_turn);
		TAILQ_INSERT_TAIL(&counters->turn, counter, in_turn);
		advance(&counter->record, now_ms);
		if (counter->record.total == 0)
			mark(counters, counter);
	}
}

static struct counter *add(struct sp_rate_counters *counters, const struct sp_rate_record *record)
{
	struct counter *counter =
	    counters->count < counters->max ? calloc(1, sizeof(*counter)) : NULL;

	if (counter == NULL)
		return NULL;
	counter->record = *record;
	TAILQ_INSERT_TAIL(home_of(counters, record), counter, in_bucket);
	TAILQ_INSERT_TAIL(&counters->turn, counter, in_turn);
	counters->count++;
	return counter;
}

static struct counter *find_or_add(
    struct sp_rate_counters *counters, const struct sp_rate_charge *charge, int64_t now_ms)
{
	struct sp_rate_record record = {
	    .kind = charge->rate.kind, .window_ms = charge->rate.window_ms};
	size_t length = strlen(charge->id);
	struct counter *counter =
	    find(counters, charge->id, charge->rate.kind, charge->rate.window_ms);

	if (counter != NULL || length > SP_ID_MAX)
		return counter;
	sweep(counters, now_ms);
	memcpy(record.id, charge->id, length + 1);
	record.newest = slot_at(&record, now_ms);
	return add(counters, &record);
}

static enum sp_rate_outcome judge(
    struct sp_rate_counters *counters, const struct sp_rate_charge *charge, int64_t now_ms)
{
	struct counter *counter = find_or_add(counters, charge, now_ms);

	if (counter == NULL)
		return SP_RATE_UNKNOWN;
	advance(&counter->record, now_ms);
	uint64_t sum = (uint64_t)counter->record.total + charge->amount;
	return charge->amount == 0 || sum <= charge->rate.limit ? SP_RATE_WITHIN : SP_RATE_OVER;
}

/* Two rates of one kind and window share a counter, which counts once. */
static void count_in(struct sp_rate_counters *counters, const struct sp_rate_charge *charge)
{
	struct counter *counter =
	    find(counters, charge->id, charge->rate.kind, charge->rate.window_ms);
	struct sp_rate_record *record = &counter->record;

	if (charge->amount == 0 || counter->charged == counters->calls)
		return;
	counter->charged = counters->calls;
	record->slots[place_of(record->newest)] += charge->amount;
	record->total += charge->amount;
	mark(counters, counter);
}

enum sp_rate_outcome sp_rate_charge(struct sp_rate_counters *counters,
    const struct sp_rate_charge *charges, size_t count, int64_t now_ms, bool commit)
{
	enum sp_rate_outcome worst = SP_RATE_WITHIN;

	for (size_t i = 0; i < count; i++) {
		enum sp_rate_outcome outcome = judge(counters, &charges[i], now_ms);
		if (outcome == SP_RATE_OVER ||
		    (outcome == SP_RATE_UNKNOWN && worst != SP_RATE_OVER))
			worst = outcome;
	}
	if (worst != SP_RATE_WITHIN || !commit)
		return worst;
	counters->calls++;
	for (size_t i = 0; i < count; i++)
		count_in(counters, &charges[i]);
	return SP_RATE_WITHIN;
}

/* ---- to keep counters elsewhere ---- */

size_t sp_rate_collect(
    struct sp_rate_counters *counters, struct sp_rate_record *records_r, size_t max)
{
	struct counter *counter;
	size_t count = 0;

	while (count < max && (counter = TAILQ_FIRST(&counters->dirty)) != NULL) {
		records_r[count++] = counter->record;
		TAILQ_REMOVE(&counters->dirty, counter, in_dirty);
		counter->dirty = false;
		if (counter->record.total == 0)
			drop(counters, counter);
	}
	return count;
}

static bool makes_sense(const struct sp_rate_record *record)
{
	uint64_t sum = 0;

	if (memchr(record->id, '\0', sizeof(record->id)) == NULL || record->window_ms == 0 ||
	    record->window_ms > INT64_MAX / 2 ||
	    (record->kind != SP_RATE_MESSAGES && record->kind != SP_RATE_RECIPIENTS))
		return false;
	int64_t length = slot_ms(record);
	if (record->newest > INT64_MAX / length || record->newest < INT64_MIN / length)
		return false;
	for (size_t i = 0; i < SP_RATE_SLOTS; i++)
		sum += record->slots[i];
	return sum == record->total && sum > 0;
}

bool sp_rate_restore(
    struct sp_rate_counters *counters, const struct sp_rate_record *record, int64_t now_ms)
{
	struct sp_rate_record copy = *record;

	if (!makes_sense(record) ||
	    find(counters, record->id, record->kind, record->window_ms) != NULL)
		return false;
	advance(&copy, now_ms);
	struct counter *counter = add(counters, &copy);
	if (counter != NULL && copy.total == 0)
		mark(counters, counter);
	return counter != NULL;
}

int64_t sp_rate_record_time(const struct sp_rate_record *record)
{
	return makes_sense(record) ? record->newest * slot_ms(record) : INT64_MIN;
}
