/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * secret.h - bytes that must not outlive their use
 *
 * A password travels in this type and nowhere else: it has no printf format,
 * and its owner wipes it on every path. The struct is plain memory, so it can
 * lie on the stack or inside another struct; it never points anywhere.
 */
#ifndef SP_BASE_SECRET_H
#define SP_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "sendpass/attributes.h"
#include "sendpass/limits.h"

struct sp_secret {
	size_t length;
	char bytes[SP_SECRET_MAX + 1]; /* always NUL-terminated */
};

/* Copies length bytes in, wiping what was there. False, leaving it empty, when
 * they are too many or hold a NUL: a secret is refused, never cut. */
SP_NODISCARD bool sp_secret_set(struct sp_secret *secret, const char *bytes, size_t length);

/* Reads one line (without its LF or CRLF) from fd, byte by byte so that nothing
 * is left in a buffer. False on a read error, nothing read, a line that is too
 * long or holds a NUL; the secret is then empty. Blocks as fd does. */
SP_NODISCARD bool sp_secret_read_line(struct sp_secret *secret, int fd);

void sp_secret_wipe(struct sp_secret *secret);

/* Wipes what functions that have returned to the caller left on the stack: 16 KiB below it.
 * For behind libraries that copy secrets there, as each BLAKE2b does. */
void sp_secret_wipe_stack(void);

/* The project's one comparison of secret bytes: its time depends on length alone. */
SP_NODISCARD bool sp_bytes_equal(const void *a, const void *b, size_t length);

#endif
