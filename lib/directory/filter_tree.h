/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * filter_tree.h - a template of ldap_filter.h, taken apart to be judged without a server
 *
 * What might be judged otherwise than a server does is refused: items that are none of
 * =, >=, <=, * and a rule of order, attributes that attribute_kind.h does not know (but for "is it
 * there?"), and letters that are not of ASCII.
 */
#ifndef SP_DIRECTORY_FILTER_TREE_H
#define SP_DIRECTORY_FILTER_TREE_H

#include <stdbool.h>
#include <time.h>

#include "lib/conf/conf.h"
#include "lib/directory/attribute_kind.h"
#include "lib/directory/entry.h"
#include "sendpass/attributes.h"

enum sp_filter_op {
	SP_FILTER_AND,
	SP_FILTER_OR,
	SP_FILTER_NOT,
	SP_FILTER_PRESENT,
	SP_FILTER_EQUAL,
	SP_FILTER_SUBSTRINGS,
	SP_FILTER_AT_LEAST,
	SP_FILTER_AT_MOST,
	SP_FILTER_BELOW, /* (attribute:integerOrderingMatch:=value), or of times */
};

struct sp_filter {
	enum sp_filter_op op;
	struct sp_filter *first, *next; /* operands; and what stands beside it */
	char *attribute;                /* the first of its names */
	enum sp_kind kind;
	char *value; /* escapes and % as in the template */
};

/* Takes apart a template that sp_filter_template_check() or sp_filter_check_at() lets
 * pass. On false *filter_r is NULL and why_r says which part is to blame. */
SP_NODISCARD bool sp_filter_parse(
    const char *template, struct sp_filter **filter_r, char why_r[SP_CONF_WHY_MAX]);
void sp_filter_free(struct sp_filter **filter);

/* What stands in the place of % in values. */
struct sp_filter_values {
	const char *login; /* of %u; NULL: the template is one of times */
	time_t now;        /* of %d and %f */
};

/* The bytes that a value of the filter, or a part of one, asks for. */
SP_NODISCARD bool sp_filter_value(const char *value, size_t length,
    const struct sp_filter_values *values, char bytes_r[SP_NORMAL_MAX], size_t *length_r);

enum sp_truth {
	SP_TRUTH_ERROR = 0, /* a value is too long to be looked at */
	SP_TRUTH_FALSE,
	SP_TRUTH_UNDEFINED,
	SP_TRUTH_TRUE,
};

/* As RFC 4511, section 4.5.1.7, says. */
SP_NODISCARD enum sp_truth sp_filter_match(const struct sp_filter *filter,
    const struct sp_entry *entry, const struct sp_filter_values *values);

#define SP_FILTER_KEYS_MAX 8

/* Equalities with %u, of which every match needs at least one: with an index on these,
 * all that the filter can find is found without looking at every entry. */
struct sp_filter_keys {
	const struct sp_filter *items[SP_FILTER_KEYS_MAX];
	size_t count;
};

/* They live as long as the filter. False if it can find an entry without any, or has
 * too many. */
SP_NODISCARD bool sp_filter_keys(const struct sp_filter *filter, struct sp_filter_keys *keys_r);

#endif
