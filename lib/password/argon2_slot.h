/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * argon2_slot.h - Argon2 on memory that is allocated once (RFC 9106, by libargon2)
 *
 * A slot is the right to run one Argon2 at a time, and the memory for it. One
 * thread uses a slot at a time. Lanes are computed one after another: a slot
 * is one core's worth of work.
 */
#ifndef SP_PASSWORD_ARGON2_SLOT_H
#define SP_PASSWORD_ARGON2_SLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/secret.h"
#include "lib/password/phc.h"
#include "sendpass/attributes.h"

struct sp_argon2_slot;

/* A slot that can run hashes of up to memory_kib; NULL when there is no memory.
 * The caller owns it: sp_argon2_slot_free(). */
struct sp_argon2_slot *sp_argon2_slot_new(uint32_t memory_kib);
void sp_argon2_slot_free(struct sp_argon2_slot **slot);

enum sp_match { SP_MATCH_ERROR = 0, SP_MATCH_NO, SP_MATCH_YES };

/* Hashes the secret with phc's parameters and compares in constant time.
 * SP_MATCH_ERROR when Argon2 itself fails or phc needs more than the slot has. */
SP_NODISCARD enum sp_match sp_argon2_verify(
    struct sp_argon2_slot *slot, const struct sp_phc *phc, const struct sp_secret *secret);

/* Argon2id, version 0x13, with a new 16-byte salt from getrandom(2) and a
 * 32-byte tag, printed as a PHC string. False if anything fails; text_r is then empty. */
SP_NODISCARD bool sp_argon2_hash(struct sp_argon2_slot *slot, const struct sp_argon2_cost *cost,
    const struct sp_secret *secret, char text_r[SP_PHC_TEXT_MAX]);

#endif
