/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/directory/ldap_admin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "lib/directory/ldap_entry.h"
#include "lib/directory/ldap_filter.h"
#include "lib/directory/ldap_gssapi.h"
#include "lib/directory/ldap_mapping.h"

#define PATIENCE_MS  10000 /* a person waits, and a write may wait for its replicas */
#define OWNERS_SHOWN 5     /* of an ambiguous login */

int64_t sp_admin_deadline(void)
{
	return sp_now_ms() + PATIENCE_MS;
}

enum sp_admin_status sp_admin_explain(enum sp_directory_status status,
    const struct sp_ldap_failure *failure, const char *rights, char why_r[SP_CONF_WHY_MAX])
{
	snprintf(why_r, SP_CONF_WHY_MAX, "%s", failure->text);
	switch (failure->code) {
	case LDAP_INSUFFICIENT_ACCESS:
		snprintf(why_r, SP_CONF_WHY_MAX, "%s; this takes %s", failure->text, rights);
		return SP_ADMIN_FORBIDDEN;
	case LDAP_INVALID_CREDENTIALS:
	case LDAP_INAPPROPRIATE_AUTH:
	case LDAP_AUTH_METHOD_NOT_SUPPORTED:
	case LDAP_STRONG_AUTH_REQUIRED:
	case LDAP_CONFIDENTIALITY_REQUIRED:
		return SP_ADMIN_FORBIDDEN;
	case LDAP_AUTH_UNKNOWN:
		return SP_ADMIN_ERROR;
	case LDAP_NO_SUCH_OBJECT:
		return SP_ADMIN_NOT_FOUND;
	case LDAP_ALREADY_EXISTS:
		return SP_ADMIN_EXISTS;
	}
	return status == SP_DIRECTORY_DOWN || status == SP_DIRECTORY_TIMEOUT ? SP_ADMIN_DOWN
									     : SP_ADMIN_ERROR;
}

enum sp_admin_status sp_admin_open(const struct sp_conf *conf,
    const struct sp_admin_identity *identity, struct sp_admin **admin_r,
    char why_r[SP_CONF_WHY_MAX])
{
	const struct sp_ldap_identity as = {
	    .bind = identity->bind,
	    .dn = identity->dn,
	    .secret = identity->secret,
	};
	struct sp_admin *admin = calloc(1, sizeof(*admin));
	struct sp_ldap_failure failure;
	enum sp_directory_status status = SP_DIRECTORY_ERROR;
	const struct sp_ldap_server *servers;

	*admin_r = NULL;
	if (admin == NULL) {
		snprintf(why_r, SP_CONF_WHY_MAX, "no memory");
		return SP_ADMIN_ERROR;
	}
	if (!sp_ldap_site_make(conf, &as, &admin->site, why_r)) {
		sp_admin_close(&admin);
		return SP_ADMIN_ERROR;
	}
	size_t count = sp_ldap_site_writable(admin->site, &servers);
	for (size_t i = 0; i < count; i++) {
		status = sp_ldap_connect(
		    admin->site, &servers[i], sp_admin_deadline(), &admin->connection, &failure);
		if (status == SP_DIRECTORY_OK || failure.code == LDAP_INVALID_CREDENTIALS)
			break;
	}
	if (status == SP_DIRECTORY_OK) {
		if (identity->bind == SP_BIND_GSSAPI)
			admin->principal = sp_ldap_gssapi_principal(admin->connection);
		*admin_r = admin;
		return SP_ADMIN_OK;
	}
	sp_admin_close(&admin);
	return sp_admin_explain(status, &failure, "the right to bind", why_r);
}

void sp_admin_close(struct sp_admin **admin)
{
	if (admin == NULL || *admin == NULL)
		return;
	sp_ldap_disconnect(&(*admin)->connection);
	sp_ldap_site_free(&(*admin)->site);
	ldap_memfree((*admin)->principal);
	free(*admin);
	*admin = NULL;
}

const char *sp_admin_principal(const struct sp_admin *admin)
{
	return admin->principal;
}

