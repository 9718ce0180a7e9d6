/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/directory/ldap_mapping.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/base/clock.h"
#include "lib/base/network.h"
#include "lib/base/rate.h"
#include "lib/base/sender.h"

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
typedef enum taken take_values(void *field, struct berval *const *values, size_t count);
static take_values take_text, take_texts, take_networks, take_senders, take_rates, take_hash,
    take_time, take_switch;

static const struct row {
	const char *attribute;
	take_values *take;
	size_t offset;
	const char *why;
} rows[] = {
#define ROW(attribute, take, field, what)                                                          \
	{attribute, take, offsetof(struct sp_credential, field),                                   \
	    sizeof(what) > 1 ? attribute " is not " what : NULL},
    ROWS(ROW)
#undef ROW
};

char **sp_mapping_attributes(enum sp_hash_wanted hash)
{
#define NAME(attribute, take, field, what) attribute,
	static char *names[] = {ROWS(NAME) NULL};
#undef NAME

	return hash == SP_WITH_HASH ? names : names + 1;
}

static bool is_text(const struct berval *value)
{
	return memchr(value->bv_val, '\0', value->bv_len) == NULL;
}

static enum taken take_text(void *field, struct berval *const *values, size_t count)
{
	char **text = field;

	if (count != 1 || !is_text(values[0]))
		return NOT_UNDERSTOOD;
	*text = strndup(values[0]->bv_val, values[0]->bv_len);
	return *text != NULL ? TAKEN : NO_MEMORY;
}

static enum taken take_texts(void *field, struct berval *const *values, size_t count)
{
	char ***texts = field;

	*texts = calloc(count + 1, sizeof(**texts));
	if (*texts == NULL)
		return NO_MEMORY;
	for (size_t i = 0; i < count; i++) {
		if (!is_text(values[i]))
			return NOT_UNDERSTOOD;
		(*texts)[i] = strndup(values[i]->bv_val, values[i]->bv_len);
		if ((*texts)[i] == NULL)
			return NO_MEMORY;
	}
	return TAKEN;
}

static enum taken take_checked(
    void *field, struct berval *const *values, size_t count, bool (*is_valid)(const char *text))
{
	char ***texts = field;
	enum taken taken = take_texts(field, values, count);

	for (size_t i = 0; taken == TAKEN && i < count; i++) {
		if (!is_valid((*texts)[i]))
			taken = NOT_UNDERSTOOD;
	}
	return taken;
}

static bool is_network(const char *text)
{
	struct sp_network network;

	return sp_network_parse(text, &network);
}

static enum taken take_networks(void *field, struct berval *const *values, size_t count)
{
	return take_checked(field, values, count, is_network);
}

static enum taken take_senders(void *field, struct berval *const *values, size_t count)
{
	return take_checked(field, values, count, sp_sender_pattern_is_valid);
}

static bool is_rate(const char *text)
{
	struct sp_rate rate;

	return sp_rate_parse(text, &rate);
}

static enum taken take_rates(void *field, struct berval *const *values, size_t count)
{
	enum taken taken = take_checked(field, values, count, is_rate);

	return taken == TAKEN && count > SP_RATES_OF_ONE_MAX ? NOT_UNDERSTOOD : taken;
}

/* OpenLDAP's slapd-argon2 writes {ARGON2} before the PHC string and, as its
 * length counts it, a NUL after it. */
static enum taken take_hash(void *field, struct berval *const *values, size_t count)
{
	static const char scheme[] = "{ARGON2}";
	struct berval rest;
	struct berval *only = &rest;

	if (count != 1)
		return NOT_UNDERSTOOD;
	rest = *values[0];
	if (rest.bv_len > 0 && rest.bv_val[rest.bv_len - 1] == '\0')
		rest.bv_len--;
	if (rest.bv_len >= strlen(scheme) &&
	    strncasecmp(rest.bv_val, scheme, strlen(scheme)) == 0) {
		rest.bv_val += strlen(scheme);
		rest.bv_len -= strlen(scheme);
	}
	return take_text(field, &only, 1);
}

static enum taken take_time(void *field, struct berval *const *values, size_t count)
{
	time_t *time = field;
	char *text = NULL;
	enum taken taken = take_text(&text, values, count);

	/* One second before 1970 reads as absent, and absent is "never". */
	if (taken == TAKEN && (!sp_parse_generalized_time(text, time) || *time == SP_NO_TIME))
		taken = NOT_UNDERSTOOD;
	free(text);
	return taken;
}

static enum taken take_switch(void *field, struct berval *const *values, size_t count)
{
	bool *on = field;

	if (count != 1)
		return NOT_UNDERSTOOD;
	if (values[0]->bv_len == 4 && memcmp(values[0]->bv_val, "TRUE", 4) == 0)
		*on = true;
	else if (values[0]->bv_len == 5 && memcmp(values[0]->bv_val, "FALSE", 5) == 0)
		*on = false;
	else
		return NOT_UNDERSTOOD;
	return TAKEN;
}

struct sp_credential *sp_mapping_start(const char *dn)
{
	struct sp_credential *credential = calloc(1, sizeof(*credential));

	if (credential == NULL)
		return NULL;
	credential->created = credential->not_before = SP_NO_TIME;
	credential->expires = credential->revoked = credential->last_used = SP_NO_TIME;
	credential->dn = strdup(dn);
	if (credential->dn == NULL)
		sp_credential_free(&credential);
	return credential;
}

static void reject(struct sp_credential *credential, const char *why)
{
	if (credential->unusable == NULL)
		credential->unusable = why;
}

bool sp_mapping_take(struct sp_credential *credential, const char *attribute,
    struct berval *const *values, size_t count)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strcasecmp(rows[i].attribute, attribute) != 0)
			continue;
		switch (rows[i].take((char *)credential + rows[i].offset, values, count)) {
		case NO_MEMORY:
			return false;
		case NOT_UNDERSTOOD:
			reject(credential, rows[i].why);
			break;
		case TAKEN:
			break;
		}
	}
	return true;
}

void sp_mapping_finish(struct sp_credential *credential)
{
	if (credential->id == NULL || credential->id[0] == '\0')
		reject(credential, "sendpassId is missing");
	if (credential->owner == NULL || credential->owner[0] == '\0')
		reject(credential, "owner is missing");
}

static bool read_attribute(
    struct sp_credential *credential, LDAP *ld, LDAPMessage *entry, const char *attribute)
{
	struct berval **values = ldap_get_values_len(ld, entry, attribute);
	int count = ldap_count_values_len(values);
	bool ok = count == 0 || sp_mapping_take(credential, attribute, values, (size_t)count);

	/* a hash may be among them */
	for (int i = 0; i < count; i++)
		explicit_bzero(values[i]->bv_val, values[i]->bv_len);
	ldap_value_free_len(values);
	return ok;
}

struct sp_credential *sp_mapping_read(LDAP *ld, LDAPMessage *entry)
{
	char *dn = ldap_get_dn(ld, entry);
	struct sp_credential *credential = dn != NULL ? sp_mapping_start(dn) : NULL;
	bool ok = credential != NULL;

	ldap_memfree(dn);
	for (size_t i = 0; ok && i < sizeof(rows) / sizeof(rows[0]); i++)
		ok = read_attribute(credential, ld, entry, rows[i].attribute);
	if (ok)
		sp_mapping_finish(credential);
	else
		sp_credential_free(&credential);
	return credential;
}
