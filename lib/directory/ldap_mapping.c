/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/directory/ldap_mapping.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/base/clock.h"
#include "lib/base/network.h"
#include "lib/base/rate.h"
#include "lib/base/sender.h"

#define CLASS_ATTRIBUTE "objectClass"

/* X(attribute, how to take it, field, what it must be). The hash comes first, so
 * that the list can be had without it. Where nothing is said of what it must be, it
 * decides nothing, and is absent when it is not understood. */
#define ROWS(X)                                                                                    \
	X("sendpassHash", take_hash, hash, "one text")                                             \
	X("sendpassId", take_text, id, "one text")                                                 \
	X("owner", take_text, owner, "one name")                                                   \
	X("sendpassLabel", take_text, label, "one text")                                           \
	X("sendpassLogin", take_texts, logins, "text")                                             \
	X("sendpassService", take_texts, services, "text")                                         \
	X("sendpassNetwork", take_networks, networks, "a list of networks")                        \
	X("sendpassRequireTLS", take_switch, tls_required, "TRUE or FALSE")                        \
	X("sendpassSender", take_senders, senders, "a list of sender patterns")                    \
	X("sendpassRate", take_rates, rates, "a list of rates, 8 at most")                         \
	X("createTimestamp", take_time, created, "one time")                                       \
	X("sendpassNotBefore", take_time, not_before, "one time")                                  \
	X("sendpassExpires", take_time, expires, "one time")                                       \
	X("sendpassRevoked", take_time, revoked, "one time")                                       \
	X("sendpassRevokedReason", take_text, revoked_reason, "one text")                          \
	X("sendpassSuspended", take_switch, suspended, "TRUE or FALSE")                            \
	X("sendpassImported", take_switch, imported, "TRUE or FALSE")                              \
	X("sendpassReplaces", take_text, replaces, "")                                             \
	X("sendpassLastUsed", take_time, last_used, "")                                            \
	X("sendpassLastAddress", take_text, last_address, "")                                      \
	X("sendpassLastService", take_text, last_service, "")

enum taken { TAKEN, NOT_UNDERSTOOD, NO_MEMORY };

/* Fills the field, which is absent so far. */
typedef enum taken take_values(void *field, struct sp_entry_values values);
static take_values take_text, take_texts, take_networks, take_senders, take_rates, take_hash,
    take_time, take_switch;

static const struct row {
	const char *attribute;
	size_t length; /* of its name */
	take_values *take;
	size_t offset;
	const char *why;
} rows[] = {
#define ROW(attribute, take, field, what)                                                          \
	{attribute, sizeof(attribute) - 1, take, offsetof(struct sp_credential, field),            \
	    sizeof(what) > 1 ? attribute " is not " what : NULL},
    ROWS(ROW)
#undef ROW
};

#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))
_Static_assert(ROW_COUNT <= 32, "take_attribute() has a bit for each");

char **sp_mapping_attributes(enum sp_mapping_wanted wanted)
{
#define NAME(attribute, take, field, what) attribute,
	static char *names[] = {CLASS_ATTRIBUTE, ROWS(NAME) NULL};
#undef NAME

	return names + (SP_WITH_CLASS - wanted);
}

enum sp_class_shown sp_mapping_class(const struct sp_entry *entry)
{
	static const char name[] = SP_CREDENTIAL_CLASS;
	struct sp_entry_values values;

	if (!sp_entry_find(entry, CLASS_ATTRIBUTE, &values))
		return SP_CLASS_HIDDEN;
	while (values.count > 0) {
		struct berval value = sp_entry_next_value(&values);
		if (value.bv_len == strlen(name) &&
		    strncasecmp(value.bv_val, name, strlen(name)) == 0)
			return SP_CLASS_CREDENTIAL;
	}
	return SP_CLASS_OTHER;
}

static bool is_text(struct berval value)
{
	return memchr(value.bv_val, '\0', value.bv_len) == NULL;
}

static enum taken copy_text(char **text, struct berval value)
{
	if (!is_text(value))
		return NOT_UNDERSTOOD;
	*text = strndup(value.bv_val, value.bv_len);
	return *text != NULL ? TAKEN : NO_MEMORY;
}

static enum taken take_text(void *field, struct sp_entry_values values)
{
	return values.count == 1 ? copy_text(field, sp_entry_next_value(&values)) : NOT_UNDERSTOOD;
}

static enum taken take_texts(void *field, struct sp_entry_values values)
{
	char ***texts = field;
	enum taken taken = TAKEN;

	*texts = calloc(values.count + 1, sizeof(**texts));
	if (*texts == NULL)
		return NO_MEMORY;
	for (char **text = *texts; taken == TAKEN && values.count > 0; text++)
		taken = copy_text(text, sp_entry_next_value(&values));
	return taken;
}

static enum taken take_checked(
    void *field, struct sp_entry_values values, bool (*is_valid)(const char *text))
{
	enum taken taken = take_texts(field, values);

	for (char **text = *(char ***)field; taken == TAKEN && *text != NULL; text++) {
		if (!is_valid(*text))
			taken = NOT_UNDERSTOOD;
	}
	return taken;
}

static bool is_network(const char *text)
{
	struct sp_network network;

	return sp_network_parse(text, &network);
}

static enum taken take_networks(void *field, struct sp_entry_values values)
{
	return take_checked(field, values, is_network);
}

static enum taken take_senders(void *field, struct sp_entry_values values)
{
	return take_checked(field, values, sp_sender_pattern_is_valid);
}

static bool is_rate(const char *text)
{
	struct sp_rate rate;

	return sp_rate_parse(text, &rate);
}

static enum taken take_rates(void *field, struct sp_entry_values values)
{
	enum taken taken = take_checked(field, values, is_rate);

