/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>
#include <strings.h>

#include "lib/directory/filter_tree.h"
#include "lib/directory/ldap_filter.h"

/* ---- what the filter asks for ---- */

static unsigned digit(char byte)
{
	return byte <= '9' ? (unsigned)(byte - '0') : (unsigned)((byte | 0x20) - 'a' + 10);
}

bool sp_filter_value(const char *value, size_t length, const struct sp_filter_values *values,
    char bytes_r[SP_NORMAL_MAX], size_t *length_r)
{
	char template[SP_FILTER_MAX], expanded[SP_FILTER_MAX];
	size_t count = 0;

	*length_r = 0;
	if (length >= sizeof(template))
		return false;
	memcpy(template, value, length);
	template[length] = '\0';
	if (values->login != NULL ? !sp_filter_expand(template, values->login, expanded)
				  : !sp_filter_expand_at(template, values->now, expanded))
		return false;
	for (const char *at = expanded; *at != '\0'; at++) {
		bool escape = *at == '\\';
		unsigned byte = escape ? digit(at[1]) << 4 | digit(at[2]) : (unsigned char)*at;
		bytes_r[count++] = (char)byte;
		at += escape ? 2 : 0;
	}
	*length_r = count;
	return true;
}

/* One value that is asked for, in its normal form. */
struct asked {
	char bytes[SP_NORMAL_MAX];
	size_t length;
};

static enum sp_truth ask(const struct sp_filter *filter, const struct sp_filter_values *values,
    enum sp_part part, const char *text, size_t length, struct asked *asked)
{
	char bytes[SP_NORMAL_MAX];
	size_t count;

	if (!sp_filter_value(text, length, values, bytes, &count))
		return SP_TRUTH_ERROR;
	const struct berval value = {count, bytes};
	/* what is no value of the syntax compares with none */
	return sp_kind_normal(filter->kind, part, value, asked->bytes, &asked->length)
		   ? SP_TRUTH_TRUE
		   : SP_TRUTH_UNDEFINED;
}

/* ---- one value of the entry ---- */

/* Takes from *rest all up to the end of the first place that has the part. */
static bool skip_part(struct berval *rest, enum sp_part part, const struct asked *asked)
{
	if (asked->length > rest->bv_len)
		return false;
	char *at = rest->bv_val;
	if (part == SP_PART_FINAL)
		at += rest->bv_len - asked->length;
	if (part == SP_PART_MIDDLE)
		at = asked->length > 0 ? memmem(at, rest->bv_len, asked->bytes, asked->length) : at;
	if (at == NULL || memcmp(at, asked->bytes, asked->length) != 0)
		return false;
	rest->bv_len -= (size_t)(at - rest->bv_val) + asked->length;
	rest->bv_val = at + asked->length;
	return true;
}

static enum sp_truth match_substrings(
    const struct sp_filter *filter, const struct sp_filter_values *values, struct berval rest)
{
	enum sp_part part = SP_PART_INITIAL;
	struct asked asked;

	for (const char *at = filter->value;; part = SP_PART_MIDDLE) {
		size_t length = strcspn(at, "*");
		if (at[length] == '\0')
			part = SP_PART_FINAL;
		if (length > 0) {
			enum sp_truth truth = ask(filter, values, part, at, length, &asked);
			if (truth != SP_TRUTH_TRUE)
				return truth;
			if (!skip_part(&rest, part, &asked))
				return SP_TRUTH_FALSE;
		}
		if (part == SP_PART_FINAL)
			return SP_TRUTH_TRUE;
		at += length + 1;
	}
}

static enum sp_truth truth_of(bool is_true)
{
	return is_true ? SP_TRUTH_TRUE : SP_TRUTH_FALSE;
}

