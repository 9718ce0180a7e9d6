/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * keyed_digest.h - short digests under a key that only this process knows
 *
 * For telling whether two things are the same without keeping them, and for
 * tables whose places strangers must not be able to choose: SipHash-2-4
 * (J.-P. Aumasson, D. J. Bernstein, INDOCRYPT 2012), by libsodium.
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

#endif
