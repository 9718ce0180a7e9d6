/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/password/keyed_digest.h"

#include <sodium.h>
#include <string.h>
#include <sys/random.h>

_Static_assert(SP_DIGEST_KEY_SIZE == crypto_shorthash_KEYBYTES, "the key is libsodium's");
_Static_assert(sizeof(uint64_t) == crypto_shorthash_BYTES, "a digest is a number");

bool sp_digest_key_make(struct sp_digest_key *key_r)
{
	/* So few bytes are never cut short once the pool is filled (getrandom(2)). */
	return getrandom(key_r->bytes, sizeof(key_r->bytes), 0) == (ssize_t)sizeof(key_r->bytes);
}

uint64_t sp_keyed_digest(const struct sp_digest_key *key, const void *bytes, size_t length)
{
	unsigned char digest[crypto_shorthash_BYTES];
	uint64_t number;

	crypto_shorthash(digest, bytes, length, key->bytes);
	memcpy(&number, digest, sizeof(number));
	return number;
}
