/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/usage_queue.h"

#include <stdlib.h>
#include <string.h>

TAILQ_HEAD(item_list, sp_usage_item);

struct sp_usage_queue {
	struct item_list items;
	size_t count;
	size_t limit;
};

static bool copy(char **to, const char *from)
{
	*to = from != NULL ? strdup(from) : NULL;
	return from == NULL || *to != NULL;
}

struct sp_usage_item *sp_usage_item_new(const struct sp_last_use *use)
{
	struct sp_usage_item *item = calloc(1, sizeof(*item));

	if (item == NULL)
		return NULL;
	item->use.known = use->known;
	item->use.at = use->at;
	if (!copy(&item->use.dn, use->dn) || !copy(&item->use.address, use->address) ||
	    !copy(&item->use.service, use->service))
		sp_usage_item_free(&item);
	return item;
}

void sp_usage_item_free(struct sp_usage_item **item)
{
	if (item == NULL || *item == NULL)
		return;
	free((*item)->use.dn);
	free((*item)->use.address);
	free((*item)->use.service);
	free(*item);
	*item = NULL;
}

struct sp_usage_queue *sp_usage_queue_new(size_t limit)
{
	struct sp_usage_queue *queue = calloc(1, sizeof(*queue));

	if (queue == NULL)
		return NULL;
	TAILQ_INIT(&queue->items);
	queue->limit = limit;
	return queue;
}

void sp_usage_queue_free(struct sp_usage_queue **queue)
{
	struct sp_usage_item *item;

	if (queue == NULL || *queue == NULL)
		return;
	while ((item = sp_usage_queue_take(*queue)) != NULL)
		sp_usage_item_free(&item);
	free(*queue);
	*queue = NULL;
}

static struct sp_usage_item *find(struct sp_usage_queue *queue, const char *dn)
{
	struct sp_usage_item *item;

	TAILQ_FOREACH(item, &queue->items, next)
	{
		if (strcmp(item->use.dn, dn) == 0)
			return item;
	}
	return NULL;
}

bool sp_usage_queue_put(struct sp_usage_queue *queue, struct sp_usage_item *item)
{
	struct sp_usage_item *before = find(queue, item->use.dn);
	struct sp_usage_item *dropped = NULL;

	if (before != NULL) {
		TAILQ_INSERT_BEFORE(before, item, next);
		TAILQ_REMOVE(&queue->items, before, next);
		sp_usage_item_free(&before);
		return true;
	}
	if (queue->count == queue->limit)
		dropped = sp_usage_queue_take(queue);
	TAILQ_INSERT_TAIL(&queue->items, item, next);
	queue->count++;
	bool had_room = dropped == NULL;
	sp_usage_item_free(&dropped);
	return had_room;
}

struct sp_usage_item *sp_usage_queue_take(struct sp_usage_queue *queue)
{
	struct sp_usage_item *item = TAILQ_FIRST(&queue->items);

	if (item != NULL) {
		TAILQ_REMOVE(&queue->items, item, next);
		queue->count--;
	}
	return item;
}

bool sp_usage_queue_give_back(struct sp_usage_queue *queue, struct sp_usage_item *item)
{
	bool superseded = find(queue, item->use.dn) != NULL;

	if (superseded || queue->count == queue->limit) {
		sp_usage_item_free(&item);
		return superseded;
	}
	TAILQ_INSERT_HEAD(&queue->items, item, next);
	queue->count++;
	return true;
}

size_t sp_usage_queue_count(const struct sp_usage_queue *queue)
{
	return queue->count;
}
