/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/directory/filter_tree.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/directory/ldap_filter.h"

#define DEPTH_MAX 16

struct reader {
	const char *at;
	char *why;
};

static bool refuse(struct reader *reader, const char *format, ...) SP_PRINTF(2, 3);

static bool refuse(struct reader *reader, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(reader->why, SP_CONF_WHY_MAX, format, arguments);
	va_end(arguments);
	return false;
}

/* ---- one item ---- */

static bool is_hex(char byte)
{
	return byte != '\0' && strchr("0123456789abcdefABCDEF", byte) != NULL;
}

/* The end of a value whose escapes are two hexadecimal digits and whose letters are of
 * ASCII, or NULL. */
static const char *end_of_value(const char *at)
{
	for (; *at != '\0' && *at != ')'; at++) {
		bool escape = *at == '\\';
		if (escape && (!is_hex(at[1]) || !is_hex(at[2])))
			return NULL;
		if ((unsigned char)*at >= 0x80 || (escape && at[1] >= '8'))
			return NULL;
	}
	return at;
}

static bool is_compared(enum sp_filter_op op, enum sp_kind kind)
{
	if (op == SP_FILTER_BELOW)
		return kind == SP_KIND_NUMBER || kind == SP_KIND_INTEGER || kind == SP_KIND_TIME;
	if (op == SP_FILTER_AT_LEAST || op == SP_FILTER_AT_MOST)
		return kind == SP_KIND_INTEGER || kind == SP_KIND_TIME;
	return op == SP_FILTER_EQUAL || kind == SP_KIND_IGNORE || kind == SP_KIND_EXACT;
}

static bool name_item(
    struct reader *reader, struct sp_filter *item, const char *name, size_t length)
{
	const char *first = name;
	bool known = sp_kind_of(name, length, &item->kind, &first);

	item->attribute = known ? strdup(first) : strndup(name, length);
	if (item->attribute == NULL)
		return refuse(reader, "no memory");
	if (item->op == SP_FILTER_PRESENT)
		return true;
	if (!known)
		return refuse(reader, "how %.100s is compared is not known here", item->attribute);
	return is_compared(item->op, item->kind) ||
	       refuse(reader, "%.100s is not compared in this way here", item->attribute);
}

/* What stands before the = beside the attribute, and what it makes of the item. */
static const struct {
	const char *text;
	enum sp_filter_op op;
} signs[] = {
    {">", SP_FILTER_AT_LEAST},
    {"<", SP_FILTER_AT_MOST},
    {":integerOrderingMatch:", SP_FILTER_BELOW},
    {":generalizedTimeOrderingMatch:", SP_FILTER_BELOW},
};

/* By the end of its left side, which is then cut off from *length. */
static enum sp_filter_op op_of(
    const char *name, size_t *length, const char *value, size_t value_length)
{
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		size_t sign = strlen(signs[i].text);
		if (*length > sign &&
		    strncasecmp(name + *length - sign, signs[i].text, sign) == 0) {
			*length -= sign;
			return signs[i].op;
		}
	}
	if (value_length == 1 && *value == '*')
		return SP_FILTER_PRESENT;
	return memchr(value, '*', value_length) != NULL ? SP_FILTER_SUBSTRINGS : SP_FILTER_EQUAL;
}

static bool read_item(struct reader *reader, struct sp_filter *item)
{
	const char *name = reader->at;
	size_t length = strcspn(name, "=()");

	if (name[length] != '=' || length == 0)
		return refuse(reader, "no item at %.60s", name);
	const char *value = name + length + 1, *end = end_of_value(value);
	if (end == NULL || *end != ')')
		return refuse(reader,
		    "the value of %.60s has letters not of ASCII, or no proper escapes", name);
	item->op = op_of(name, &length, value, (size_t)(end - value));
	if (strcspn(name, ":~; ") < length)
		return refuse(
		    reader, "an item of that kind can be judged by a server alone: %.60s", name);
	item->value = strndup(value, (size_t)(end - value));
	if (item->value == NULL)
		return refuse(reader, "no memory");
	reader->at = end;
	return name_item(reader, item, name, length);
}

/* ---- the tree ---- */

