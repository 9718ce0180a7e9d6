/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/policy/usage_memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/password/keyed_digest.h"

#define WAYS 4 /* places that an id may be at */
#define SETS (SP_USAGE_MEMORY_CREDENTIALS / WAYS)

struct place {
	uint64_t key; /* 0: free */
	uint64_t used;
	struct sp_usage_seen seen;
};

struct sp_usage_memory {
	struct sp_digest_key key;
	uint64_t uses; /* so far: a time for place.used */
	struct place places[SETS][WAYS];
};

struct sp_usage_memory *sp_usage_memory_new(void)
{
	struct sp_usage_memory *memory = calloc(1, sizeof(*memory));

	if (memory != NULL && !sp_digest_key_make(&memory->key))
		sp_usage_memory_free(&memory);
	return memory;
}

void sp_usage_memory_free(struct sp_usage_memory **memory)
{
	if (memory == NULL || *memory == NULL)
		return;
	free(*memory);
	*memory = NULL;
}

struct sp_usage_seen *sp_usage_memory_of(struct sp_usage_memory *memory, const char *id)
{
	uint64_t key = sp_keyed_digest(&memory->key, id, strlen(id)) | 1;
	struct place *set = memory->places[(key >> 1) % SETS];
	struct place *oldest = &set[0];

	for (size_t way = 0; way < WAYS; way++) {
		if (set[way].key == key) {
			set[way].used = ++memory->uses;
			return &set[way].seen;
		}
		if (set[way].used < oldest->used)
			oldest = &set[way];
	}
	*oldest = (struct place){.key = key, .used = ++memory->uses};
	return &oldest->seen;
}
