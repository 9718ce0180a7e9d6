/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/directory/ldap_senders.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/base/sender.h"
#include "lib/directory/ldap_ask.h"
#include "lib/directory/ldap_entry.h"
#include "lib/directory/ldap_filter.h"
#include "lib/directory/ldap_mapping.h"
#include "lib/directory/ldap_owner.h"

/* What the searches of one question share. */
struct senders {
	const struct sp_ldap_live *live;
	const char *address;
	int64_t deadline_ms;
	struct sp_sender_answer *answer;
	struct sp_ldap_failure *failure;
};

static enum sp_directory_status too_many(struct senders *senders, const char *what)
{
	snprintf(senders->failure->text, sizeof(senders->failure->text),
	    "more than %d %s bear on one sender", SP_SENDER_ENTRIES_MAX, what);
	senders->failure->code = LDAP_SIZELIMIT_EXCEEDED; /* no search need have said so */
	return SP_DIRECTORY_ERROR;
}

/* All entries below a base, or none: a list that is cut would be a wrong one. */
static enum sp_directory_status search_all(struct senders *senders, const char *base,
    const char *filter, char **attributes, const char *what, LDAPMessage **result_r)
{
	const struct sp_ldap_search search = {
	    base, LDAP_SCOPE_SUBTREE, filter, attributes, SP_SENDER_ENTRIES_MAX};
	enum sp_directory_status status = sp_ldap_search(
	    senders->live, &search, senders->deadline_ms, result_r, senders->failure);

	if (status == SP_DIRECTORY_OK && senders->failure->code == LDAP_SIZELIMIT_EXCEEDED)
		return too_many(senders, what);
	if (status == SP_DIRECTORY_OK && senders->failure->code == LDAP_NO_SUCH_OBJECT)
		return sp_ldap_missing_base(base, senders->failure);
	return status;
}

/* ---- owners ---- */

static enum sp_directory_status take_owner(struct senders *senders, LDAPMessage *entry)
{
	LDAP *ld = senders->live->connection->ld;
	char *dn = ldap_get_dn(ld, entry);
	struct sp_owner_entry *owner =
	    dn != NULL ? sp_sender_answer_add_owner(senders->answer, dn) : NULL;

	ldap_memfree(dn);
	if (owner == NULL)
		return SP_DIRECTORY_ERROR;
	return sp_ldap_owner_take(ld, entry, senders->live->site->owner_attributes.items, owner);
}

static enum sp_directory_status find_owners(struct senders *senders)
{
	const struct sp_ldap_site *site = senders->live->site;
	LDAP *ld = senders->live->connection->ld;
	char has_address[SP_FILTER_MAX], filter[SP_FILTER_MAX], active[SP_FILTER_MAX];
	struct sp_text text;
	LDAPMessage *result = NULL;

	sp_text_init(&text, has_address, sizeof(has_address));
	sp_filter_add_item(&text, site->owner_attributes.items[0], senders->address);
	if (text.overflow || !sp_filter_expand_at(site->owner_active_filter, time(NULL), active) ||
	    !sp_filter_and(has_address, active, filter))
		return SP_DIRECTORY_ERROR;
	enum sp_directory_status status = search_all(
	    senders, site->owner_base, filter, site->owner_attributes.items, "owners", &result);
	LDAPMessage *entry = status == SP_DIRECTORY_OK ? ldap_first_entry(ld, result) : NULL;
	for (; status == SP_DIRECTORY_OK && entry != NULL; entry = ldap_next_entry(ld, entry))
		status = take_owner(senders, entry);
	ldap_msgfree(result);
	return status;
}

/* The owner of a credential, unless it is known under that spelling. */
static enum sp_directory_status read_owner_of(
    struct senders *senders, const struct sp_credential *credential)
{
	const struct sp_ldap_site *site = senders->live->site;
	char filter[SP_FILTER_MAX];

	if (credential->unusable != NULL || /* it may have none */
	    sp_sender_answer_owner(senders->answer, credential->owner) != NULL)
		return SP_DIRECTORY_OK;
	struct sp_owner_entry *owner =
	    sp_sender_answer_add_owner(senders->answer, credential->owner);
	if (owner == NULL || !sp_filter_expand_at(site->owner_active_filter, time(NULL), filter))
		return SP_DIRECTORY_ERROR;
	const struct sp_ldap_search search = {
	    credential->owner, LDAP_SCOPE_BASE, filter, site->owner_attributes.items, 1};
	return sp_ldap_owner_read(
	    senders->live, &search, senders->deadline_ms, owner, senders->failure);
}