enum sp_admin_status sp_admin_search(struct sp_admin *admin, const struct sp_ldap_search *search,
    LDAPMessage **result_r, bool *cut_r, char why_r[SP_CONF_WHY_MAX])
{
	struct sp_ldap_failure failure;
	int64_t by = sp_admin_deadline();
	int msgid = -1;
	enum sp_directory_status status =
	    sp_ldap_send(admin->connection, search, by, &msgid, &failure);

	*result_r = NULL;
	*cut_r = false;
	if (status == SP_DIRECTORY_OK)
		status = sp_ldap_wait(admin->connection, "search", msgid, by, result_r, &failure);
	if (status == SP_DIRECTORY_OK && failure.code != LDAP_NO_SUCH_OBJECT) {
		*cut_r = failure.code == LDAP_SIZELIMIT_EXCEEDED;
		return SP_ADMIN_OK;
	}
	ldap_msgfree(*result_r);
	*result_r = NULL;
	if (failure.code != LDAP_NO_SUCH_OBJECT)
		return sp_admin_explain(
		    status, &failure, "the rights to search and read the entries", why_r);
	snprintf(why_r, SP_CONF_WHY_MAX, "%s does not exist, or this identity may not see it",
	    search->base);
	return SP_ADMIN_ERROR;
}

static void show_owners(
    LDAP *ld, LDAPMessage *result, const char *login, char why_r[SP_CONF_WHY_MAX])
{
	struct sp_text why;
	const char *separator = ": ";

	sp_text_init(&why, why_r, SP_CONF_WHY_MAX);
	sp_text_addf(&why, "%.100s names several entries", login);
	for (LDAPMessage *entry = ldap_first_entry(ld, result); entry != NULL;
	     entry = ldap_next_entry(ld, entry)) {
		char *dn = ldap_get_dn(ld, entry);
		sp_text_addf(&why, "%s%s", separator, dn != NULL ? dn : "?");
		ldap_memfree(dn);
		separator = "; ";
	}
}

enum sp_admin_status sp_admin_find_owner(
    struct sp_admin *admin, const char *login, char **dn_r, char why_r[SP_CONF_WHY_MAX])
{
	char *no_attributes[] = {LDAP_NO_ATTRS, NULL};
	char filter[SP_FILTER_MAX];
	const struct sp_ldap_search what = {
	    admin->site->owner_base, LDAP_SCOPE_SUBTREE, filter, no_attributes, OWNERS_SHOWN};
	LDAPMessage *result = NULL;
	enum sp_admin_status status;
	char *dn = NULL;
	bool cut;

	*dn_r = NULL;
	if (!sp_filter_expand(admin->site->owner_filter, login, filter)) {
		snprintf(why_r, SP_CONF_WHY_MAX, "the login is too long");
		return SP_ADMIN_NOT_FOUND;
	}
	status = sp_admin_search(admin, &what, &result, &cut, why_r);
	if (status != SP_ADMIN_OK)
		return status;
	if (cut || ldap_count_entries(admin->connection->ld, result) > 1) {
		show_owners(admin->connection->ld, result, login, why_r);
		status = SP_ADMIN_AMBIGUOUS;
	} else if (ldap_count_entries(admin->connection->ld, result) == 0) {
		snprintf(why_r, SP_CONF_WHY_MAX,
		    "no entry below %s has the login %.100s, or this identity may not see it",
		    admin->site->owner_base, login);
		status = SP_ADMIN_NOT_FOUND;
	} else {
		dn = ldap_get_dn(
		    admin->connection->ld, ldap_first_entry(admin->connection->ld, result));
		*dn_r = dn != NULL ? strdup(dn) : NULL;
		ldap_memfree(dn);
		if (*dn_r == NULL) {
			snprintf(why_r, SP_CONF_WHY_MAX, "no memory");
			status = SP_ADMIN_ERROR;
		}
	}
	ldap_msgfree(result);
	return status;
}

bool sp_admin_first_printable(LDAP *ld, LDAPMessage *entry, const char *attribute, char **value_r)
{
	struct berval **values = ldap_get_values_len(ld, entry, attribute);
	int count = ldap_count_values_len(values);
	bool found = false;

	for (int i = 0; i < count && !found; i++) {
		found = values[i]->bv_len > 0 &&
			sp_text_is_printable_utf8(values[i]->bv_val, values[i]->bv_len);
		if (found)
			*value_r = strndup(values[i]->bv_val, values[i]->bv_len);
	}
	ldap_value_free_len(values);
	return !found || *value_r != NULL;
}

enum sp_admin_status sp_admin_read_owner(struct sp_admin *admin, const char *owner_dn,
    const char *attribute, char **value_r, char why_r[SP_CONF_WHY_MAX])
{
	char *name = strdup(attribute);
	char *attributes[] = {name, NULL};
	const struct sp_ldap_search what = {
	    owner_dn, LDAP_SCOPE_BASE, "(objectClass=*)", attributes, LDAP_NO_LIMIT};
	LDAPMessage *result = NULL;
	enum sp_admin_status status = SP_ADMIN_ERROR;
	bool cut, ok = name != NULL;

	*value_r = NULL;
	if (ok)
		status = sp_admin_search(admin, &what, &result, &cut, why_r);
	LDAPMessage *entry =
	    status == SP_ADMIN_OK ? ldap_first_entry(admin->connection->ld, result) : NULL;
	if (entry != NULL)
		ok = sp_admin_first_printable(admin->connection->ld, entry, attribute, value_r);
	ldap_msgfree(result);
	free(name);
	if (ok)
		return status;
	snprintf(why_r, SP_CONF_WHY_MAX, "no memory");
	return SP_ADMIN_ERROR;
}

