/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/directory/ldap_owner.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/directory/ldap_entry.h"
#include "lib/directory/ldap_filter.h"
#include "lib/directory/ldap_mapping.h"

/* Entries with that login that are active now. */
bool sp_ldap_active_owner_filter(
    const struct sp_ldap_site *site, const char *login, char filter_r[SP_FILTER_MAX])
{
	char named[SP_FILTER_MAX], active[SP_FILTER_MAX];

	return sp_filter_expand(site->owner_filter, login, named) &&
	       sp_filter_expand_at(site->owner_active_filter, time(NULL), active) &&
	       sp_filter_and(named, active, filter_r);
}

enum sp_directory_status sp_ldap_owner_name(
    LDAP *ld, LDAPMessage *result, int code, struct sp_directory_answer *answer)
{
	int count = ldap_count_entries(ld, result);
	char *dn;

	if (code == LDAP_SIZELIMIT_EXCEEDED || count > 1) {
		answer->owner_ambiguous = true;
		return SP_DIRECTORY_OK;
	}
	if (count == 0)
		return SP_DIRECTORY_OK;
	dn = ldap_get_dn(ld, ldap_first_entry(ld, result));
	if (dn != NULL)
		answer->owner_dn = strdup(dn);
	ldap_memfree(dn);
	return answer->owner_dn != NULL ? SP_DIRECTORY_OK : SP_DIRECTORY_ERROR;
}

enum sp_directory_status sp_ldap_owner_take(
    LDAP *ld, LDAPMessage *message, char *const *attributes, struct sp_owner_entry *owner_r)
{
	struct sp_entry_builder builder = {0};
	struct sp_entry entry;
	bool ok = sp_ldap_entry_build(ld, message, &builder, &entry) &&
		  sp_mapping_owner(&entry, attributes, owner_r);

	sp_entry_builder_clear(&builder);
	return ok ? SP_DIRECTORY_OK : SP_DIRECTORY_ERROR;
}

enum sp_directory_status sp_ldap_owner_read(const struct sp_ldap_live *live,
    const struct sp_ldap_search *search, int64_t deadline_ms, struct sp_owner_entry *owner_r,
    struct sp_ldap_failure *failure_r)
{
	LDAPMessage *result, *entry = NULL;
	enum sp_directory_status status =
	    sp_ldap_search(live, search, deadline_ms, &result, failure_r);

	sp_owner_entry_clear(owner_r);
	if (status == SP_DIRECTORY_OK && failure_r->code == LDAP_SUCCESS)
		entry = ldap_first_entry(live->connection->ld, result);
	if (entry != NULL)
		status =
		    sp_ldap_owner_take(live->connection->ld, entry, search->attributes, owner_r);
	ldap_msgfree(result);
	return status;
}