/* ---- credentials ---- */

static enum sp_directory_status take_credential(struct senders *senders, LDAPMessage *entry)
{
	struct sp_credential *credential;

	if (senders->answer->credentials.count == SP_SENDER_ENTRIES_MAX)
		return too_many(senders, "credentials");
	credential = sp_ldap_entry_credential(senders->live->connection->ld, entry);
	if (credential == NULL || !sp_sender_answer_add_credential(senders->answer, credential))
		return SP_DIRECTORY_ERROR;
	return SP_DIRECTORY_OK;
}

/* Adds those that match the items, which stand together in an AND. */
static enum sp_directory_status find_credentials(struct senders *senders, const char *items)
{
	LDAP *ld = senders->live->connection->ld;
	char filter[SP_FILTER_MAX];
	LDAPMessage *result = NULL;

	if (!sp_filter_and("(objectClass=" SP_CREDENTIAL_CLASS ")", items, filter))
		return SP_DIRECTORY_ERROR;
	enum sp_directory_status status = search_all(senders, senders->live->site->credential_base,
	    filter, sp_mapping_attributes(SP_WITHOUT_HASH), "credentials", &result);
	LDAPMessage *entry = status == SP_DIRECTORY_OK ? ldap_first_entry(ld, result) : NULL;
	for (; status == SP_DIRECTORY_OK && entry != NULL; entry = ldap_next_entry(ld, entry))
		status = take_credential(senders, entry);
	ldap_msgfree(result);
	return status;
}

static enum sp_directory_status find_covering(struct senders *senders)
{
	char items[SP_FILTER_MAX], pattern[SP_SENDER_PATTERN_MAX + 1];
	struct sp_text text;

	sp_text_init(&text, items, sizeof(items));
	sp_text_add(&text, "(|");
	for (size_t i = 0; sp_sender_covering(senders->address, i, pattern); i++)
		sp_filter_add_item(&text, "sendpassSender", pattern);
	sp_text_add(&text, ")");
	return text.overflow ? SP_DIRECTORY_ERROR : find_credentials(senders, items);
}

static enum sp_directory_status find_with_logins(struct senders *senders, const char *owner)
{
	char items[SP_FILTER_MAX];
	struct sp_text text;

	sp_text_init(&text, items, sizeof(items));
	sp_filter_add_item(&text, "owner", owner);
	sp_text_add(&text, "(sendpassLogin=*)(!(sendpassSender=*))");
	return text.overflow ? SP_DIRECTORY_ERROR : find_credentials(senders, items);
}

/* ---- the whole ---- */

static enum sp_directory_status find_senders_on(const struct sp_ldap_live *live, void *question,
    int64_t deadline_ms, struct sp_ldap_failure *failure)
{
	struct senders *senders = question;
	struct sp_sender_answer *answer = senders->answer;

	memset(failure, 0, sizeof(*failure)); /* there is none if no search is sent */
	sp_sender_answer_clear(answer);
	senders->live = live;
	senders->deadline_ms = deadline_ms;
	senders->failure = failure;
	enum sp_directory_status status = find_owners(senders);
	size_t having_it = answer->owner_count;
	if (status == SP_DIRECTORY_OK)
		status = find_covering(senders);
	for (size_t i = 0; status == SP_DIRECTORY_OK && i < having_it; i++)
		status = find_with_logins(senders, answer->owners[i].dn);
	for (size_t i = 0; status == SP_DIRECTORY_OK && i < answer->credentials.count; i++)
		status = read_owner_of(senders, answer->credentials.items[i]);
	return status;
}

enum sp_directory_status sp_ldap_find_senders(
    struct sp_directory *directory, const char *address, struct sp_sender_answer *answer_r)
{
	struct sp_ldap_live *live = (struct sp_ldap_live *)directory;
	struct senders senders = {.address = address, .answer = answer_r};

	/* every owner would have every address, or none */
	if (strcmp(live->site->owner_attributes.items[0], LDAP_NO_ATTRS) == 0)
		return SP_DIRECTORY_ERROR;
	enum sp_directory_status status = sp_ldap_ask(live, find_senders_on, &senders);
	if (status != SP_DIRECTORY_OK)
		sp_sender_answer_clear(answer_r);
	return status;
}
