/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * netstring.h - bytes with their length before them: "5:hello,"
 *
 * D. J. Bernstein, https://cr.yp.to/proto/netstrings.txt. The length has no
 * leading zeros.
 */
#ifndef SP_WIRE_NETSTRING_H
#define SP_WIRE_NETSTRING_H

#include <stddef.h>

#include "sendpass/attributes.h"

/* What length and punctuation add to the bytes, at the most. */
#define SP_NETSTRING_EXTRA 22

enum sp_netstring_status {
	SP_NETSTRING_BAD = 0,
	SP_NETSTRING_PARTIAL,
	SP_NETSTRING_COMPLETE,
};

struct sp_netstring {
	const char *bytes; /* within those that were read */
	size_t length;
};

/* Reads the netstring of at most `most` bytes that bytes begin with. Complete:
 * *used_r is its length with all that is around it. Bad: *why_r is static text. */
SP_NODISCARD enum sp_netstring_status sp_netstring_parse(const char *bytes, size_t length,
    size_t most, struct sp_netstring *netstring_r, size_t *used_r, const char **why_r);

#endif
