/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/wire/auth_field.h"

#include <inttypes.h>
#include <string.h>

#include "lib/base/number.h"
#include "sendpass/limits.h"

#define ESCAPE '\001'

static const struct {
	char code;
	char byte;
} escapes[] = {{'0', '\0'}, {'1', ESCAPE}, {'t', '\t'}, {'r', '\r'}, {'n', '\n'}};
#define ESCAPE_COUNT (sizeof(escapes) / sizeof(escapes[0]))

static bool unescape(char code, char *byte_r)
{
	for (size_t i = 0; i < ESCAPE_COUNT; i++) {
		if (escapes[i].code == code) {
			*byte_r = escapes[i].byte;
			return true;
		}
	}
	return false;
}

const char *sp_auth_line_fault(const char *line, size_t length)
{
	size_t fields = 1;
	char byte;

	if (length > SP_LINE_MAX)
		return "line too long";
	for (size_t i = 0; i < length; i++) {
		if (line[i] == '\0' || line[i] == '\r' || line[i] == '\n')
			return "raw NUL, CR or LF";
		if (line[i] == '\t' && ++fields > SP_AUTH_FIELDS_MAX)
			return "too many fields";
		if (line[i] == ESCAPE && (++i == length || !unescape(line[i], &byte)))
			return "bad escape";
	}
	return NULL;
}

void sp_auth_fields_start(struct sp_auth_fields *fields, const char *line, size_t length)
{
	*fields = (struct sp_auth_fields){.rest = line, .length = length};
}

bool sp_auth_field_next(struct sp_auth_fields *fields, struct sp_auth_field *field_r)
{
	const char *start = fields->rest;

	*field_r = (struct sp_auth_field){0};
	if (start == NULL)
		return false;
	field_r->bytes = start;
	const char *tab = memchr(start, '\t', fields->length);
	if (tab == NULL) {
		field_r->length = fields->length;
		fields->rest = NULL;
		fields->length = 0;
		return true;
	}
	field_r->length = (size_t)(tab - start);
	fields->rest = tab + 1;
	fields->length -= field_r->length + 1;
	return true;
}

bool sp_auth_field_is(const struct sp_auth_field *field, const char *word)
{
	return field->length == strlen(word) && memcmp(field->bytes, word, field->length) == 0;
}

bool sp_auth_field_has_key(
    const struct sp_auth_field *field, const char *key, struct sp_auth_field *value_r)
{
	size_t length = strlen(key);

	if (field->length < length || memcmp(field->bytes, key, length) != 0)
		return false;
	value_r->bytes = field->bytes + length;
	value_r->length = field->length - length;
	return true;
}

bool sp_auth_field_copy(const struct sp_auth_field *value, char *text_r, size_t size)
{
	size_t length = 0, at = 0;

	while (at < value->length) {
		char byte = value->bytes[at++];
		if (byte == ESCAPE && (at == value->length || !unescape(value->bytes[at++], &byte)))
			goto refused;
		if (byte == '\0' || length + 1 >= size)
			goto refused;
		text_r[length++] = byte;
	}
	text_r[length] = '\0';
	return true;
refused:
	text_r[0] = '\0';
	return false;
}

bool sp_auth_field_number(const struct sp_auth_field *value, uint32_t high, uint32_t *number_r)
{
	struct sp_auth_field digits = *value;
	uint64_t number;

	while (digits.length > 1 && digits.bytes[0] == '0') {
		digits.bytes++;
		digits.length--;
	}
	if (!sp_parse_number_n(digits.bytes, digits.length, 0, high, &number))
		return false;
	*number_r = (uint32_t)number;
	return true;
}

bool sp_auth_next_number(struct sp_auth_fields *fields, uint32_t *number_r)
{
	struct sp_auth_field field;

	return sp_auth_field_next(fields, &field) &&
	       sp_auth_field_number(&field, UINT32_MAX, number_r);
}

struct sp_auth_writer sp_auth_line_start(struct sp_text *out, const char *command)
{
	struct sp_auth_writer writer = {
	    .out = out, .start = out->length, .overflow_before = out->overflow};

	out->overflow = false;
	sp_text_add(out, command);
	return writer;
}

void sp_auth_add_number(struct sp_auth_writer *writer, uint32_t number)
{
	sp_text_addf(writer->out, "\t%" PRIu32, number);
}

void sp_auth_add_field(struct sp_auth_writer *writer, const char *key, const char *value)
{
	sp_text_add(writer->out, "\t");
	sp_text_add(writer->out, key);
	while (*value != '\0') {
		size_t plain = strcspn(value, "\001\t\r\n");
		sp_text_add_n(writer->out, value, plain);
		value += plain;
		for (size_t i = 1; i < ESCAPE_COUNT; i++) {
			if (*value == escapes[i].byte) {
				char pair[] = {ESCAPE, escapes[i].code};
				sp_text_add_n(writer->out, pair, sizeof(pair));
				value++;
				break;
			}
		}
	}
}

void sp_auth_line_end(struct sp_auth_writer *writer)
{
	struct sp_text *out = writer->out;

	sp_text_add(out, "\n");
	if (out->overflow) {
		explicit_bzero(out->bytes + writer->start, out->length - writer->start);
		out->length = writer->start;
	}
	out->overflow = out->overflow || writer->overflow_before;
}
