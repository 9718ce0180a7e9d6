/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/policy/distinct.h"

#include <stdlib.h>

#define WAYS 4    /* places that a subject may be at */
#define SETS 2048 /* 8192 subjects */

struct place {
	uint64_t subject;
	int64_t began_ms;
	unsigned count; /* 0: free */
	uint64_t things[SP_DISTINCT_MANY];
};

struct sp_distinct {
	struct place places[SETS][WAYS];
};

struct sp_distinct *sp_distinct_new(void)
{
	return calloc(1, sizeof(struct sp_distinct));
}

void sp_distinct_free(struct sp_distinct **distinct)
{
	if (distinct == NULL)
		return;
	free(*distinct);
	*distinct = NULL;
}

/* The subject's place; a new one is that of who showed least. */
static struct place *find_or_make(struct sp_distinct *distinct, uint64_t subject, int64_t now_ms)
{
	struct place *set = distinct->places[subject % SETS];
	struct place *least = &set[0];

	for (size_t way = 0; way < WAYS; way++) {
		if (now_ms - set[way].began_ms >= SP_DISTINCT_WINDOW_MS)
			set[way].count = 0;
		if (set[way].count > 0 && set[way].subject == subject)
			return &set[way];
		if (set[way].count < least->count)
			least = &set[way];
	}
	*least = (struct place){.subject = subject, .began_ms = now_ms};
	return least;
}

bool sp_distinct_add(struct sp_distinct *distinct, uint64_t subject, uint64_t thing, int64_t now_ms)
{
	struct place *place = find_or_make(distinct, subject, now_ms);

	if (place->count == SP_DISTINCT_MANY)
		return false;
	for (unsigned i = 0; i < place->count; i++) {
		if (place->things[i] == thing)
			return false;
	}
	place->things[place->count++] = thing;
	return place->count == SP_DISTINCT_MANY;
}
