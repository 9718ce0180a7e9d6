/* SPDX-License-Identifier: BSD-2-Clause */
/* ldap_admin_orphan.c - whether an owner's entry is gone */
#include "lib/directory/ldap_admin.h"

#include <stdio.h>

static bool is_named(LDAP *ld, LDAPMessage *result)
{
	char *matched = NULL;

	if (result == NULL ||
	    ldap_parse_result(ld, result, NULL, &matched, NULL, NULL, NULL, 0) != LDAP_SUCCESS)
		return false;
	bool named = matched != NULL && matched[0] != '\0';
	ldap_memfree(matched);
	return named;
}

/* Without an owner_base in sight, owners that are missing prove nothing. */
static enum sp_admin_status see_owner_base(struct sp_admin *admin, char why_r[SP_CONF_WHY_MAX])
{
	char *no_attributes[] = {LDAP_NO_ATTRS, NULL};
	const struct sp_ldap_search what = {
	    admin->site->owner_base, LDAP_SCOPE_BASE, "(objectClass=*)", no_attributes, 1};
	LDAPMessage *result = NULL;
	bool cut;
	enum sp_admin_status status = sp_admin_search(admin, &what, &result, &cut, why_r);

	ldap_msgfree(result);
	return status;
}

enum sp_admin_status sp_admin_owner_is_gone(
    struct sp_admin *admin, const char *owner_dn, bool *gone_r, char why_r[SP_CONF_WHY_MAX])
{
	char *no_attributes[] = {LDAP_NO_ATTRS, NULL};
	const struct sp_ldap_search what = {
	    owner_dn, LDAP_SCOPE_BASE, "(objectClass=*)", no_attributes, 1};
	struct sp_ldap_failure failure;
	LDAPMessage *result = NULL;
	int64_t by = sp_admin_deadline();
	int msgid = -1;
	enum sp_admin_status seen = see_owner_base(admin, why_r);

	*gone_r = false;
	if (seen != SP_ADMIN_OK)
		return seen;
	enum sp_directory_status status =
	    sp_ldap_send(admin->connection, &what, by, &msgid, &failure);
	if (status == SP_DIRECTORY_OK)
		status = sp_ldap_wait(admin->connection, "search", msgid, by, &result, &failure);
	*gone_r = status == SP_DIRECTORY_OK && failure.code == LDAP_NO_SUCH_OBJECT &&
		  is_named(admin->connection->ld, result);
	ldap_msgfree(result);
	if (status == SP_DIRECTORY_DOWN || status == SP_DIRECTORY_TIMEOUT)
		return sp_admin_explain(status, &failure, "the right to search", why_r);
	return SP_ADMIN_OK;
}