static bool read_filter(struct reader *reader, unsigned depth, struct sp_filter **filter_r);

static bool read_operands(struct reader *reader, unsigned depth, struct sp_filter *filter)
{
	struct sp_filter **next = &filter->first;

	reader->at++;
	while (*reader->at == '(') {
		if (!read_filter(reader, depth + 1, next))
			return false;
		next = &(*next)->next;
	}
	if (filter->op == SP_FILTER_NOT && (filter->first == NULL || filter->first->next != NULL))
		return refuse(reader, "(!...) holds one filter");
	return true;
}

/* The filter is in *filter_r even on false, to be freed with what is above it. */
static bool read_filter(struct reader *reader, unsigned depth, struct sp_filter **filter_r)
{
	struct sp_filter *filter = calloc(1, sizeof(*filter));
	bool ok;

	*filter_r = filter;
	if (filter == NULL)
		return refuse(reader, "no memory");
	if (depth == DEPTH_MAX)
		return refuse(reader, "it is over %d filters deep", DEPTH_MAX);
	switch (*++reader->at) {
	case '&':
		filter->op = SP_FILTER_AND;
		ok = read_operands(reader, depth, filter);
		break;
	case '|':
		filter->op = SP_FILTER_OR;
		ok = read_operands(reader, depth, filter);
		break;
	case '!':
		filter->op = SP_FILTER_NOT;
		ok = read_operands(reader, depth, filter);
		break;
	default:
		ok = read_item(reader, filter);
		break;
	}
	if (ok && *reader->at++ != ')')
		return refuse(reader, "no ) before %.60s", reader->at - 1);
	return ok;
}

bool sp_filter_parse(const char *template, struct sp_filter **filter_r, char why_r[SP_CONF_WHY_MAX])
{
	struct reader reader = {.at = template, .why = why_r};
	bool ok = *template == '('
		      ? read_filter(&reader, 0, filter_r)
		      : (*filter_r = NULL, refuse(&reader, "it does not begin with ("));

	if (ok && *reader.at != '\0')
		ok = refuse(&reader, "there is more behind the filter");
	if (!ok)
		sp_filter_free(filter_r);
	return ok;
}

void sp_filter_free(struct sp_filter **filter)
{
	if (filter == NULL || *filter == NULL)
		return;
	struct sp_filter *freed = *filter;
	*filter = NULL;
	sp_filter_free(&freed->first);
	sp_filter_free(&freed->next);
	free(freed->attribute);
	free(freed->value);
	free(freed);
}

/* ---- keys ---- */

static bool add_keys(const struct sp_filter *filter, struct sp_filter_keys *keys);

/* All of one operand's are enough. */
static bool add_keys_of_any(const struct sp_filter *operand, struct sp_filter_keys *keys)
{
	for (; operand != NULL; operand = operand->next) {
		struct sp_filter_keys longer = *keys;
		if (add_keys(operand, &longer)) {
			*keys = longer;
			return true;
		}
	}
	return false;
}

static bool add_keys(const struct sp_filter *filter, struct sp_filter_keys *keys)
{
	const struct sp_filter *operand = filter->first;

	switch (filter->op) {
	case SP_FILTER_EQUAL:
		if (strstr(filter->value, "%u") == NULL || filter->kind != SP_KIND_IGNORE ||
		    keys->count == SP_FILTER_KEYS_MAX)
			return false;
		keys->items[keys->count++] = filter;
		return true;
	case SP_FILTER_AND:
		return add_keys_of_any(operand, keys);
	case SP_FILTER_OR:
		while (operand != NULL && add_keys(operand, keys))
			operand = operand->next;
		return operand == NULL;
	case SP_FILTER_NOT:
	case SP_FILTER_PRESENT:
	case SP_FILTER_SUBSTRINGS:
	case SP_FILTER_AT_LEAST:
	case SP_FILTER_AT_MOST:
	case SP_FILTER_BELOW:
		break;
	}
	return false;
}

bool sp_filter_keys(const struct sp_filter *filter, struct sp_filter_keys *keys_r)
{
	keys_r->count = 0;
	return add_keys(filter, keys_r);
}
