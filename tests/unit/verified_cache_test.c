/* SPDX-License-Identifier: BSD-2-Clause */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "lib/password/verified_cache.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define HASH         "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEg"
#define PLACES       64

/* ---- the kernel's say: linked with --wrap=mlock and --wrap=munmap ---- */

static bool may_lock = true;
static size_t wiped, unmapped;

int __wrap_mlock(const void *start, size_t length);
int __wrap_munmap(void *start, size_t length);
int __real_munmap(void *start, size_t length);

int __wrap_mlock(const void *start, size_t length)
{
	(void)start;
	return may_lock && length > 0 ? 0 : -1;
}

/* Counts the bytes that are zero when the memory is given back. */
int __wrap_munmap(void *start, size_t length)
{
	const uint8_t *bytes = start;

	wiped = 0;
	unmapped = length;
	for (size_t i = 0; i < length; i++)
		wiped += bytes[i] == 0;
	return __real_munmap(start, length);
}

static struct sp_verified_cache *new_cache(size_t places)
{
	bool locked;
	struct sp_verified_cache *cache = sp_verified_cache_new(places, &locked);

	assert_non_null(cache);
	assert_true(locked == may_lock);
	return cache;
}

static struct sp_secret secret_of(const char *text)
{
	struct sp_secret secret = {0};

	assert_true(sp_secret_set(&secret, text, strlen(text)));
	return secret;
}

static struct sp_secret numbered(unsigned number)
{
	char text[32];

	snprintf(text, sizeof(text), "secret %u", number);
	return secret_of(text);
}

static void nothing_but_what_was_added_is_known(void **state)
{
	static const struct {
		const char *hash, *secret;
	} others[] = {
	    {HASH, "passwore"},
	    {HASH, "passwor"},
	    {HASH, "password "},
	    {HASH, "Password"},
	    {HASH, ""},
	    {HASH "A", "password"},
	    {"", "password"},
	    {"", HASH "password"},
	    /* the same bytes in a row, parted elsewhere */
	    {HASH "p", "assword"},
	    {HASH "password", ""},
	};
	struct sp_verified_cache *cache = new_cache(PLACES);
	struct sp_secret right = secret_of("password");

	(void)state;
	assert_false(sp_verified_cache_knows(cache, HASH, &right));
	sp_verified_cache_add(cache, HASH, &right);
	assert_true(sp_verified_cache_knows(cache, HASH, &right));
	for (size_t i = 0; i < COUNT(others); i++) {
		struct sp_secret other = secret_of(others[i].secret);
		assert_false(sp_verified_cache_knows(cache, others[i].hash, &other));
	}
	sp_verified_cache_free(&cache);
	assert_null(cache);
}

/* Nobody who knows one cache's places learns another's. */
static void two_caches_have_different_keys(void **state)
{
	unsigned alike = 0, kept = 0;

	(void)state;
	for (unsigned pair = 0; pair < 20; pair++) {
		struct sp_verified_cache *caches[2] = {new_cache(PLACES), new_cache(PLACES)};
		bool known[2][4 * PLACES];
		for (unsigned i = 0; i < 2; i++) {
			for (unsigned n = 0; n < 4 * PLACES; n++) {
				struct sp_secret secret = numbered(n);
				sp_verified_cache_add(caches[i], HASH, &secret);
			}
			for (unsigned n = 0; n < 4 * PLACES; n++) {
				struct sp_secret secret = numbered(n);
				known[i][n] = sp_verified_cache_knows(caches[i], HASH, &secret);
				kept += known[i][n];
			}
			sp_verified_cache_free(&caches[i]);
		}
		alike += memcmp(known[0], known[1], sizeof(known[0])) == 0;
	}
	assert_true(kept > 0);
	assert_int_equal(alike, 0);
}

static void a_full_cache_stays_bounded_and_forgets_what_was_not_asked_for(void **state)
{
	struct sp_verified_cache *cache = new_cache(PLACES);
	struct sp_secret faithful = secret_of("asked for again and again");

	(void)state;
	sp_verified_cache_add(cache, HASH, &faithful);
	for (unsigned n = 0; n < 100 * PLACES; n++) {
		struct sp_secret secret = numbered(n);
		sp_verified_cache_add(cache, HASH, &secret);
		assert_true(sp_verified_cache_knows(cache, HASH, &secret));
		assert_true(sp_verified_cache_knows(cache, HASH, &faithful));
	}
	struct sp_verified_stats stats = sp_verified_cache_stats(cache);
	assert_int_equal(stats.places, PLACES);
	assert_int_equal(stats.entries, PLACES);
	assert_int_equal(stats.additions, 100 * PLACES + 1);
	assert_int_equal(stats.evictions, 99 * PLACES + 1);
	assert_int_equal(stats.hits, 200 * PLACES);
	unsigned known = 0;
	for (unsigned n = 0; n < 100 * PLACES; n++) {
		struct sp_secret secret = numbered(n);
		known += sp_verified_cache_knows(cache, HASH, &secret);
	}
	assert_int_equal(known, PLACES - 1);
	sp_verified_cache_free(&cache);
}

