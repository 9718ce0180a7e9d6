/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * keyed_digest.h - digests under a key that only this process knows, by libsodium
 *
 * For telling whether two things are the same without keeping them, and for
 * tables whose places strangers must not be able to choose: 64 bits of SipHash-2-4
 * (J.-P. Aumasson, D. J. Bernstein, INDOCRYPT 2012). Where a yes depends on it
 * that no two things have the same digest: 128 bits of BLAKE2b (RFC 7693).
 */
#ifndef SP_PASSWORD_KEYED_DIGEST_H
#define SP_PASSWORD_KEYED_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sendpass/attributes.h"

#define SP_DIGEST_KEY_SIZE 16

struct sp_digest_key {
	uint8_t bytes[SP_DIGEST_KEY_SIZE];
};

/* A new key from getrandom(2). False if the kernel gives none. */
SP_NODISCARD bool sp_digest_key_make(struct sp_digest_key *key_r);

uint64_t sp_keyed_digest(const struct sp_digest_key *key, const void *bytes, size_t length);

#define SP_PAIR_KEY_SIZE    32
#define SP_PAIR_DIGEST_SIZE 16

struct sp_pair_key {
	uint8_t bytes[SP_PAIR_KEY_SIZE];
};

struct sp_pair_digest {
	uint8_t bytes[SP_PAIR_DIGEST_SIZE];
};

/* As sp_digest_key_make(). */
SP_NODISCARD bool sp_pair_key_make(struct sp_pair_key *key_r);

/* Of a text and of length bytes, which may be a secret: nothing of them is left behind. */
struct sp_pair_digest sp_pair_digest(
    const struct sp_pair_key *key, const char *text, const void *bytes, size_t length);

#endif
