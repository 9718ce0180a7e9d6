/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/fair_queue.h"

#include <stdlib.h>

#define LANES 1024

TAILQ_HEAD(job_list, sp_job);

struct lane {
	struct job_list jobs;
	size_t length;
	uint64_t served;        /* the turn in which it was, last; 0: never */
	TAILQ_ENTRY(lane) next; /* among the lanes that hold jobs */
};

struct sp_fair_queue {
	size_t limit;
	size_t length;
	uint64_t turns;
	TAILQ_HEAD(, lane) turn; /* by `served`: the lane to serve next comes first */
	struct lane lanes[LANES];
};

struct sp_fair_queue *sp_fair_queue_new(size_t limit)
{
	struct sp_fair_queue *queue = calloc(1, sizeof(*queue));

	if (queue == NULL)
		return NULL;
	queue->limit = limit;
	TAILQ_INIT(&queue->turn);
	for (size_t i = 0; i < LANES; i++)
		TAILQ_INIT(&queue->lanes[i].jobs);
	return queue;
}

void sp_fair_queue_free(struct sp_fair_queue **queue)
{
	if (queue == NULL || *queue == NULL)
		return;
	free(*queue);
	*queue = NULL;
}

/* Behind those that have waited for as long or longer. */
static void join_turn(struct sp_fair_queue *queue, struct lane *lane)
{
	struct lane *other;

	TAILQ_FOREACH(other, &queue->turn, next)
	{
		if (other->served > lane->served) {
			TAILQ_INSERT_BEFORE(other, lane, next);
			return;
		}
	}
	TAILQ_INSERT_TAIL(&queue->turn, lane, next);
}

static void add(struct sp_fair_queue *queue, struct lane *lane, struct sp_job *job)
{
	if (lane->length == 0)
		join_turn(queue, lane);
	TAILQ_INSERT_TAIL(&lane->jobs, job, next);
	lane->length++;
	queue->length++;
}

static void take(struct sp_fair_queue *queue, struct lane *lane, struct sp_job *job)
{
	TAILQ_REMOVE(&lane->jobs, job, next);
	lane->length--;
	queue->length--;
	if (lane->length == 0)
		TAILQ_REMOVE(&queue->turn, lane, next);
}

/* Of several the one that was served last. */
static struct lane *longest_lane(struct sp_fair_queue *queue)
{
	struct lane *lane, *longest = NULL;

	TAILQ_FOREACH(lane, &queue->turn, next)
	{
		if (longest == NULL || lane->length >= longest->length)
			longest = lane;
	}
	return longest;
}

struct sp_job *sp_fair_queue_push(struct sp_fair_queue *queue, struct sp_job *job)
{
	struct lane *lane = &queue->lanes[job->key % LANES];
	struct sp_job *evicted = NULL;

	if (queue->length == queue->limit) {
		struct lane *longest = longest_lane(queue);
		if (longest == NULL || lane->length >= longest->length)
			return job;
		evicted = TAILQ_LAST(&longest->jobs, job_list);
		take(queue, longest, evicted);
	}
	add(queue, lane, job);
	return evicted;
}

struct sp_job *sp_fair_queue_pop(struct sp_fair_queue *queue)
{
	struct lane *lane = TAILQ_FIRST(&queue->turn);

	if (lane == NULL)
		return NULL;
	struct sp_job *job = TAILQ_FIRST(&lane->jobs);
	take(queue, lane, job);
	lane->served = ++queue->turns;
	if (lane->length > 0) {
		TAILQ_REMOVE(&queue->turn, lane, next);
		TAILQ_INSERT_TAIL(&queue->turn, lane, next);
	}
	return job;
}

size_t sp_fair_queue_length(const struct sp_fair_queue *queue)
{
	return queue->length;
}
