/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/directory/ldap_imported.h"

#include <stdlib.h>

#include "lib/directory/ldap_ask.h"
#include "lib/directory/ldap_entry.h"
#include "lib/directory/ldap_filter.h"
#include "lib/directory/ldap_mapping.h"
#include "lib/directory/ldap_owner.h"

/* ---- find_imported: the owner, and then what it owns ---- */

struct find {
	struct sp_ldap_search owner;
	size_t most;
	struct sp_directory_answer *answer;
};

/* The first `most` entries: more of them is the caller's matter. A server that gives
 * fewer, and says that there are more, keeps back what may be the right one. */
static enum sp_directory_status take_list(
    LDAP *ld, LDAPMessage *result, size_t most, int code, struct sp_credential_list *list)
{
	list->items = calloc(most, sizeof(*list->items));
	if (list->items == NULL)
		return SP_DIRECTORY_ERROR;
	for (LDAPMessage *entry = ldap_first_entry(ld, result); entry != NULL && list->count < most;
	     entry = ldap_next_entry(ld, entry)) {
		list->items[list->count] = sp_ldap_entry_credential(ld, entry);
		if (list->items[list->count++] == NULL)
			return SP_DIRECTORY_ERROR;
	}
	return code == LDAP_SIZELIMIT_EXCEEDED && list->count < most ? SP_DIRECTORY_ERROR
								     : SP_DIRECTORY_OK;
}

static enum sp_directory_status find_credentials(const struct sp_ldap_live *live,
    const struct find *find, int64_t deadline_ms, struct sp_ldap_failure *failure)
{
	char filter[SP_FILTER_MAX];
	const struct sp_ldap_search search = {live->site->credential_base, LDAP_SCOPE_SUBTREE,
	    filter, sp_mapping_attributes(SP_WITH_HASH), (int)find->most};
	LDAPMessage *result;

	if (!sp_filter_expand("(&(objectClass=" SP_CREDENTIAL_CLASS
			      ")(owner=%u)(sendpassImported=TRUE))",
		find->answer->owner_dn, filter))
		return SP_DIRECTORY_ERROR;
	enum sp_directory_status status =
	    sp_ldap_search(live, &search, deadline_ms, &result, failure);
	if (status == SP_DIRECTORY_OK && failure->code == LDAP_NO_SUCH_OBJECT)
		status = sp_ldap_missing_base(search.base, failure);
	else if (status == SP_DIRECTORY_OK)
		status = take_list(live->connection->ld, result, find->most, failure->code,
		    &find->answer->imported);
	ldap_msgfree(result);
	return status;
}

static enum sp_directory_status find_on(const struct sp_ldap_live *live, void *question,
    int64_t deadline_ms, struct sp_ldap_failure *failure)
{
	struct find *find = question;
	LDAPMessage *result;
	enum sp_directory_status status =
	    sp_ldap_search(live, &find->owner, deadline_ms, &result, failure);

	sp_directory_answer_clear(find->answer);
	if (status == SP_DIRECTORY_OK && failure->code == LDAP_NO_SUCH_OBJECT)
		status = sp_ldap_missing_base(find->owner.base, failure);
	else if (status == SP_DIRECTORY_OK)
		status =
		    sp_ldap_owner_name(live->connection->ld, result, failure->code, find->answer);
	ldap_msgfree(result);
	if (status == SP_DIRECTORY_OK && find->answer->owner_dn != NULL && find->most > 0)
		status = find_credentials(live, find, deadline_ms, failure);
	return status;
}

enum sp_directory_status sp_ldap_find_imported(struct sp_directory *directory, const char *login,
    size_t most, struct sp_directory_answer *answer_r)
{
	struct sp_ldap_live *live = (struct sp_ldap_live *)directory;
	const struct sp_ldap_site *site = live->site;
	char *no_attributes[] = {LDAP_NO_ATTRS, NULL};
	char owner[SP_FILTER_MAX];
	struct find find = {
	    .owner = {site->owner_base, LDAP_SCOPE_SUBTREE, owner, no_attributes, 2},
	    .most = most,
	    .answer = answer_r,
	};

	if (!sp_ldap_active_owner_filter(site, login, owner))
		return SP_DIRECTORY_ERROR;
	enum sp_directory_status status = sp_ldap_ask(live, find_on, &find);
	if (status != SP_DIRECTORY_OK)
		sp_directory_answer_clear(answer_r);
	return status;
}

/* ---- check_password: a bind on a connection of its own ---- */

struct check {
	const char *dn;
	const struct sp_secret *password;
	bool *right;
};

static enum sp_directory_status check_on(const struct sp_ldap_live *live, void *question,
    int64_t deadline_ms, struct sp_ldap_failure *failure)
{
	struct check *check = question;

	return sp_ldap_check_bind(live->site, &live->site->servers[live->server], check->dn,
	    check->password, deadline_ms, check->right, failure);
}

enum sp_directory_status sp_ldap_check_password(
    struct sp_directory *directory, const char *dn, const struct sp_secret *password, bool *right_r)
{
	struct sp_ldap_live *live = (struct sp_ldap_live *)directory;
	struct check check = {dn, password, right_r};

	/* a bind without a name is anonymous */
	return dn[0] != '\0' ? sp_ldap_ask(live, check_on, &check) : SP_DIRECTORY_ERROR;
}
