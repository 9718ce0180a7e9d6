/* SPDX-License-Identifier: BSD-2-Clause */
/* Values of well-known attributes: a normal form is its own, and the order is one. Input: a digit
 * for the kind, then VALUE LF VALUE. */
#include "fuzz/fuzz.h"
#include "lib/directory/attribute_kind.h"

struct value {
	char bytes[SP_NORMAL_MAX];
	size_t length;
};

static bool take(enum sp_kind kind, enum sp_part part, struct berval text, struct value *value_r)
{
	bool ok = sp_kind_normal(kind, part, text, value_r->bytes, &value_r->length);

	FUZZ_PROMISE(!ok || value_r->length <= SP_NORMAL_MAX);
	return ok;
}

static struct berval view(struct value *value)
{
	return (struct berval){value->length, value->bytes};
}

static bool is_same(const struct value *one, const struct value *other)
{
	return one->length == other->length && memcmp(one->bytes, other->bytes, one->length) == 0;
}

static void hold_own_form(enum sp_kind kind, struct value *value)
{
	static struct value again;

	/* a name's and a time's are read by nobody else */
	if (kind == SP_KIND_DN)
		return;
	if (kind == SP_KIND_TIME) {
		if (value->length == SP_NORMAL_MAX)
			return;
		value->bytes[value->length++] = 'Z';
		FUZZ_PROMISE(take(kind, SP_PART_WHOLE, view(value), &again));
		value->length--;
	} else {
		FUZZ_PROMISE(take(kind, SP_PART_WHOLE, view(value), &again));
	}
	FUZZ_PROMISE(is_same(&again, value));
}

/* No blank is at an end or beside another, but where there is nothing else. */
static void hold_blanks(const struct value *value)
{
	if (value->length == 0 || (value->length == 1 && value->bytes[0] == ' '))
		return;
	FUZZ_PROMISE(value->bytes[0] != ' ' && value->bytes[value->length - 1] != ' ');
	FUZZ_PROMISE(memmem(value->bytes, value->length, "  ", 2) == NULL);
}

static void hold_order(enum sp_kind kind, struct value *one, struct value *other)
{
	int order = sp_kind_order(kind, view(one), view(other));
	int back = sp_kind_order(kind, view(other), view(one));

	FUZZ_PROMISE((order < 0) == (back > 0) && (order > 0) == (back < 0));
	FUZZ_PROMISE((order == 0) == is_same(one, other));
	if (kind != SP_KIND_TIME && one->length < 18 && other->length < 18) {
		char text[2][20] = {"", ""};
		memcpy(text[0], one->bytes, one->length);
		memcpy(text[1], other->bytes, other->length);
		long first = strtol(text[0], NULL, 10), second = strtol(text[1], NULL, 10);
		FUZZ_PROMISE((order < 0) == (first < second) && (order > 0) == (first > second));
	}
}

/* A value is found by each of its ends, and by what is between them. */
static void hold_parts(enum sp_kind kind, struct berval text, const struct value *whole)
{
	static struct value part;
	size_t half = text.bv_len / 2;
	struct berval first = {half, text.bv_val};

	if (!take(kind, SP_PART_INITIAL, first, &part) || part.length > whole->length)
		return;
	if (part.length > 0 && part.bytes[part.length - 1] != ' ')
		FUZZ_PROMISE(memcmp(part.bytes, whole->bytes, part.length) == 0);
	FUZZ_PROMISE(take(kind, SP_PART_MIDDLE, first, &part) && part.length <= half);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct value one, other;

	if (size == 0 || data[0] < '0' || data[0] > '0' + SP_KIND_DN)
		return 0;
	enum sp_kind kind = (enum sp_kind)(data[0] - '0');
	char *text = (char *)(uintptr_t)(data + 1);
	const char *lf = memchr(text, '\n', size - 1);
	size_t length = lf != NULL ? (size_t)(lf - text) : size - 1;
	struct berval first = {length, text};
	struct berval second = {size - 1 - length, text + length};

	if (lf != NULL)
		second = (struct berval){second.bv_len - 1, second.bv_val + 1};
	bool has_one = take(kind, SP_PART_WHOLE, first, &one);
	bool has_other = take(kind, SP_PART_WHOLE, second, &other);
	if (has_one)
		hold_own_form(kind, &one);
	if (has_one && (kind == SP_KIND_IGNORE || kind == SP_KIND_EXACT)) {
		hold_blanks(&one);
		hold_parts(kind, first, &one);
	}
	if (has_one && has_other &&
	    (kind == SP_KIND_NUMBER || kind == SP_KIND_INTEGER || kind == SP_KIND_TIME))
		hold_order(kind, &one, &other);
	return 0;
}
