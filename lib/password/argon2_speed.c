/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/password/argon2_speed.h"

#include <sodium.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/password/argon2_slot.h"

#define ROUNDS 5

/* Fits into any core's own cache, and is filled so often that the time for getting
 * memory, which libsodium does each time, is nothing beside it. */
static const struct sp_argon2_cost cost = {.memory_kib = 256, .passes = 64, .lanes = 1};
static const char password[] = "compare";

/* -1 if it fails. */
static int64_t time_libargon2_us(struct sp_argon2_slot *slot)
{
	struct sp_secret secret = {0};
	char text[SP_PHC_TEXT_MAX];

	if (!sp_secret_set(&secret, password, strlen(password)))
		return -1;
	int64_t begin_us = sp_thread_time_us();
	bool ok = sp_argon2_hash(slot, &cost, &secret, text);
	return ok ? sp_thread_time_us() - begin_us : -1;
}

static int64_t time_libsodium_us(void)
{
	unsigned char tag[crypto_pwhash_BYTES_MIN];
	const unsigned char salt[crypto_pwhash_SALTBYTES] = {0};
	int64_t begin_us = sp_thread_time_us();
	bool ok = crypto_pwhash(tag, sizeof(tag), password, strlen(password), salt, cost.passes,
		      (size_t)cost.memory_kib * 1024, crypto_pwhash_ALG_ARGON2ID13) == 0;

	return ok ? sp_thread_time_us() - begin_us : -1;
}

unsigned sp_argon2_relative_time(void)
{
	struct sp_argon2_slot *slot = sp_argon2_slot_new(cost.memory_kib);
	int64_t ours_us = INT64_MAX, theirs_us = INT64_MAX;
	bool ok = slot != NULL && sodium_init() >= 0;

	/* the best of each, in turns, since other programs use caches and memory as well */
	for (int i = 0; i < ROUNDS && ok; i++) {
		int64_t ours = time_libargon2_us(slot), theirs = time_libsodium_us();
		ok = ours >= 0 && theirs > 0;
		ours_us = ours < ours_us ? ours : ours_us;
		theirs_us = theirs < theirs_us ? theirs : theirs_us;
	}
	sp_argon2_slot_free(&slot);
	return ok ? (unsigned)(ours_us * 100 / theirs_us) : 0;
}
