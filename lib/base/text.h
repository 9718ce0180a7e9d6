/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * text.h - bounded building of text, and what text from outside may hold
 */
#ifndef SP_BASE_TEXT_H
#define SP_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "sendpass/attributes.h"

/* Appends to a buffer of the caller's. What does not fit sets `overflow` and
 * leaves the text as it was before that append; the text always ends in a NUL. */
struct sp_text {
	char *bytes;
	size_t size;
	size_t length;
	bool overflow;
};

void sp_text_init(struct sp_text *text, char *buffer, size_t size);
void sp_text_add(struct sp_text *text, const char *string);
void sp_text_add_n(struct sp_text *text, const char *bytes, size_t length);
void sp_text_addf(struct sp_text *text, const char *format, ...) SP_PRINTF(2, 3);

/* Valid UTF-8 (RFC 3629: no overlong forms, no surrogates), no control bytes
 * (0x00-0x1f, 0x7f) and no C1 controls. An empty string is valid. */
SP_NODISCARD bool sp_text_is_printable_utf8(const char *bytes, size_t length);

#endif
