/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ldap_admin.h - what the reading and the changing half of admin.h share
 */
#ifndef SP_DIRECTORY_LDAP_ADMIN_H
#define SP_DIRECTORY_LDAP_ADMIN_H

#include <stdint.h>

#include "lib/directory/admin.h"
#include "lib/directory/ldap_connection.h"
#include "lib/directory/ldap_site.h"

struct sp_admin {
	struct sp_ldap_site *site;
	struct sp_ldap_connection *connection;
	char *principal; /* of a Kerberos ticket */
};

/* When an operation that starts now has taken too long, by sp_now_ms(). */
int64_t sp_admin_deadline(void);

/* Runs a search whose base must be there. On SP_ADMIN_OK the caller frees
 * *result_r; *cut_r says that there are more entries. */
enum sp_admin_status sp_admin_search(struct sp_admin *admin, const struct sp_ldap_search *search,
    LDAPMessage **result_r, bool *cut_r, char why_r[SP_CONF_WHY_MAX]);

/* The attribute's first printable value, for the caller to free; *value_r stays as it is
 * if there is none. False when there is no memory. */
bool sp_admin_first_printable(LDAP *ld, LDAPMessage *entry, const char *attribute, char **value_r);

/* Puts the failure into words: what was tried, what came of it, and for a
 * refusal the rights that it takes. */
enum sp_admin_status sp_admin_explain(enum sp_directory_status status,
    const struct sp_ldap_failure *failure, const char *rights, char why_r[SP_CONF_WHY_MAX]);

#endif
