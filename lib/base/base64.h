/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base64.h - base64 (RFC 4648, section 4), strict: no white space, no stray bits
 *
 * Ours, because guests link libc alone, and libc's b64_pton skips white space
 * and cannot read the unpadded form of PHC strings.
 */
#ifndef SP_BASE_BASE64_H
#define SP_BASE_BASE64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sendpass/attributes.h"

enum sp_base64_padding { SP_BASE64_PADDED, SP_BASE64_UNPADDED };

/* Bytes needed for the encoding of n bytes, with padding and a NUL. */
#define SP_BASE64_SIZE(n) ((((n) + 2) / 3) * 4 + 1)

/* Writes the encoding and a NUL. False, with text_r empty, if it does not fit. */
SP_NODISCARD bool sp_base64_encode(
    const void *bytes, size_t length, enum sp_base64_padding padding, char *text_r, size_t size);

/* Decodes exactly length characters in the given form. False if they are not
 * its encoding of anything, or of more than size bytes; *length_r is then 0 and
 * bytes_r is wiped. */
SP_NODISCARD bool sp_base64_decode(const char *text, size_t length, enum sp_base64_padding padding,
    void *bytes_r, size_t size, size_t *length_r);

#endif
