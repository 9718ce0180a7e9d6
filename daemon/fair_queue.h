/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fair_queue.h - a bounded queue in which no crowd stands before one person
 *
 * Jobs with the same key wait in one lane. The lane that was not served for the
 * longest time is next, whether or not it held jobs all that while: who comes for
 * the first time does not wait behind each of many who come again and again. When
 * the queue is full, the longest lane loses its newest job to a newcomer from a
 * shorter one. Not thread-safe: the stage locks it.
 */
#ifndef SP_DAEMON_FAIR_QUEUE_H
#define SP_DAEMON_FAIR_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "sendpass/attributes.h"

/* Embedded in what is queued; the queue never allocates. */
struct sp_job {
	uint64_t key; /* a hash of whom the job is for, by a key attackers do not know */
	TAILQ_ENTRY(sp_job) next;
};

struct sp_fair_queue;

/* Holds up to `limit` jobs. NULL when there is no memory. */
struct sp_fair_queue *sp_fair_queue_new(size_t limit);

/* The queue must be empty. */
void sp_fair_queue_free(struct sp_fair_queue **queue);

/* Takes the job in and returns the job that had to make room: NULL for none,
 * another from the longest lane, or `job` itself when it is the one refused. */
SP_NODISCARD struct sp_job *sp_fair_queue_push(struct sp_fair_queue *queue, struct sp_job *job);

/* The next job, or NULL. */
struct sp_job *sp_fair_queue_pop(struct sp_fair_queue *queue);

/* How many jobs wait. */
size_t sp_fair_queue_length(const struct sp_fair_queue *queue);

#endif
