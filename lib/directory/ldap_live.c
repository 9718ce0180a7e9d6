/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/directory/ldap_ask.h"
#include "lib/directory/ldap_entry.h"
#include "lib/directory/ldap_filter.h"
#include "lib/directory/ldap_imported.h"
#include "lib/directory/ldap_mapping.h"
#include "lib/directory/ldap_owner.h"
#include "lib/directory/ldap_senders.h"
#include "lib/directory/live.h"

/* ---- find: credential and owner in one round trip ---- */

struct find {
	struct sp_ldap_search credential;
	struct sp_ldap_search owner;
	struct sp_directory_answer *answer;
};

static enum sp_directory_status take_credential(
    LDAP *ld, LDAPMessage *result, int code, struct sp_directory_answer *answer)
{
	LDAPMessage *entry = ldap_first_entry(ld, result);
	struct sp_credential *credential;

	if (entry == NULL && code == LDAP_SUCCESS)
		return SP_DIRECTORY_OK;
	credential = entry != NULL ? sp_ldap_entry_credential(ld, entry) : NULL;
	if (credential == NULL)
		return SP_DIRECTORY_ERROR;
	return sp_directory_answer_take(answer, credential,
	    code != LDAP_SIZELIMIT_EXCEEDED && ldap_count_entries(ld, result) == 1);
}

typedef enum sp_directory_status take_result(
    LDAP *ld, LDAPMessage *result, int code, struct sp_directory_answer *answer);

static enum sp_directory_status receive(struct sp_ldap_connection *connection, int msgid,
    const struct sp_ldap_search *search, take_result *take, int64_t deadline_ms,
    struct sp_directory_answer *answer, struct sp_ldap_failure *failure)
{
	LDAPMessage *result = NULL;
	enum sp_directory_status status =
	    sp_ldap_wait(connection, "search", msgid, deadline_ms, &result, failure);

	if (status == SP_DIRECTORY_OK && failure->code == LDAP_NO_SUCH_OBJECT)
		status = sp_ldap_missing_base(search->base, failure);
	else if (status == SP_DIRECTORY_OK)
		status = take(connection->ld, result, failure->code, answer);
	ldap_msgfree(result);
	return status;
}

static enum sp_directory_status find_on(const struct sp_ldap_live *live, void *question,
    int64_t deadline_ms, struct sp_ldap_failure *failure)
{
	struct find *find = question;
	struct sp_ldap_failure owner_failure;
	enum sp_directory_status status, owner_status;
	int credential_id, owner_id;

	sp_directory_answer_clear(find->answer);
	status =
	    sp_ldap_send(live->connection, &find->credential, deadline_ms, &credential_id, failure);
	if (status != SP_DIRECTORY_OK)
		return status;
	status = sp_ldap_send(live->connection, &find->owner, deadline_ms, &owner_id, failure);
	if (status != SP_DIRECTORY_OK)
		return status;
	status = receive(live->connection, credential_id, &find->credential, take_credential,
	    deadline_ms, find->answer, failure);
	if (failure->of_server || failure->code < 0)
		return status;
	/* taken off the connection in any case, so that it stays clean */
	owner_status = receive(live->connection, owner_id, &find->owner, sp_ldap_owner_name,
	    deadline_ms, find->answer, &owner_failure);
	if (status == SP_DIRECTORY_OK || owner_failure.of_server || owner_failure.code < 0) {
		*failure = owner_failure;
		return owner_status;
	}
	return status;
}

static enum sp_directory_status live_find(struct sp_directory *directory, const char *id,
    const char *login, struct sp_directory_answer *answer_r)
{
	struct sp_ldap_live *live = (struct sp_ldap_live *)directory;
	const struct sp_ldap_site *site = live->site;
	char *no_attributes[] = {LDAP_NO_ATTRS, NULL};
	char credential[SP_FILTER_MAX], owner[SP_FILTER_MAX];
	struct find find = {
	    .credential = {site->credential_base, LDAP_SCOPE_SUBTREE, credential,
		sp_mapping_attributes(SP_WITH_HASH), 2},
	    .owner = {site->owner_base, LDAP_SCOPE_SUBTREE, owner, no_attributes, 2},
	    .answer = answer_r,
	};
	enum sp_directory_status status;

	if (!sp_filter_expand(
		"(&(objectClass=" SP_CREDENTIAL_CLASS ")(sendpassId=%u))", id, credential) ||
	    !sp_ldap_active_owner_filter(site, login, owner))
		return SP_DIRECTORY_ERROR;
	status = sp_ldap_ask(live, find_on, &find);
	if (status != SP_DIRECTORY_OK)
		sp_directory_answer_clear(answer_r);
	return status;
}

