/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * auth_field.h - the TAB-separated fields of an auth protocol line
 *
 * Nothing here allocates or looks past the length it was given. auth_line.h
 * has the grammar of the fields.
 */
#ifndef SP_WIRE_AUTH_FIELD_H
#define SP_WIRE_AUTH_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/text.h"
#include "sendpass/attributes.h"

#define SP_AUTH_FIELDS_MAX 32

/* Bytes of the line itself, still tab-escaped, without a NUL. */
struct sp_auth_field {
	const char *bytes;
	size_t length;
};

/* The fields of a line not read yet. */
struct sp_auth_fields {
	const char *rest; /* NULL behind the last one */
	size_t length;
};

/* Static text if the line as a whole is to be refused: over SP_LINE_MAX, more
 * than SP_AUTH_FIELDS_MAX fields, a raw NUL, CR or LF, an escape that is none.
 * NULL if there is no fault. */
const char *sp_auth_line_fault(const char *line, size_t length);

void sp_auth_fields_start(struct sp_auth_fields *fields, const char *line, size_t length);

/* Takes the next field; an empty line has one, empty. False behind the last. */
SP_NODISCARD bool sp_auth_field_next(struct sp_auth_fields *fields, struct sp_auth_field *field_r);

SP_NODISCARD bool sp_auth_field_is(const struct sp_auth_field *field, const char *word);

/* True if the field is key, such as "rip=", and a value, perhaps empty. */
SP_NODISCARD bool sp_auth_field_has_key(
    const struct sp_auth_field *field, const char *key, struct sp_auth_field *value_r);

/* Copies the value as a string, unescaped. False, with text_r empty, if it is
 * longer than size - 1 bytes, holds a NUL or a bad escape. */
SP_NODISCARD bool sp_auth_field_copy(const struct sp_auth_field *value, char *text_r, size_t size);

/* A decimal number up to high, leading zeros allowed as Dovecot allows them. */
SP_NODISCARD bool sp_auth_field_number(
    const struct sp_auth_field *value, uint32_t high, uint32_t *number_r);

/* Takes the next field, as a 32-bit number. */
SP_NODISCARD bool sp_auth_next_number(struct sp_auth_fields *fields, uint32_t *number_r);

/* ---- writing: a line that does not fit is left out whole, and out->overflow set ---- */

struct sp_auth_writer {
	struct sp_text *out;
	size_t start;
	bool overflow_before;
};

/* Starts a line with a field that is written as it is. */
struct sp_auth_writer sp_auth_line_start(struct sp_text *out, const char *command);
void sp_auth_add_number(struct sp_auth_writer *writer, uint32_t number);
/* A field of key, written as it is, and value, tab-escaped. */
void sp_auth_add_field(struct sp_auth_writer *writer, const char *key, const char *value);
void sp_auth_line_end(struct sp_auth_writer *writer);

#endif
