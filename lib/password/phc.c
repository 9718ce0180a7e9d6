/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/password/phc.h"

#include <inttypes.h>
#include <string.h>

#include "lib/base/base64.h"
#include "lib/base/number.h"
#include "lib/base/text.h"

static const char *const type_names[] = {
    [SP_ARGON2D] = "argon2d",
    [SP_ARGON2I] = "argon2i",
    [SP_ARGON2ID] = "argon2id",
};

/* What is left of the string that is being read. */
struct rest {
	const char *at;
	size_t length;
};

static bool skip(struct rest *rest, const char *literal)
{
	size_t length = strlen(literal);

	if (rest->length < length || memcmp(rest->at, literal, length) != 0)
		return false;
	rest->at += length;
	rest->length -= length;
	return true;
}

/* Takes bytes up to the next `end`, a string of one, which stays, or all. */
static struct rest take_until(struct rest *rest, const char *end)
{
	const char *found = memchr(rest->at, end[0], rest->length);
	struct rest taken = {rest->at, found != NULL ? (size_t)(found - rest->at) : rest->length};

	rest->at += taken.length;
	rest->length -= taken.length;
	return taken;
}

static bool take_type(struct rest *rest, enum sp_argon2_type *type_r)
{
	struct rest name = take_until(rest, "$");

	for (size_t i = 0; i < sizeof(type_names) / sizeof(type_names[0]); i++) {
		if (name.length == strlen(type_names[i]) &&
		    memcmp(name.at, type_names[i], name.length) == 0) {
			*type_r = (enum sp_argon2_type)i;
			return true;
		}
	}
	return false;
}

static bool take_version(struct rest *rest, uint32_t *version_r)
{
	uint64_t version = 0x10; /* strings older than v= */

	if (skip(rest, "v=")) {
		struct rest digits = take_until(rest, "$");
		if (!sp_parse_number_n(digits.at, digits.length, 0, UINT32_MAX, &version) ||
		    !skip(rest, "$"))
			return false;
	}
	*version_r = (uint32_t)version;
	return version == 0x10 || version == 0x13;
}

/* One of m, t, p: sets *why_r when it is no number, zero or over its cap. */
static bool take_parameter(struct rest *rest, const char *name, const char *end, uint32_t cap,
    uint32_t *value_r, const char *bad, const char *over, const char **why_r)
{
	uint64_t value = 0;

	*why_r = bad;
	if (!skip(rest, name))
		return false;
	struct rest digits = take_until(rest, end);
	if (!sp_parse_number_n(digits.at, digits.length, 1, UINT64_MAX, &value) || !skip(rest, end))
		return false;
	*why_r = over;
	*value_r = (uint32_t)value;
	return value <= cap;
}

static bool take_cost(struct rest *rest, const struct sp_argon2_cost *caps,
    struct sp_argon2_cost *cost_r, const char **why_r)
{
	if (!take_parameter(rest, "m=", ",", caps->memory_kib, &cost_r->memory_kib,
		"m is no number above 0", "m is over the cap", why_r) ||
	    !take_parameter(rest, "t=", ",", caps->passes, &cost_r->passes,
		"t is no number above 0", "t is over the cap", why_r) ||
	    !take_parameter(rest, "p=", "$", caps->lanes, &cost_r->lanes, "p is no number above 0",
		"p is over the cap", why_r))
		return false;
	*why_r = "m is less than 8 times p";
	return cost_r->memory_kib / 8 >= cost_r->lanes;
}

static bool take_bytes(
    struct rest *rest, size_t low, size_t high, uint8_t *bytes_r, size_t *length_r)
{
	struct rest text = take_until(rest, "$");

	return sp_base64_decode(
		   text.at, text.length, SP_BASE64_UNPADDED, bytes_r, high, length_r) &&
	       *length_r >= low;
}

static bool parse(
    struct rest rest, const struct sp_argon2_cost *caps, struct sp_phc *phc, const char **why_r)
{
	*why_r = "not a PHC string of argon2d, argon2i or argon2id";
	if (!skip(&rest, "$") || !take_type(&rest, &phc->type) || !skip(&rest, "$"))
		return false;
	*why_r = "v is neither 16 nor 19";
	if (!take_version(&rest, &phc->version))
		return false;
	if (!take_cost(&rest, caps, &phc->cost, why_r))
		return false;
	*why_r = "the salt is not base64 of 8 to 48 bytes";
	if (!take_bytes(&rest, SP_PHC_SALT_MIN, SP_PHC_SALT_MAX, phc->salt, &phc->salt_length) ||
	    !skip(&rest, "$"))
		return false;
	*why_r = "the tag is not base64 of 12 to 64 bytes";
	return take_bytes(&rest, SP_PHC_TAG_MIN, SP_PHC_TAG_MAX, phc->tag, &phc->tag_length) &&
	       rest.length == 0;
}

bool sp_phc_parse(const char *text, size_t length, const struct sp_argon2_cost *caps,
    struct sp_phc *phc_r, const char **why_r)
{
	struct rest rest = {text, length};

	sp_phc_wipe(phc_r);
	*why_r = "too long for a PHC string";
	if (length < SP_PHC_TEXT_MAX && parse(rest, caps, phc_r, why_r)) {
		*why_r = NULL;
		return true;
	}
	sp_phc_wipe(phc_r);
	return false;
}

bool sp_phc_print(const struct sp_phc *phc, char *text_r, size_t size)
{
	char salt[SP_BASE64_SIZE(SP_PHC_SALT_MAX)], tag[SP_BASE64_SIZE(SP_PHC_TAG_MAX)];
	struct sp_text out;

	sp_text_init(&out, text_r, size);
	bool ok =
	    sp_base64_encode(phc->salt, phc->salt_length, SP_BASE64_UNPADDED, salt, sizeof(salt)) &&
	    sp_base64_encode(phc->tag, phc->tag_length, SP_BASE64_UNPADDED, tag, sizeof(tag));
	if (ok)
		sp_text_addf(&out,
		    "$%s$v=%" PRIu32 "$m=%" PRIu32 ",t=%" PRIu32 ",p=%" PRIu32 "$%s$%s",
		    type_names[phc->type], phc->version, phc->cost.memory_kib, phc->cost.passes,
		    phc->cost.lanes, salt, tag);
	explicit_bzero(tag, sizeof(tag));
	return ok && !out.overflow;
}

void sp_phc_wipe(struct sp_phc *phc)
{
	explicit_bzero(phc, sizeof(*phc));
}