	return taken == TAKEN && values.count > SP_RATES_OF_ONE_MAX ? NOT_UNDERSTOOD : taken;
}

/* OpenLDAP's slapd-argon2 writes {ARGON2} before the PHC string and, as its
 * length counts it, a NUL after it. */
static enum taken take_hash(void *field, struct sp_entry_values values)
{
	static const char scheme[] = "{ARGON2}";

	if (values.count != 1)
		return NOT_UNDERSTOOD;
	struct berval hash = sp_entry_next_value(&values);
	if (hash.bv_len > 0 && hash.bv_val[hash.bv_len - 1] == '\0')
		hash.bv_len--;
	if (hash.bv_len >= strlen(scheme) &&
	    strncasecmp(hash.bv_val, scheme, strlen(scheme)) == 0) {
		hash.bv_val += strlen(scheme);
		hash.bv_len -= strlen(scheme);
	}
	return copy_text(field, hash);
}

static enum taken take_time(void *field, struct sp_entry_values values)
{
	time_t *time = field;
	char *text = NULL;
	enum taken taken = take_text(&text, values);

	/* One second before 1970 reads as absent, and absent is "never". */
	if (taken == TAKEN && (!sp_parse_generalized_time(text, time) || *time == SP_NO_TIME))
		taken = NOT_UNDERSTOOD;
	free(text);
	return taken;
}

static enum taken take_switch(void *field, struct sp_entry_values values)
{
	bool *on = field;

	if (values.count != 1)
		return NOT_UNDERSTOOD;
	struct berval value = sp_entry_next_value(&values);
	if (value.bv_len == 4 && memcmp(value.bv_val, "TRUE", 4) == 0)
		*on = true;
	else if (value.bv_len == 5 && memcmp(value.bv_val, "FALSE", 5) == 0)
		*on = false;
	else
		return NOT_UNDERSTOOD;
	return TAKEN;
}

/* ---- a credential ---- */

static struct sp_credential *start(struct berval dn)
{
	struct sp_credential *credential = calloc(1, sizeof(*credential));

	if (credential == NULL)
		return NULL;
	credential->created = credential->not_before = SP_NO_TIME;
	credential->expires = credential->revoked = credential->last_used = SP_NO_TIME;
	credential->dn = strndup(dn.bv_val, dn.bv_len);
	if (credential->dn == NULL)
		sp_credential_free(&credential);
	return credential;
}

static void reject(struct sp_credential *credential, const char *why)
{
	if (credential->unusable == NULL)
		credential->unusable = why;
}

/* The index of the attribute's row, or ROW_COUNT. */
static size_t row_of(struct berval attribute)
{
	size_t i = 0;

	while (i < ROW_COUNT &&
	       (rows[i].length != attribute.bv_len ||
		   strncasecmp(rows[i].attribute, attribute.bv_val, attribute.bv_len) != 0))
		i++;
	return i;
}

/* False only when there is no memory. `taken` has a bit for each row: one attribute
 * has one set of values (RFC 4512, section 2.2). */
static bool take_attribute(struct sp_credential *credential, struct berval name,
    struct sp_entry_values values, uint32_t *taken)
{
	size_t index = row_of(name);

	if (index == ROW_COUNT)
		return true;
	const struct row *row = &rows[index];
	if ((*taken & (UINT32_C(1) << index)) != 0) {
		reject(credential, "an attribute is there twice");
		return true;
	}
	*taken |= UINT32_C(1) << index;
	switch (row->take((char *)credential + row->offset, values)) {
	case NO_MEMORY:
		return false;
	case NOT_UNDERSTOOD:
		reject(credential, row->why);
		break;
	case TAKEN:
		break;
	}
	return true;
}

static void finish(struct sp_credential *credential)
{
	if (credential->id == NULL || credential->id[0] == '\0')
		reject(credential, "sendpassId is missing");
	if (credential->owner == NULL || credential->owner[0] == '\0')
		reject(credential, "owner is missing");
}

struct sp_credential *sp_mapping_credential(const struct sp_entry *entry)
{
	struct sp_credential *credential = start(sp_entry_dn(entry));
	struct sp_entry_attributes attributes = sp_entry_all(entry);
	struct sp_entry_values values;
	struct berval name;
	uint32_t taken = 0;
	bool ok = credential != NULL;

	while (ok && sp_entry_next(&attributes, &name, &values))
		ok = take_attribute(credential, name, values, &taken);
	if (ok)
		finish(credential);
	else
		sp_credential_free(&credential);
	return credential;
}

/* ---- an owner ---- */

/* Adds the attribute's values to the list, which may be NULL before. */
static bool add_values(const struct sp_entry *entry, const char *attribute, char ***list)
{
	struct sp_entry_values values = {0};
	size_t length = 0;

	if (!sp_entry_find(entry, attribute, &values))
		values.count = 0;
	while (*list != NULL && (*list)[length] != NULL)
		length++;
	char **longer = reallocarray(*list, length + values.count + 1, sizeof(*longer));
	if (longer == NULL)
		return false;
	memset(longer + length, 0, (values.count + 1) * sizeof(*longer));
	*list = longer;
	while (values.count > 0) {
		switch (copy_text(&longer[length], sp_entry_next_value(&values))) {
		case TAKEN:
			length++;
			break;
		case NOT_UNDERSTOOD:
			break;
		case NO_MEMORY:
			return false;
		}
	}
	return true;
}

bool sp_mapping_owner(
    const struct sp_entry *entry, char *const *attributes, struct sp_owner_entry *owner_r)
{
	bool ok = add_values(entry, attributes[0], &owner_r->addresses);

	for (size_t i = 1; ok && attributes[i] != NULL; i++)
		ok = add_values(entry, attributes[i], &owner_r->logins);
	owner_r->active = ok;
	return ok;
}
