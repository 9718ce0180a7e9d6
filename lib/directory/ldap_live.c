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

/* OpenLDAP reads its whole index of credentials for each search that names their class.
 * So the id alone is asked for, and the class looked at here; the server is asked about
 * both where what comes is anything but the one credential. */
struct find {
	struct sp_ldap_search by_id;
	struct sp_ldap_search by_id_and_class;
	struct sp_ldap_search owner;
	struct sp_directory_answer *answer;
	bool undecided; /* there is an entry with the id, and more to be known of it */
};

typedef enum sp_directory_status take_result(
    LDAP *ld, LDAPMessage *result, int code, struct find *find);

static enum sp_directory_status take_credential(
    LDAP *ld, LDAPMessage *result, int code, struct find *find)
{
	LDAPMessage *entry = ldap_first_entry(ld, result);
	struct sp_credential *credential;

	if (entry == NULL && code == LDAP_SUCCESS)
		return SP_DIRECTORY_OK;
	credential = entry != NULL ? sp_ldap_entry_credential(ld, entry) : NULL;
	if (credential == NULL)
		return SP_DIRECTORY_ERROR;
	return sp_directory_answer_take(find->answer, credential,
	    code != LDAP_SIZELIMIT_EXCEEDED && ldap_count_entries(ld, result) == 1);
}

/* One of those that have the id. */
static enum sp_directory_status take_shown(
    const struct sp_entry *entry, bool alone, struct find *find)
{
	enum sp_class_shown shown = sp_mapping_class(entry);

	if (shown != SP_CLASS_HIDDEN && !(shown == SP_CLASS_CREDENTIAL && alone)) {
		find->undecided = true;
		return SP_DIRECTORY_OK;
	}
	struct sp_credential *credential = sp_mapping_credential(entry);
	if (credential == NULL)
		return SP_DIRECTORY_ERROR;
	if (shown == SP_CLASS_HIDDEN)
		credential->unusable = "objectClass is hidden: let the account of [ldap] read it";
	return sp_directory_answer_take(find->answer, credential, true);
}

static enum sp_directory_status take_by_id(
    LDAP *ld, LDAPMessage *result, int code, struct find *find)
{
	bool alone = code != LDAP_SIZELIMIT_EXCEEDED && ldap_count_entries(ld, result) == 1;
	enum sp_directory_status status = SP_DIRECTORY_OK;
	struct sp_entry_builder builder = {0};
	LDAPMessage *message = ldap_first_entry(ld, result);

	find->undecided = message == NULL && code == LDAP_SIZELIMIT_EXCEEDED;
	for (; status == SP_DIRECTORY_OK && message != NULL;
	     message = ldap_next_entry(ld, message)) {
		struct sp_entry entry;
		status = sp_ldap_entry_build(ld, message, &builder, &entry)
			     ? take_shown(&entry, alone, find)
			     : SP_DIRECTORY_ERROR;
	}
	sp_entry_builder_clear(&builder);
	return status;
}

static enum sp_directory_status take_owner(
    LDAP *ld, LDAPMessage *result, int code, struct find *find)
{
	return sp_ldap_owner_name(ld, result, code, find->answer);
}

static enum sp_directory_status receive(struct sp_ldap_connection *connection, int msgid,
    const struct sp_ldap_search *search, take_result *take, int64_t deadline_ms, struct find *find,
    struct sp_ldap_failure *failure)
{
	LDAPMessage *result = NULL;
	enum sp_directory_status status =
	    sp_ldap_wait(connection, "search", msgid, deadline_ms, &result, failure);

	if (status == SP_DIRECTORY_OK && failure->code == LDAP_NO_SUCH_OBJECT)
		status = sp_ldap_missing_base(search->base, failure);
	else if (status == SP_DIRECTORY_OK)
		status = take(connection->ld, result, failure->code, find);
	ldap_msgfree(result);
	return status;
}

/* Both go out together. */
static enum sp_directory_status send_both(struct sp_ldap_connection *connection,
    const struct find *find, int64_t deadline_ms, int *by_id_r, int *owner_r,
    struct sp_ldap_failure *failure)
{
	connection->deadline.hold = true;
	enum sp_directory_status status =
	    sp_ldap_send(connection, &find->by_id, deadline_ms, by_id_r, failure);
	connection->deadline.hold = false;
	if (status == SP_DIRECTORY_OK)
		status = sp_ldap_send(connection, &find->owner, deadline_ms, owner_r, failure);
	return status;
}

static enum sp_directory_status decide(struct sp_ldap_connection *connection, struct find *find,
    int64_t deadline_ms, struct sp_ldap_failure *failure)
{
	int msgid;
	enum sp_directory_status status =
	    sp_ldap_send(connection, &find->by_id_and_class, deadline_ms, &msgid, failure);

	if (status != SP_DIRECTORY_OK)
		return status;
	return receive(
	    connection, msgid, &find->by_id_and_class, take_credential, deadline_ms, find, failure);
}

static enum sp_directory_status find_on(const struct sp_ldap_live *live, void *question,
    int64_t deadline_ms, struct sp_ldap_failure *failure)
{
	struct find *find = question;
	struct sp_ldap_connection *connection = live->connection;
	struct sp_ldap_failure owner_failure;
	enum sp_directory_status status, owner_status;
	int by_id, owner;

	sp_directory_answer_clear(find->answer);
	find->undecided = false;
	status = send_both(connection, find, deadline_ms, &by_id, &owner, failure);
	if (status != SP_DIRECTORY_OK)
		return status;
	status = receive(connection, by_id, &find->by_id, take_by_id, deadline_ms, find, failure);
	if (failure->of_server || failure->code < 0)
		return status;
	/* taken off the connection in any case, so that it stays clean */
	owner_status =
	    receive(connection, owner, &find->owner, take_owner, deadline_ms, find, &owner_failure);
	if (status == SP_DIRECTORY_OK || owner_failure.of_server || owner_failure.code < 0) {
		*failure = owner_failure;
		status = owner_status;
	}
	if (status == SP_DIRECTORY_OK && find->undecided)
		status = decide(connection, find, deadline_ms, failure);
	return status;
}

static enum sp_directory_status live_find(struct sp_directory *directory, const char *id,
    const char *login, struct sp_directory_answer *answer_r)
{
	struct sp_ldap_live *live = (struct sp_ldap_live *)directory;
	const struct sp_ldap_site *site = live->site;
	char *no_attributes[] = {LDAP_NO_ATTRS, NULL};
	char by_id[SP_FILTER_MAX], by_id_and_class[SP_FILTER_MAX], owner[SP_FILTER_MAX];
	struct find find = {
	    .by_id = {site->credential_base, LDAP_SCOPE_SUBTREE, by_id,
		sp_mapping_attributes(SP_WITH_CLASS), 2},
	    .by_id_and_class = {site->credential_base, LDAP_SCOPE_SUBTREE, by_id_and_class,
		sp_mapping_attributes(SP_WITH_HASH), 2},
	    .owner = {site->owner_base, LDAP_SCOPE_SUBTREE, owner, no_attributes, 2},
	    .answer = answer_r,
	};
	enum sp_directory_status status;

	if (!sp_filter_expand("(sendpassId=%u)", id, by_id) ||
	    !sp_filter_and("(objectClass=" SP_CREDENTIAL_CLASS ")", by_id, by_id_and_class) ||
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