/* ---- ask_owner: one base search ---- */

struct relation {
	struct sp_ldap_search search;
	bool *yes;
};

static enum sp_directory_status ask_owner_on(const struct sp_ldap_live *live, void *question,
    int64_t deadline_ms, struct sp_ldap_failure *failure)
{
	struct relation *relation = question;
	LDAPMessage *result;
	enum sp_directory_status status =
	    sp_ldap_search(live, &relation->search, deadline_ms, &result, failure);

	*relation->yes = false;
	if (status == SP_DIRECTORY_OK && failure->code == LDAP_SUCCESS)
		*relation->yes = ldap_count_entries(live->connection->ld, result) == 1;
	ldap_msgfree(result);
	return status;
}

static bool relation_filter(const struct sp_ldap_site *site, enum sp_owner_question question,
    const char *login, char filter_r[SP_FILTER_MAX])
{
	switch (question) {
	case SP_OWNER_IS_ACTIVE:
		return sp_filter_expand_at(site->owner_active_filter, time(NULL), filter_r);
	case SP_OWNER_HAS_LOGIN:
		return sp_filter_expand(site->owner_filter, login, filter_r);
	case SP_OWNER_HAS_LOGIN_ACTIVE:
		return sp_ldap_active_owner_filter(site, login, filter_r);
	}
	return false;
}

static enum sp_directory_status live_ask_owner(struct sp_directory *directory, const char *dn,
    enum sp_owner_question question, const char *login, bool *yes_r)
{
	struct sp_ldap_live *live = (struct sp_ldap_live *)directory;
	char *no_attributes[] = {LDAP_NO_ATTRS, NULL};
	char filter[SP_FILTER_MAX];
	struct relation relation = {
	    .search = {dn, LDAP_SCOPE_BASE, filter, no_attributes, 1},
	    .yes = yes_r,
	};

	/* the empty DN is the server's own entry, which every filter on objectClass matches */
	if (dn[0] == '\0' || !relation_filter(live->site, question, login, filter))
		return SP_DIRECTORY_ERROR;
	return sp_ldap_ask(live, ask_owner_on, &relation);
}

/* ---- read_owner: one base search ---- */

struct reading {
	struct sp_ldap_search search;
	struct sp_owner_entry *entry;
};

static enum sp_directory_status read_owner_on(const struct sp_ldap_live *live, void *question,
    int64_t deadline_ms, struct sp_ldap_failure *failure)
{
	struct reading *reading = question;

	return sp_ldap_owner_read(live, &reading->search, deadline_ms, reading->entry, failure);
}

static enum sp_directory_status live_read_owner(
    struct sp_directory *directory, const char *dn, struct sp_owner_entry *entry_r)
{
	struct sp_ldap_live *live = (struct sp_ldap_live *)directory;
	char *attributes[] = {live->site->owner_attributes.items[0], NULL};
	char filter[SP_FILTER_MAX];
	struct reading reading = {
	    .search = {dn, LDAP_SCOPE_BASE, filter, attributes, 1},
	    .entry = entry_r,
	};

	if (dn[0] == '\0' ||
	    !sp_filter_expand_at(live->site->owner_active_filter, time(NULL), filter))
		return SP_DIRECTORY_ERROR;
	enum sp_directory_status status = sp_ldap_ask(live, read_owner_on, &reading);
	if (status != SP_DIRECTORY_OK)
		sp_owner_entry_clear(entry_r);
	return status;
}

static void live_close(struct sp_directory *directory)
{
	struct sp_ldap_live *live = (struct sp_ldap_live *)directory;

	sp_ldap_disconnect(&live->connection);
	free(live);
}

struct sp_directory *sp_ldap_directory_new(struct sp_ldap_site *site)
{
	static const struct sp_directory_ops ops = {
	    .find = live_find,
	    .find_imported = sp_ldap_find_imported,
	    .check_password = sp_ldap_check_password,
	    .ask_owner = live_ask_owner,
	    .read_owner = live_read_owner,
	    .find_senders = sp_ldap_find_senders,
	    .close = live_close,
	};
	struct sp_ldap_live *live = calloc(1, sizeof(*live));

	if (live == NULL)
		return NULL;
	live->directory.ops = &ops;
	live->site = site;
	return &live->directory;
}
