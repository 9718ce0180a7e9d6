/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/base/password_shape.h"

#include <stddef.h>
#include <string.h>

bool sp_resembles_app_password(const char *text)
{
	/* Crockford's base32, and what is read as one of its symbols: i, l and o. */
	static const char symbols[] =
	    "0123456789ABCDEFGHIJKLMNOPQRSTVWXYZabcdefghijklmnopqrstvwxyz";
	size_t count = 0;

	for (; *text != '\0'; text++) {
		if (*text == '-' || *text == ' ')
			continue;
		if (strchr(symbols, *text) == NULL)
			return false;
		count++;
	}
	return count == SP_STANDARD_SYMBOLS || count == SP_COMPACT_SYMBOLS;
}

bool sp_is_written_as_app_password(const char *text)
{
	size_t length = strlen(text);

	for (size_t i = 4; i < length; i += 5) {
		if (text[i] != '-')
			return false;
	}
	return length % 5 == 4 && sp_resembles_app_password(text);
}
