/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ldap_owner.h - an LDAP entry as a struct sp_owner_entry
 */
#ifndef SP_DIRECTORY_LDAP_OWNER_H
#define SP_DIRECTORY_LDAP_OWNER_H

#include "lib/directory/ldap_ask.h"
#include "lib/directory/ldap_filter.h"

/* The filter for the active owners that the login names, as of now. */
SP_NODISCARD bool sp_ldap_active_owner_filter(
    const struct sp_ldap_site *site, const char *login, char filter_r[SP_FILTER_MAX]);

/* Takes the name of the one entry that a search for owners returned with that
 * result code; several are ambiguous. SP_DIRECTORY_ERROR when there is no memory. */
SP_NODISCARD enum sp_directory_status sp_ldap_owner_name(
    LDAP *ld, LDAPMessage *result, int code, struct sp_directory_answer *answer);

/* Reads an entry that a search for active owners returned, as sp_mapping_owner()
 * does. It can be read this once. SP_DIRECTORY_ERROR when there is no memory or libldap
 * cannot read it; the caller clears *owner_r. */
SP_NODISCARD enum sp_directory_status sp_ldap_owner_take(
    LDAP *ld, LDAPMessage *message, char *const *attributes, struct sp_owner_entry *owner_r);

/* Part of a question: the one entry that the search names and filters, by its
 * attributes as above. No such entry is SP_DIRECTORY_OK and not active. */
SP_NODISCARD enum sp_directory_status sp_ldap_owner_read(const struct sp_ldap_live *live,
    const struct sp_ldap_search *search, int64_t deadline_ms, struct sp_owner_entry *owner_r,
    struct sp_ldap_failure *failure_r);

#endif
