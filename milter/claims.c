/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/claims.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "milter/header_senders.h"

static const char *const names[SP_CLAIMED_COUNT] = {
    [SP_CLAIMED_FROM] = "From",
    [SP_CLAIMED_SENDER] = "Sender",
};

const char *sp_claim_name(enum sp_claimed claimed)
{
	return names[claimed];
}

/* Mail clients take "From :" for "From:" (RFC 5322, section 4.5.8). */
static bool is_named(const char *name, const char *wanted)
{
	size_t length = strlen(wanted);

	return length > 0 && strncasecmp(name, wanted, length) == 0 &&
	       name[length + strspn(name + length, " \t")] == '\0';
}

static bool take_value(struct sp_claim *claim, const char *value)
{
	if (claim->count++ > 0)
		return true;
	claim->too_long = strnlen(value, SP_HEADER_VALUE_MAX + 1) > SP_HEADER_VALUE_MAX;
	if (claim->too_long)
		return true;
	claim->value = strdup(value);
	return claim->value != NULL;
}

bool sp_claims_take(
    struct sp_claims *claims, const char *id_header, const char *name, const char *value)
{
	if (is_named(name, id_header))
		claims->id_headers++;
	for (size_t i = 0; i < SP_CLAIMED_COUNT; i++) {
		if (is_named(name, names[i]))
			return take_value(&claims->claims[i], value);
	}
	return true;
}

const char *sp_claim_fault(const struct sp_claims *claims, enum sp_claimed claimed)
{
	const struct sp_claim *claim = &claims->claims[claimed];

	if (claim->count == 0)
		return claimed == SP_CLAIMED_FROM ? "is missing" : NULL;
	if (claim->count > 1)
		return "is there more than once";
	return claim->too_long ? "is too long" : NULL;
}

void sp_claims_clear(struct sp_claims *claims)
{
	for (size_t i = 0; i < SP_CLAIMED_COUNT; i++)
		free(claims->claims[i].value);
	*claims = (struct sp_claims){0};
}
