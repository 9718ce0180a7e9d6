/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/password/keyed_digest.h"

#include <sodium.h>
#include <string.h>
#include <sys/random.h>

#include "lib/base/secret.h"

_Static_assert(SP_DIGEST_KEY_SIZE == crypto_shorthash_KEYBYTES, "the key is libsodium's");
_Static_assert(sizeof(uint64_t) == crypto_shorthash_BYTES, "a digest is a number");
_Static_assert(SP_PAIR_KEY_SIZE == crypto_generichash_KEYBYTES, "the key is libsodium's");
_Static_assert(SP_PAIR_DIGEST_SIZE >= crypto_generichash_BYTES_MIN, "BLAKE2b has that length");

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

bool sp_pair_key_make(struct sp_pair_key *key_r)
{
	return getrandom(key_r->bytes, sizeof(key_r->bytes), 0) == (ssize_t)sizeof(key_r->bytes);
}

struct sp_pair_digest sp_pair_digest(
    const struct sp_pair_key *key, const char *text, const void *bytes, size_t length)
{
	struct sp_pair_digest digest;
	crypto_generichash_state state;

	/* None of these fails with such lengths. The text's NUL tells where it ends. */
	(void)crypto_generichash_init(&state, key->bytes, sizeof(key->bytes), sizeof(digest.bytes));
	(void)crypto_generichash_update(&state, (const unsigned char *)text, strlen(text) + 1);
	(void)crypto_generichash_update(&state, bytes, length);
	(void)crypto_generichash_final(&state, digest.bytes, sizeof(digest.bytes));
	explicit_bzero(&state, sizeof(state));
	sp_secret_wipe_stack();
	return digest;
}
