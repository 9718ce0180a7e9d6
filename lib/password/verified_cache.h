/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verified_cache.h - which passwords Argon2 has found right for which stored hashes lately
 *
 * Whether a password is right for a stored hash never changes, so what is
 * remembered here never gets stale: a new hash is another question. It says
 * nothing about whose the hash is, nor whether it is still in force.
 *
 * A pair is remembered as 128 bits of BLAKE2b (RFC 7693) over both, under a
 * random key of this cache. Memory is set aside once, locked if the kernel
 * allows, left out of core dumps, and wiped at the end. When there is no place
 * left for a new pair, one that was not asked for lately goes. As only pairs
 * that Argon2 accepted may come in, nobody displaces others but by logging in.
 * Safe from every thread.
 */
#ifndef SP_PASSWORD_VERIFIED_CACHE_H
#define SP_PASSWORD_VERIFIED_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/secret.h"
#include "sendpass/attributes.h"

struct sp_verified_cache;

struct sp_verified_stats {
	uint64_t hits;      /* times that a pair was known */
	uint64_t additions; /* pairs that came in */
	uint64_t evictions; /* and of those, how many took another's place */
	size_t entries;     /* pairs that are known now */
	size_t places;      /* how many can be */
};

/* A place takes so many bytes of memory. */
#define SP_VERIFIED_PLACE_SIZE 24

/* With room for `places` pairs, more than 0, rounded up to a multiple of 8.
 * *locked_r tells whether its memory is. NULL when there is no memory or no random
 * key; the caller owns it: sp_verified_cache_free(). */
struct sp_verified_cache *sp_verified_cache_new(size_t places, bool *locked_r);
void sp_verified_cache_free(struct sp_verified_cache **cache);

/* Whether that very pair is known. */
SP_NODISCARD bool sp_verified_cache_knows(
    struct sp_verified_cache *cache, const char *hash, const struct sp_secret *secret);

/* Argon2 has just found the secret right for that hash. */
void sp_verified_cache_add(
    struct sp_verified_cache *cache, const char *hash, const struct sp_secret *secret);

struct sp_verified_stats sp_verified_cache_stats(struct sp_verified_cache *cache);

#endif