static enum sp_truth match_value(const struct sp_filter *filter, const struct asked *asked,
    const struct sp_filter_values *values, struct berval value)
{
	struct asked normal;

	if (!sp_kind_normal(filter->kind, SP_PART_WHOLE, value, normal.bytes, &normal.length))
		return value.bv_len > SP_NORMAL_MAX ? SP_TRUTH_ERROR : SP_TRUTH_UNDEFINED;
	const struct berval found = {normal.length, normal.bytes};
	const struct berval wanted = {asked->length, (char *)(uintptr_t)asked->bytes};
	switch (filter->op) {
	case SP_FILTER_EQUAL:
		return truth_of(found.bv_len == wanted.bv_len &&
				memcmp(found.bv_val, wanted.bv_val, wanted.bv_len) == 0);
	case SP_FILTER_AT_LEAST:
		return truth_of(sp_kind_order(filter->kind, found, wanted) >= 0);
	case SP_FILTER_AT_MOST:
		return truth_of(sp_kind_order(filter->kind, found, wanted) <= 0);
	case SP_FILTER_BELOW:
		return truth_of(sp_kind_order(filter->kind, found, wanted) < 0);
	case SP_FILTER_SUBSTRINGS:
		return match_substrings(filter, values, found);
	case SP_FILTER_AND:
	case SP_FILTER_OR:
	case SP_FILTER_NOT:
	case SP_FILTER_PRESENT:
		break;
	}
	return SP_TRUTH_ERROR;
}

/* ---- one item ---- */

/* With options or without (RFC 4512, section 2.5.2). Servers give an attribute its first
 * name, as it was asked for. */
static bool is_attribute(const struct sp_filter *filter, struct berval name)
{
	size_t length = strlen(filter->attribute);

	return name.bv_len >= length && strncasecmp(filter->attribute, name.bv_val, length) == 0 &&
	       (name.bv_len == length || name.bv_val[length] == ';');
}

static enum sp_truth any_of(enum sp_truth one, enum sp_truth other)
{
	if (one == SP_TRUTH_ERROR || other == SP_TRUTH_ERROR)
		return SP_TRUTH_ERROR;
	return one > other ? one : other;
}

static enum sp_truth match_item(const struct sp_filter *filter, const struct sp_entry *entry,
    const struct sp_filter_values *values)
{
	struct sp_entry_attributes all = sp_entry_all(entry);
	struct sp_entry_values found;
	struct berval name;
	struct asked asked;
	enum sp_truth truth = SP_TRUTH_TRUE;

	asked.length = 0;
	if (filter->op != SP_FILTER_PRESENT && filter->op != SP_FILTER_SUBSTRINGS)
		truth = ask(
		    filter, values, SP_PART_WHOLE, filter->value, strlen(filter->value), &asked);
	if (truth != SP_TRUTH_TRUE)
		return truth;
	truth = SP_TRUTH_FALSE;
	while (truth != SP_TRUTH_TRUE && sp_entry_next(&all, &name, &found)) {
		if (!is_attribute(filter, name))
			continue;
		if (filter->op == SP_FILTER_PRESENT)
			return SP_TRUTH_TRUE;
		while (truth != SP_TRUTH_TRUE && found.count > 0)
			truth = any_of(truth,
			    match_value(filter, &asked, values, sp_entry_next_value(&found)));
	}
	return truth;
}

/* ---- the tree ---- */

static enum sp_truth not_it(enum sp_truth truth)
{
	switch (truth) {
	case SP_TRUTH_FALSE:
		return SP_TRUTH_TRUE;
	case SP_TRUTH_TRUE:
		return SP_TRUTH_FALSE;
	case SP_TRUTH_UNDEFINED:
	case SP_TRUTH_ERROR:
		break;
	}
	return truth;
}

/* An OR; an AND is one of negations, negated. */
static enum sp_truth match_any(const struct sp_filter *operand, const struct sp_entry *entry,
    const struct sp_filter_values *values, bool negated)
{
	enum sp_truth truth = SP_TRUTH_FALSE;

	for (; operand != NULL && truth != SP_TRUTH_TRUE && truth != SP_TRUTH_ERROR;
	     operand = operand->next) {
		enum sp_truth one = sp_filter_match(operand, entry, values);
		truth = any_of(truth, negated ? not_it(one) : one);
	}
	return truth;
}

enum sp_truth sp_filter_match(const struct sp_filter *filter, const struct sp_entry *entry,
    const struct sp_filter_values *values)
{
	switch (filter->op) {
	case SP_FILTER_AND:
		return not_it(match_any(filter->first, entry, values, true));
	case SP_FILTER_OR:
		return match_any(filter->first, entry, values, false);
	case SP_FILTER_NOT:
		return not_it(sp_filter_match(filter->first, entry, values));
	case SP_FILTER_PRESENT:
	case SP_FILTER_EQUAL:
	case SP_FILTER_SUBSTRINGS:
	case SP_FILTER_AT_LEAST:
	case SP_FILTER_AT_MOST:
	case SP_FILTER_BELOW:
		break;
	}
	return match_item(filter, entry, values);
}
