/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * usage_queue.h - uses that wait to be written down, one for each credential
 *
 * Not thread-safe: who shares it holds a lock.
 */
#ifndef SP_DAEMON_USAGE_QUEUE_H
#define SP_DAEMON_USAGE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

#include "lib/directory/last_use.h"
#include "sendpass/attributes.h"

struct sp_usage_item {
	TAILQ_ENTRY(sp_usage_item) next; /* the queue's */
	struct sp_last_use use;          /* the item's own strings */
};

/* Copies all. NULL when there is no memory. */
struct sp_usage_item *sp_usage_item_new(const struct sp_last_use *use);
void sp_usage_item_free(struct sp_usage_item **item);

struct sp_usage_queue;

/* For so many credentials at most. NULL when there is no memory. */
struct sp_usage_queue *sp_usage_queue_new(size_t limit);
/* Frees what waits, too. */
void sp_usage_queue_free(struct sp_usage_queue **queue);

/* Takes over the item. It takes the place of an earlier one of its credential, or
 * goes last; if there is no room, the first one is freed, and this returns false. */
SP_NODISCARD bool sp_usage_queue_put(struct sp_usage_queue *queue, struct sp_usage_item *item);

/* The first one, now the caller's; NULL if none waits. */
SP_NODISCARD struct sp_usage_item *sp_usage_queue_take(struct sp_usage_queue *queue);

/* Puts an item that was taken first again, or frees it if a later use of its
 * credential has come meanwhile; if there is no room, it is freed, and this returns false. */
SP_NODISCARD bool sp_usage_queue_give_back(
    struct sp_usage_queue *queue, struct sp_usage_item *item);

size_t sp_usage_queue_count(const struct sp_usage_queue *queue);

#endif
