/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/wire/netstring.h"

#include <stdint.h>

#include "lib/base/number.h"

static enum sp_netstring_status bad(const char *why, const char **why_r)
{
	*why_r = why;
	return SP_NETSTRING_BAD;
}

enum sp_netstring_status sp_netstring_parse(const char *bytes, size_t length, size_t most,
    struct sp_netstring *netstring_r, size_t *used_r, const char **why_r)
{
	size_t digits = 0;
	uint64_t size;

	while (digits < length && bytes[digits] >= '0' && bytes[digits] <= '9')
		digits++;
	/* judged as it comes: nobody need send all of what is refused anyway */
	if (digits > 0 && !sp_parse_number_n(bytes, digits, 0, most, &size))
		return bad(
		    "the length of a netstring is over the limit, or has zeros before it", why_r);
	if (digits == length)
		return SP_NETSTRING_PARTIAL;
	if (digits == 0 || bytes[digits] != ':')
		return bad("no length and colon before a netstring", why_r);
	size_t begin = digits + 1;
	if (length - begin <= size)
		return SP_NETSTRING_PARTIAL;
	if (bytes[begin + size] != ',')
		return bad("no comma behind a netstring", why_r);
	netstring_r->bytes = bytes + begin;
	netstring_r->length = size;
	*used_r = begin + size + 1;
	return SP_NETSTRING_COMPLETE;
}