/* ---- reading credentials ---- */

static bool read_list(LDAP *ld, LDAPMessage *result, struct sp_credential_list *list)
{
	int count = ldap_count_entries(ld, result);

	if (count <= 0)
		return count == 0;
	list->items = calloc((size_t)count, sizeof(*list->items));
	if (list->items == NULL)
		return false;
	for (LDAPMessage *entry = ldap_first_entry(ld, result); entry != NULL;
	     entry = ldap_next_entry(ld, entry)) {
		struct sp_credential *credential = sp_ldap_entry_credential(ld, entry);
		if (credential == NULL)
			return false;
		list->items[list->count++] = credential;
	}
	sp_credential_list_sort(list);
	return true;
}

/* Finds credentials, all of them or none. */
static enum sp_admin_status find_credentials(struct sp_admin *admin, const char *filter,
    struct sp_credential_list *list_r, char why_r[SP_CONF_WHY_MAX])
{
	const struct sp_ldap_search what = {admin->site->credential_base, LDAP_SCOPE_SUBTREE,
	    filter, sp_mapping_attributes(SP_WITHOUT_HASH), LDAP_NO_LIMIT};
	LDAPMessage *result = NULL;
	bool cut;
	enum sp_admin_status status = sp_admin_search(admin, &what, &result, &cut, why_r);

	*list_r = (struct sp_credential_list){0};
	if (status != SP_ADMIN_OK)
		return status;
	if (cut) {
		snprintf(why_r, SP_CONF_WHY_MAX,
		    "the server's size limit for this identity "
		    "is too small to list them all");
		status = SP_ADMIN_ERROR;
	} else if (!read_list(admin->connection->ld, result, list_r)) {
		snprintf(why_r, SP_CONF_WHY_MAX, "an entry cannot be read");
		sp_credential_list_free(list_r);
		status = SP_ADMIN_ERROR;
	}
	ldap_msgfree(result);
	return status;
}

enum sp_admin_status sp_admin_list(struct sp_admin *admin, const char *owner_dn,
    struct sp_credential_list *list_r, char why_r[SP_CONF_WHY_MAX])
{
	char filter[SP_FILTER_MAX];
	bool fits = owner_dn != NULL
			? sp_filter_expand("(&(objectClass=" SP_CREDENTIAL_CLASS ")(owner=%u))",
			      owner_dn, filter)
			: sp_filter_expand("(objectClass=" SP_CREDENTIAL_CLASS ")", "", filter);

	*list_r = (struct sp_credential_list){0};
	if (!fits) {
		snprintf(why_r, SP_CONF_WHY_MAX, "the owner's name is too long");
		return SP_ADMIN_ERROR;
	}
	return find_credentials(admin, filter, list_r, why_r);
}

enum sp_admin_status sp_admin_get(struct sp_admin *admin, const char *id,
    struct sp_credential **credential_r, char why_r[SP_CONF_WHY_MAX])
{
	char filter[SP_FILTER_MAX];
	struct sp_credential_list list = {0};
	enum sp_admin_status status;

	*credential_r = NULL;
	if (!sp_filter_expand(
		"(&(objectClass=" SP_CREDENTIAL_CLASS ")(sendpassId=%u))", id, filter)) {
		snprintf(why_r, SP_CONF_WHY_MAX, "the id is too long");
		return SP_ADMIN_NOT_FOUND;
	}
	status = find_credentials(admin, filter, &list, why_r);
	if (status == SP_ADMIN_OK && list.count == 0) {
		snprintf(why_r, SP_CONF_WHY_MAX,
		    "no credential below %s has that id, or this identity may not see it",
		    admin->site->credential_base);
		status = SP_ADMIN_NOT_FOUND;
	} else if (status == SP_ADMIN_OK && list.count > 1) {
		snprintf(why_r, SP_CONF_WHY_MAX, "several have that id: %.200s; %.200s",
		    list.items[0]->dn, list.items[1]->dn);
		status = SP_ADMIN_AMBIGUOUS;
	} else if (status == SP_ADMIN_OK) {
		*credential_r = list.items[0];
		list.items[0] = NULL;
	}
	sp_credential_list_free(&list);
	return status;
}
