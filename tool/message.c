/* SPDX-License-Identifier: BSD-2-Clause */
#include "tool/message.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/text.h"

#define MESSAGE_SIZE  2048
#define UTF8_SEQUENCE 4 /* bytes, at most */

/* U+2028 to U+202E and U+2066 to U+2069: they break a line, or let what follows be
 * shown in another order than it is in (Unicode Standard Annex #9, section 2). */
static bool moves_text(const char *character)
{
	const unsigned char *at = (const unsigned char *)character;

	return at[0] == 0xe2 && ((at[1] == 0x80 && at[2] >= 0xa8 && at[2] <= 0xae) ||
				    (at[1] == 0x81 && at[2] >= 0xa6 && at[2] <= 0xa9));
}

/* The bytes of the printable character at the start of text, 0 if there is none. */
static size_t printable_character(const char *text)
{
	size_t left = strnlen(text, UTF8_SEQUENCE);

	for (size_t length = 1; length <= left; length++) {
		if (sp_text_is_printable_utf8(text, length))
			return moves_text(text) ? 0 : length;
	}
	return 0;
}

size_t sp_escape(FILE *out, const char *text)
{
	size_t columns = 0;

	while (*text != '\0') {
		size_t length = printable_character(text);
		if (length > 0) {
			if (out != NULL)
				fwrite(text, 1, length, out);
			text += length;
			columns++;
			continue;
		}
		if (out != NULL)
			fprintf(out, "\\x%02x", (unsigned char)*text);
		text++;
		columns += strlen("\\xHH");
	}
	return columns;
}

char *sp_escaped(const char *text)
{
	char *escaped = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&escaped, &size);

	if (out == NULL)
		return NULL;
	sp_escape(out, text);
	if (fclose(out) == 0)
		return escaped;
	free(escaped);
	return NULL;
}

static void say(const char *prefix, const char *format, va_list arguments) SP_PRINTF(2, 0);

static void say(const char *prefix, const char *format, va_list arguments)
{
	char text[MESSAGE_SIZE];

	vsnprintf(text, sizeof(text), format, arguments);
	fputs(prefix, stderr);
	sp_escape(stderr, text);
	fputc('\n', stderr);
}

void sp_say(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say("", format, arguments);
	va_end(arguments);
}

enum sp_exit sp_fail(enum sp_exit status, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say("sendpass: ", format, arguments);
	va_end(arguments);
	return status;
}