static void what_is_asked_or_added_again_takes_no_second_place(void **state)
{
	struct sp_verified_cache *cache = new_cache(PLACES);
	struct sp_secret right = secret_of("right"), wrong = secret_of("wrong");

	(void)state;
	for (int i = 0; i < 1000; i++) {
		assert_false(sp_verified_cache_knows(cache, HASH, &wrong));
		sp_verified_cache_add(cache, HASH, &right);
	}
	struct sp_verified_stats stats = sp_verified_cache_stats(cache);
	assert_int_equal(stats.entries, 1);
	assert_int_equal(stats.additions, 1);
	assert_int_equal(stats.evictions, 0);
	assert_int_equal(stats.hits, 0);
	sp_verified_cache_free(&cache);
}

static void the_number_of_places_is_rounded_up(void **state)
{
	static const size_t wanted[] = {1, 7, 8, 9, 65536}, had[] = {8, 8, 8, 16, 65536};

	(void)state;
	for (size_t i = 0; i < COUNT(wanted); i++) {
		struct sp_verified_cache *cache = new_cache(wanted[i]);
		assert_int_equal(sp_verified_cache_stats(cache).places, had[i]);
		sp_verified_cache_free(&cache);
	}
}

static void its_memory_is_wiped_at_the_end(void **state)
{
	struct sp_verified_cache *cache = new_cache(PLACES);

	(void)state;
	for (unsigned n = 0; n < PLACES; n++) {
		struct sp_secret secret = numbered(n);
		sp_verified_cache_add(cache, HASH, &secret);
	}
	sp_verified_cache_free(&cache);
	assert_true(unmapped >= PLACES * (size_t)SP_VERIFIED_PLACE_SIZE);
	assert_int_equal(wiped, unmapped);
	sp_verified_cache_free(&cache);
	sp_verified_cache_free(NULL);
}

static void it_works_and_says_so_where_memory_cannot_be_locked(void **state)
{
	struct sp_secret right = secret_of("right");

	(void)state;
	may_lock = false;
	struct sp_verified_cache *cache = new_cache(PLACES);
	may_lock = true;
	sp_verified_cache_add(cache, HASH, &right);
	assert_true(sp_verified_cache_knows(cache, HASH, &right));
	sp_verified_cache_free(&cache);
}

/* Leaves how often it was told something false. */
struct worker {
	struct sp_verified_cache *cache;
	unsigned number, faults;
};

static void *use_cache(void *context)
{
	struct worker *worker = context;
	char hash[32];

	snprintf(hash, sizeof(hash), "hash %u", worker->number);
	for (unsigned n = 0; n < 2000; n++) {
		struct sp_secret secret = numbered(n), wrong = numbered(n + 10000);
		sp_verified_cache_add(worker->cache, hash, &secret);
		worker->faults += sp_verified_cache_knows(worker->cache, hash, &wrong);
	}
	return NULL;
}

static void threads_use_it_side_by_side(void **state)
{
	struct sp_verified_cache *cache = new_cache(PLACES);
	struct worker workers[4];
	pthread_t threads[COUNT(workers)];

	(void)state;
	for (unsigned i = 0; i < COUNT(workers); i++) {
		workers[i] = (struct worker){.cache = cache, .number = i};
		assert_int_equal(pthread_create(&threads[i], NULL, use_cache, &workers[i]), 0);
	}
	for (size_t i = 0; i < COUNT(workers); i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(workers[i].faults, 0);
	}
	struct sp_verified_stats stats = sp_verified_cache_stats(cache);
	assert_int_equal(stats.entries, PLACES);
	assert_int_equal(stats.additions, stats.evictions + PLACES);
	assert_int_equal(stats.additions, COUNT(workers) * 2000);
	sp_verified_cache_free(&cache);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_but_what_was_added_is_known),
	    cmocka_unit_test(two_caches_have_different_keys),
	    cmocka_unit_test(a_full_cache_stays_bounded_and_forgets_what_was_not_asked_for),
	    cmocka_unit_test(what_is_asked_or_added_again_takes_no_second_place),
	    cmocka_unit_test(the_number_of_places_is_rounded_up),
	    cmocka_unit_test(its_memory_is_wiped_at_the_end),
	    cmocka_unit_test(it_works_and_says_so_where_memory_cannot_be_locked),
	    cmocka_unit_test(threads_use_it_side_by_side),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
