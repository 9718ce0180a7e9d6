/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void sp_text_init(struct sp_text *text, char *buffer, size_t size)
{
	*text = (struct sp_text){.bytes = buffer, .size = size};
	buffer[0] = '\0';
}

void sp_text_add_n(struct sp_text *text, const char *bytes, size_t length)
{
	if (length >= text->size - text->length) {
		text->overflow = true;
		return;
	}
	memcpy(text->bytes + text->length, bytes, length);
	text->length += length;
	text->bytes[text->length] = '\0';
}

void sp_text_add(struct sp_text *text, const char *string)
{
	sp_text_add_n(text, string, strlen(string));
}

void sp_text_addf(struct sp_text *text, const char *format, ...)
{
	size_t room = text->size - text->length;
	va_list arguments;

	va_start(arguments, format);
	int needed = vsnprintf(text->bytes + text->length, room, format, arguments);
	va_end(arguments);
	if (needed < 0 || (size_t)needed >= room) {
		text->overflow = true;
		text->bytes[text->length] = '\0';
		return;
	}
	text->length += (size_t)needed;
}

/* The bytes of the UTF-8 sequence at the start of bytes (RFC 3629, section 4), 0 if there is none.
 */
static size_t utf8_sequence(const unsigned char *bytes, size_t length)
{
	static const struct {
		unsigned char first_low, first_high, second_low, second_high;
		size_t length;
	} forms[] = {
	    {0xc2, 0xdf, 0x80, 0xbf, 2},
	    {0xe0, 0xe0, 0xa0, 0xbf, 3},
	    {0xe1, 0xec, 0x80, 0xbf, 3},
	    {0xed, 0xed, 0x80, 0x9f, 3},
	    {0xee, 0xef, 0x80, 0xbf, 3},
	    {0xf0, 0xf0, 0x90, 0xbf, 4},
	    {0xf1, 0xf3, 0x80, 0xbf, 4},
	    {0xf4, 0xf4, 0x80, 0x8f, 4},
	};

	if (bytes[0] < 0x80)
		return 1;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (bytes[0] < forms[i].first_low || bytes[0] > forms[i].first_high)
			continue;
		if (length < forms[i].length || bytes[1] < forms[i].second_low ||
		    bytes[1] > forms[i].second_high)
			return 0;
		for (size_t at = 2; at < forms[i].length; at++) {
			if ((bytes[at] & 0xc0) != 0x80)
				return 0;
		}
		return forms[i].length;
	}
	return 0;
}

bool sp_text_is_printable_utf8(const char *bytes, size_t length)
{
	const unsigned char *at = (const unsigned char *)bytes;

	while (length > 0) {
		size_t step = utf8_sequence(at, length);
		if (step == 0 || at[0] < 0x20 || at[0] == 0x7f)
			return false;
		if (at[0] == 0xc2 && at[1] < 0xa0) /* C1 controls, U+0080 to U+009F */
			return false;
		at += step;
		length -= step;
	}
	return true;
}
