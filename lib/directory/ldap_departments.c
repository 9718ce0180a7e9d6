/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/directory/departments.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/directory/ldap_admin.h"
#include "lib/directory/ldap_mapping.h"

struct owner {
	char *dn;         /* as normal_dn() makes it */
	char *department; /* NULL: none */
	bool found;
};

struct sp_departments {
	struct owner *owners; /* sorted, each once */
	size_t count;
};

/* NULL when there is no memory. What is no DN is compared as it is. */
static char *normal_dn(const char *text)
{
	LDAPDN dn = NULL;
	char *written = NULL;

	if (ldap_str2dn(text, &dn, LDAP_DN_FORMAT_LDAPV3) == LDAP_SUCCESS &&
	    ldap_dn2str(dn, &written, LDAP_DN_FORMAT_LDAPV3) != LDAP_SUCCESS)
		written = NULL;
	ldap_dnfree(dn);
	char *normal = strdup(written != NULL ? written : text);
	ldap_memfree(written);
	for (char *c = normal; c != NULL && *c != '\0'; c++)
		*c = (char)tolower((unsigned char)*c);
	return normal;
}

static int compare_owners(const void *one, const void *other)
{
	return strcmp(((const struct owner *)one)->dn, ((const struct owner *)other)->dn);
}

/* One of each: they are sorted. */
static void drop_doubles(struct sp_departments *departments)
{
	size_t kept = 0;

	for (size_t i = 0; i < departments->count; i++) {
		struct owner *owner = &departments->owners[i];
		if (kept > 0 && strcmp(departments->owners[kept - 1].dn, owner->dn) == 0)
			free(owner->dn);
		else
			departments->owners[kept++] = *owner;
	}
	departments->count = kept;
}

struct sp_departments *sp_departments_new(const struct sp_credential_list *list)
{
	struct sp_departments *departments = calloc(1, sizeof(*departments));

	if (departments != NULL)
		departments->owners = calloc(list->count + 1, sizeof(*departments->owners));
	if (departments == NULL || departments->owners == NULL) {
		sp_departments_free(&departments);
		return NULL;
	}
	for (size_t i = 0; i < list->count; i++) {
		if (list->items[i]->owner == NULL)
			continue;
		char *dn = normal_dn(list->items[i]->owner);
		if (dn == NULL) {
			sp_departments_free(&departments);
			return NULL;
		}
		departments->owners[departments->count++].dn = dn;
	}
	qsort(
	    departments->owners, departments->count, sizeof(*departments->owners), compare_owners);
	drop_doubles(departments);
	return departments;
}

void sp_departments_free(struct sp_departments **departments)
{
	if (departments == NULL || *departments == NULL)
		return;
	for (size_t i = 0; i < (*departments)->count; i++) {
		free((*departments)->owners[i].dn);
		free((*departments)->owners[i].department);
	}
	free((*departments)->owners);
	free(*departments);
	*departments = NULL;
}

/* NULL if it is nobody of the map; false when there is no memory. */
static bool find_owner(
    const struct sp_departments *departments, const char *owner_dn, struct owner **owner_r)
{
	const struct owner wanted = {.dn = normal_dn(owner_dn)};

	*owner_r = NULL;
	if (wanted.dn == NULL)
		return false;
	*owner_r = bsearch(&wanted, departments->owners, departments->count,
	    sizeof(*departments->owners), compare_owners);
	free(wanted.dn);
	return true;
}

bool sp_departments_set(
    struct sp_departments *departments, const char *owner_dn, const char *department)
{
	struct owner *owner;

	if (!find_owner(departments, owner_dn, &owner))
		return false;
	if (owner == NULL || owner->found)
		return true;
	owner->found = true;
	owner->department = department != NULL ? strdup(department) : NULL;
	return department == NULL || owner->department != NULL;
}

bool sp_departments_find(
    const struct sp_departments *departments, const char *owner_dn, const char **department_r)
{
	struct owner *owner = NULL;

	*department_r = NULL;
	if (owner_dn == NULL || !find_owner(departments, owner_dn, &owner) || owner == NULL)
		return false;
	*department_r = owner->department;
	return owner->found;
}

/* ---- the search ---- */

static bool take_entry(
    LDAP *ld, LDAPMessage *entry, const char *attribute, struct sp_departments *departments)
{
	char *dn = ldap_get_dn(ld, entry);
	char *department = NULL;
	bool ok = dn != NULL && sp_admin_first_printable(ld, entry, attribute, &department) &&
		  sp_departments_set(departments, dn, department);

	free(department);
	ldap_memfree(dn);
	return ok;
}

static enum sp_admin_status fail(const char *why, char why_r[SP_CONF_WHY_MAX])
{
	char text[SP_CONF_WHY_MAX / 2];

	snprintf(text, sizeof(text), "%s", why);
	snprintf(why_r, SP_CONF_WHY_MAX,
	    "the departments of all owners cannot be read: %s; let the server give this identity "
	    "so many entries, or leave owner_department_attribute empty",
	    text);
	return SP_ADMIN_ERROR;
}

enum sp_admin_status sp_admin_read_departments(
    struct sp_admin *admin, struct sp_departments *departments, char why_r[SP_CONF_WHY_MAX])
{
	LDAP *ld = admin->connection->ld;
	char *attributes[] = {admin->site->owner_department_attribute, NULL};
	/* Credentials may lie below owner_base, too. */
	const struct sp_ldap_search what = {admin->site->owner_base, LDAP_SCOPE_SUBTREE,
	    "(!(objectClass=" SP_CREDENTIAL_CLASS "))", attributes, LDAP_NO_LIMIT};
	LDAPMessage *result = NULL;
	bool cut = false, ok = true;
	enum sp_admin_status status = sp_admin_search(admin, &what, &result, &cut, why_r);

	if (status == SP_ADMIN_ERROR)
		return fail(why_r, why_r);
	if (status != SP_ADMIN_OK)
		return status;
	for (LDAPMessage *entry = ldap_first_entry(ld, result); entry != NULL && ok && !cut;
	     entry = ldap_next_entry(ld, entry))
		ok = take_entry(ld, entry, attributes[0], departments);
	ldap_msgfree(result);
	if (cut)
		return fail("the server's size limit is too small", why_r);
	return ok ? SP_ADMIN_OK : fail("an entry makes no sense", why_r);
}
