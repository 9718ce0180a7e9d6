/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * phc.h - Argon2 PHC strings, read under caps
 *
 * Stored hashes are data that others may write, so every parameter is held
 * against its cap before anything is allocated or computed.
 * Source: the PHC string format (github.com/P-H-C/phc-string-format) and RFC 9106.
 */
#ifndef SP_PASSWORD_PHC_H
#define SP_PASSWORD_PHC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sendpass/attributes.h"

#define SP_PHC_SALT_MIN 8
#define SP_PHC_SALT_MAX 48
#define SP_PHC_TAG_MIN  12
#define SP_PHC_TAG_MAX  64
#define SP_PHC_TEXT_MAX 256 /* bytes of the whole string, a NUL with it */

struct sp_argon2_cost {
	uint32_t memory_kib;
	uint32_t passes;
	uint32_t lanes;
};

enum sp_argon2_type { SP_ARGON2D, SP_ARGON2I, SP_ARGON2ID };

struct sp_phc {
	enum sp_argon2_type type;
	uint32_t version; /* 0x10 or 0x13 */
	struct sp_argon2_cost cost;
	size_t salt_length;
	size_t tag_length;
	uint8_t salt[SP_PHC_SALT_MAX];
	uint8_t tag[SP_PHC_TAG_MAX];
};

/* Reads a PHC string of length bytes. On false *phc_r is wiped and *why_r is
 * static text naming the first thing that is wrong, such as "m is over the cap".
 * A missing v= is version 0x10. */
SP_NODISCARD bool sp_phc_parse(const char *text, size_t length, const struct sp_argon2_cost *caps,
    struct sp_phc *phc_r, const char **why_r);

/* False if size is too small; SP_PHC_TEXT_MAX always suffices. */
SP_NODISCARD bool sp_phc_print(const struct sp_phc *phc, char *text_r, size_t size);

void sp_phc_wipe(struct sp_phc *phc);

#endif
