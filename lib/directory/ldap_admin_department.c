/* SPDX-License-Identifier: BSD-2-Clause */
/* ldap_admin_department.c - what a department and its people own */
#include "lib/directory/ldap_admin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/text.h"
#include "lib/directory/ldap_filter.h"

static enum sp_admin_status fail(
    enum sp_admin_status status, const char *why, char why_r[SP_CONF_WHY_MAX])
{
	snprintf(why_r, SP_CONF_WHY_MAX, "%s", why);
	return status;
}

/* Adds what the owner at owner_dn has to the list. */
static enum sp_admin_status add_credentials_of(struct sp_admin *admin, const char *owner_dn,
    struct sp_credential_list *list, char why_r[SP_CONF_WHY_MAX])
{
	struct sp_credential_list more;
	enum sp_admin_status status = sp_admin_list(admin, owner_dn, &more, why_r);

	if (status != SP_ADMIN_OK)
		return status;
	if (sp_credential_list_take(list, &more))
		return SP_ADMIN_OK;
	sp_credential_list_free(&more);
	return fail(SP_ADMIN_ERROR, "no memory", why_r);
}

/* The people; but for the department's own entry, which is counted already. */
static enum sp_admin_status add_credentials_of_all(struct sp_admin *admin, LDAPMessage *result,
    const char *own_dn, struct sp_credential_list *list, char why_r[SP_CONF_WHY_MAX])
{
	LDAP *ld = admin->connection->ld;
	enum sp_admin_status status = SP_ADMIN_OK;

	for (LDAPMessage *entry = ldap_first_entry(ld, result);
	     entry != NULL && status == SP_ADMIN_OK; entry = ldap_next_entry(ld, entry)) {
		char *dn = ldap_get_dn(ld, entry);
		if (dn == NULL)
			return fail(SP_ADMIN_ERROR, "an entry cannot be read", why_r);
		if (own_dn == NULL || strcmp(dn, own_dn) != 0)
			status = add_credentials_of(admin, dn, list, why_r);
		ldap_memfree(dn);
	}
	return status;
}

/* The entries that say they are of the department; *result_r is NULL where no
 * attribute says so. */
static enum sp_admin_status find_people(struct sp_admin *admin, const char *department,
    LDAPMessage **result_r, char why_r[SP_CONF_WHY_MAX])
{
	char *no_attributes[] = {LDAP_NO_ATTRS, NULL};
	char buffer[SP_FILTER_MAX];
	const struct sp_ldap_search what = {
	    admin->site->owner_base, LDAP_SCOPE_SUBTREE, buffer, no_attributes, LDAP_NO_LIMIT};
	struct sp_text filter;
	bool cut;

	*result_r = NULL;
	if (admin->site->owner_department_attribute[0] == '\0')
		return SP_ADMIN_OK;
	sp_text_init(&filter, buffer, sizeof(buffer));
	sp_text_addf(&filter, "(%s=", admin->site->owner_department_attribute);
	sp_filter_add_value(&filter, department, strlen(department));
	sp_text_add(&filter, ")");
	if (filter.overflow)
		return fail(SP_ADMIN_NOT_FOUND, "the department is too long", why_r);
	enum sp_admin_status status = sp_admin_search(admin, &what, result_r, &cut, why_r);
	if (status == SP_ADMIN_OK && cut) {
		ldap_msgfree(*result_r);
		*result_r = NULL;
		return fail(SP_ADMIN_ERROR,
		    "the server's size limit for this identity is too small to find all of the "
		    "department",
		    why_r);
	}
	return status;
}

static enum sp_admin_status list_both(struct sp_admin *admin, const char *own_dn,
    LDAPMessage *people, struct sp_credential_list *list, char why_r[SP_CONF_WHY_MAX])
{
	enum sp_admin_status status = SP_ADMIN_OK;

	if (own_dn != NULL)
		status = add_credentials_of(admin, own_dn, list, why_r);
	if (status == SP_ADMIN_OK && people != NULL)
		status = add_credentials_of_all(admin, people, own_dn, list, why_r);
	if (status == SP_ADMIN_OK)
		sp_credential_list_sort(list);
	else
		sp_credential_list_free(list);
	return status;
}

enum sp_admin_status sp_admin_list_department(struct sp_admin *admin, const char *department,
    struct sp_credential_list *list_r, char why_r[SP_CONF_WHY_MAX])
{
	LDAPMessage *people = NULL;
	char *own_dn = NULL;
	enum sp_admin_status status = sp_admin_find_owner(admin, department, &own_dn, why_r);

	*list_r = (struct sp_credential_list){0};
	if (status == SP_ADMIN_OK || status == SP_ADMIN_NOT_FOUND)
		status = find_people(admin, department, &people, why_r);
	if (status == SP_ADMIN_OK && own_dn == NULL &&
	    (people == NULL || ldap_count_entries(admin->connection->ld, people) == 0)) {
		snprintf(why_r, SP_CONF_WHY_MAX,
		    "no entry below %s has %s %.100s or that login, or this identity may not see "
		    "it",
		    admin->site->owner_base,
		    admin->site->owner_department_attribute[0] != '\0'
			? admin->site->owner_department_attribute
			: "the department",
		    department);
		status = SP_ADMIN_NOT_FOUND;
	}
	if (status == SP_ADMIN_OK)
		status = list_both(admin, own_dn, people, list_r, why_r);
	ldap_msgfree(people);
	free(own_dn);
	return status;
}
