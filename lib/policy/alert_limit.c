/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/policy/alert_limit.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS (SP_ALERT_SUBJECTS + 1) /* the last is everybody else's */

struct slot {
	bool used;
	uint64_t subject;
	int64_t until_ms; /* nothing goes out before */
	uint64_t held;
	char *line; /* the last of those held, NULL for none */
};

struct sp_alert_limit {
	int64_t interval_ms;
	size_t slot_count;
	struct slot slots[];
};

struct sp_alert_limit *sp_alert_limit_new(size_t kinds, int64_t interval_ms)
{
	struct sp_alert_limit *limit =
	    calloc(1, sizeof(*limit) + kinds * SLOTS * sizeof(limit->slots[0]));

	if (limit == NULL)
		return NULL;
	limit->interval_ms = interval_ms;
	limit->slot_count = kinds * SLOTS;
	return limit;
}

void sp_alert_limit_free(struct sp_alert_limit **limit)
{
	if (limit == NULL || *limit == NULL)
		return;
	for (size_t i = 0; i < (*limit)->slot_count; i++)
		free((*limit)->slots[i].line);
	free(*limit);
	*limit = NULL;
}

/* The subject's slot, or a free one, or everybody else's. */
static struct slot *find(
    struct sp_alert_limit *limit, size_t kind, uint64_t subject, int64_t now_ms)
{
	struct slot *slots = &limit->slots[kind * SLOTS];
	struct slot *empty = &slots[SP_ALERT_SUBJECTS];

	for (size_t i = 0; i < SLOTS; i++) {
		if (slots[i].held == 0 && now_ms >= slots[i].until_ms)
			slots[i].used = false;
	}
	for (size_t i = 0; i < SP_ALERT_SUBJECTS; i++) {
		if (slots[i].used && slots[i].subject == subject)
			return &slots[i];
		if (!slots[i].used && empty == &slots[SP_ALERT_SUBJECTS])
			empty = &slots[i];
	}
	return empty;
}

static void hold(struct slot *slot, const char *line)
{
	char *copy = strdup(line);

	slot->held++;
	if (copy == NULL)
		return;
	free(slot->line);
	slot->line = copy;
}

static char *let_go(struct sp_alert_limit *limit, struct slot *slot, int64_t now_ms)
{
	char *line = slot->line;

	slot->until_ms = now_ms + limit->interval_ms;
	slot->held = 0;
	slot->line = NULL;
	return line;
}

bool sp_alert_limit_take(struct sp_alert_limit *limit, size_t kind, uint64_t subject,
    const char *line, bool may_go, int64_t now_ms, uint64_t *held_back_r)
{
	struct slot *slot = find(limit, kind, subject, now_ms);
	bool is_others = slot == &limit->slots[kind * SLOTS + SP_ALERT_SUBJECTS];

	if (!slot->used) {
		slot->used = true;
		slot->subject = subject;
		slot->until_ms = is_others ? now_ms + limit->interval_ms : now_ms;
	}
	if (!may_go || now_ms < slot->until_ms) {
		hold(slot, line);
		return false;
	}
	*held_back_r = slot->held;
	free(let_go(limit, slot, now_ms));
	return true;
}

bool sp_alert_limit_due(
    struct sp_alert_limit *limit, int64_t now_ms, char **line_r, uint64_t *held_back_r)
{
	for (size_t i = 0; i < limit->slot_count; i++) {
		struct slot *slot = &limit->slots[i];
		if (slot->line == NULL || now_ms < slot->until_ms)
			continue;
		*held_back_r = slot->held - 1;
		*line_r = let_go(limit, slot, now_ms);
		return true;
	}
	return false;
}

bool sp_alert_limit_holds(const struct sp_alert_limit *limit)
{
	for (size_t i = 0; i < limit->slot_count; i++) {
		if (limit->slots[i].line != NULL)
			return true;
	}
	return false;
}
