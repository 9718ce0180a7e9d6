/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/directory/entry.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NUMBER_SIZE sizeof(uint32_t)
#define FIRST_SIZE  1024

/* ---- reading ---- */

static size_t number_at(const char *at)
{
	uint32_t number;

	memcpy(&number, at, NUMBER_SIZE);
	return number;
}

/* Of a string whose bounds are known to hold. */
static struct berval string_at(const char **at)
{
	struct berval string = {number_at(*at), (char *)(uintptr_t)*at + NUMBER_SIZE};

	*at += NUMBER_SIZE + string.bv_len;
	return string;
}

static bool skip_number(const char **at, const char *end, size_t *number_r)
{
	if ((size_t)(end - *at) < NUMBER_SIZE)
		return false;
	*number_r = number_at(*at);
	*at += NUMBER_SIZE;
	return true;
}

static bool skip_string(const char **at, const char *end)
{
	size_t length;

	if (!skip_number(at, end, &length) || (size_t)(end - *at) < length)
		return false;
	*at += length;
	return true;
}

static bool skip_attribute(const char **at, const char *end)
{
	size_t size, count;

	if (!skip_number(at, end, &size) || (size_t)(end - *at) < size)
		return false;
	end = *at + size;
	if (!skip_string(at, end) || !skip_number(at, end, &count) || count == 0)
		return false;
	while (count > 0 && skip_string(at, end))
		count--;
	return count == 0 && *at == end;
}

bool sp_entry_view(const void *bytes, size_t length, struct sp_entry *entry_r)
{
	const char *at = bytes, *end = at + length;

	if (length == 0 || *at++ != SP_ENTRY_VERSION || !skip_string(&at, end))
		return false;
	while (at != end) {
		if (!skip_attribute(&at, end))
			return false;
	}
	*entry_r = (struct sp_entry){.bytes = bytes, .length = length};
	return true;
}

struct berval sp_entry_dn(const struct sp_entry *entry)
{
	const char *at = entry->bytes + 1;

	return string_at(&at);
}

struct berval sp_entry_next_value(struct sp_entry_values *values)
{
	values->count--;
	return string_at(&values->at);
}

struct sp_entry_attributes sp_entry_all(const struct sp_entry *entry)
{
	const char *at = entry->bytes + 1;

	string_at(&at);
	return (struct sp_entry_attributes){.at = at, .end = entry->bytes + entry->length};
}

bool sp_entry_next(
    struct sp_entry_attributes *attributes, struct berval *name_r, struct sp_entry_values *values_r)
{
	if (attributes->at == attributes->end)
		return false;
	const char *at = attributes->at + NUMBER_SIZE;
	attributes->at = at + number_at(attributes->at);
	*name_r = string_at(&at);
	*values_r = (struct sp_entry_values){.at = at + NUMBER_SIZE, .count = number_at(at)};
	return true;
}

bool sp_entry_find(const struct sp_entry *entry, const char *name, struct sp_entry_values *values_r)
{
	struct sp_entry_attributes attributes = sp_entry_all(entry);
	size_t length = strlen(name);
	struct berval found;

	while (sp_entry_next(&attributes, &found, values_r)) {
		if (found.bv_len == length && strncasecmp(found.bv_val, name, length) == 0)
			return true;
	}
	return false;
}

/* ---- making ---- */

/* Room for more bytes at the end; no copy of the old ones stays behind. */
static bool reserve(struct sp_entry_builder *builder, size_t more)
{
	size_t size = builder->size > 0 ? builder->size : FIRST_SIZE;

	if (builder->failed || more > UINT32_MAX - builder->length) {
		builder->failed = true;
		return false;
	}
	while (size < builder->length + more)
		size *= 2;
	if (size == builder->size)
		return true;
	char *bytes = malloc(size);
	if (bytes == NULL) {
		builder->failed = true;
		return false;
	}
	if (builder->bytes != NULL) {
		memcpy(bytes, builder->bytes, builder->length);
		explicit_bzero(builder->bytes, builder->length);
		free(builder->bytes);
	}
	builder->bytes = bytes;
	builder->size = size;
	return true;
}

static void add_number(struct sp_entry_builder *builder, size_t number)
{
	uint32_t written = (uint32_t)number;

	if (!reserve(builder, NUMBER_SIZE))
		return;
	memcpy(builder->bytes + builder->length, &written, NUMBER_SIZE);
	builder->length += NUMBER_SIZE;
}

static void add_string(struct sp_entry_builder *builder, const char *bytes, size_t length)
{
	add_number(builder, length);
	if (length == 0 || !reserve(builder, length))
		return;
	memcpy(builder->bytes + builder->length, bytes, length);
	builder->length += length;
}

/* Behind the name of the attribute under way. */
static char *count_of(const struct sp_entry_builder *builder)
{
	const char *at = builder->bytes + builder->attribute + NUMBER_SIZE;

	string_at(&at);
	return builder->bytes + (at - builder->bytes);
}

static void end_attribute(struct sp_entry_builder *builder)
{
	if (builder->attribute == 0 || builder->failed)
		return;
	/* one without a value is absent */
	if (number_at(count_of(builder)) == 0) {
		builder->length = builder->attribute;
	} else {
		uint32_t size = (uint32_t)(builder->length - builder->attribute - NUMBER_SIZE);
		memcpy(builder->bytes + builder->attribute, &size, NUMBER_SIZE);
	}
	builder->attribute = 0;
}

void sp_entry_begin(struct sp_entry_builder *builder, const char *dn)
{
	if (builder->length > 0)
		explicit_bzero(builder->bytes, builder->length);
	builder->length = builder->attribute = 0;
	builder->failed = false;
	if (reserve(builder, 1))
		builder->bytes[builder->length++] = SP_ENTRY_VERSION;
	add_string(builder, dn, strlen(dn));
}

void sp_entry_add_attribute(struct sp_entry_builder *builder, const char *name)
{
	end_attribute(builder);
	builder->attribute = builder->length;
	add_number(builder, 0);
	add_string(builder, name, strlen(name));
	add_number(builder, 0);
}

void sp_entry_add_value(struct sp_entry_builder *builder, const char *bytes, size_t length)
{
	add_string(builder, bytes, length);
	if (builder->failed)
		return;
	uint32_t count = (uint32_t)number_at(count_of(builder)) + 1;
	memcpy(count_of(builder), &count, NUMBER_SIZE);
}

bool sp_entry_end(struct sp_entry_builder *builder, struct sp_entry *entry_r)
{
	end_attribute(builder);
	if (builder->failed)
		return false;
	*entry_r = (struct sp_entry){.bytes = builder->bytes, .length = builder->length};
	return true;
}

void sp_entry_builder_clear(struct sp_entry_builder *builder)
{
	if (builder->bytes != NULL)
		explicit_bzero(builder->bytes, builder->length);
	free(builder->bytes);
	memset(builder, 0, sizeof(*builder));
}
