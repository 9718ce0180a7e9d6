/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/password/verified_cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/password/keyed_digest.h"

/* A pair may lie in one row alone, and there in any place: so no search and no
 * eviction looks at more than one row. */
#define ROW 8

struct place {
	struct sp_pair_digest digest;
	uint64_t asked; /* the turn of the clock below; 0: nothing is here */
};

_Static_assert(sizeof(struct place) == SP_VERIFIED_PLACE_SIZE, "as the header says");

struct sp_verified_cache {
	size_t rows;
	size_t size; /* of the mapping */
	struct memory {
		struct sp_pair_key key;
		struct place places[];
	} * memory;
	pthread_mutex_t lock; /* the places, and what follows */
	uint64_t clock;       /* one turn each time that something is asked or added */
	struct sp_verified_stats stats;
};

struct sp_verified_cache *sp_verified_cache_new(size_t places, bool *locked_r)
{
	struct sp_verified_cache *cache = calloc(1, sizeof(*cache));

	*locked_r = false;
	if (cache == NULL)
		return NULL;
	cache->rows = (places + ROW - 1) / ROW;
	cache->stats.places = cache->rows * ROW;
	cache->size = sizeof(*cache->memory) + cache->stats.places * sizeof(struct place);
	void *memory =
	    mmap(NULL, cache->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED) {
		free(cache);
		return NULL;
	}
	cache->memory = memory;
	*locked_r = mlock(memory, cache->size) == 0;
	madvise(memory, cache->size, MADV_DONTDUMP);
	pthread_mutex_init(&cache->lock, NULL);
	if (!sp_pair_key_make(&cache->memory->key))
		sp_verified_cache_free(&cache);
	return cache;
}

void sp_verified_cache_free(struct sp_verified_cache **cache)
{
	if (cache == NULL || *cache == NULL)
		return;
	explicit_bzero((*cache)->memory, (*cache)->size);
	munmap((*cache)->memory, (*cache)->size);
	pthread_mutex_destroy(&(*cache)->lock);
	free(*cache);
	*cache = NULL;
}

static struct place *row_of(struct sp_verified_cache *cache, const struct sp_pair_digest *digest)
{
	uint64_t number;

	memcpy(&number, digest->bytes, sizeof(number));
	return &cache->memory->places[number % cache->rows * ROW];
}

static struct place *find(struct place *row, const struct sp_pair_digest *digest)
{
	struct place *found = NULL;

	for (size_t i = 0; i < ROW; i++) {
		if (sp_bytes_equal(row[i].digest.bytes, digest->bytes, sizeof(digest->bytes)) &&
		    row[i].asked != 0)
			found = &row[i];
	}
	return found;
}

bool sp_verified_cache_knows(
    struct sp_verified_cache *cache, const char *hash, const struct sp_secret *secret)
{
	struct sp_pair_digest digest =
	    sp_pair_digest(&cache->memory->key, hash, secret->bytes, secret->length);

	pthread_mutex_lock(&cache->lock);
	struct place *place = find(row_of(cache, &digest), &digest);
	if (place != NULL) {
		place->asked = ++cache->clock;
		cache->stats.hits++;
	}
	pthread_mutex_unlock(&cache->lock);
	explicit_bzero(&digest, sizeof(digest));
	return place != NULL;
}

/* An empty place comes before all others. */
static struct place *longest_unasked(struct place *row)
{
	struct place *found = row;

	for (size_t i = 1; i < ROW; i++) {
		if (row[i].asked < found->asked)
			found = &row[i];
	}
	return found;
}

void sp_verified_cache_add(
    struct sp_verified_cache *cache, const char *hash, const struct sp_secret *secret)
{
	struct sp_pair_digest digest =
	    sp_pair_digest(&cache->memory->key, hash, secret->bytes, secret->length);

	pthread_mutex_lock(&cache->lock);
	struct place *row = row_of(cache, &digest);
	struct place *place = find(row, &digest);
	if (place == NULL) {
		place = longest_unasked(row);
		cache->stats.additions++;
		if (place->asked != 0)
			cache->stats.evictions++;
		else
			cache->stats.entries++;
	}
	place->digest = digest;
	place->asked = ++cache->clock;
	pthread_mutex_unlock(&cache->lock);
	explicit_bzero(&digest, sizeof(digest));
}

struct sp_verified_stats sp_verified_cache_stats(struct sp_verified_cache *cache)
{
	pthread_mutex_lock(&cache->lock);
	struct sp_verified_stats stats = cache->stats;
	pthread_mutex_unlock(&cache->lock);
	return stats;
}
