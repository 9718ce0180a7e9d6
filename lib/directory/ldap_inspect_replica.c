/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/directory/ldap_inspect.h"
#include "lib/directory/replica_scope.h"
#include "lib/directory/replica_server.h"

static bool has_control(struct sp_inspection *inspection, char why_r[SP_CONF_WHY_MAX])
{
	char *attributes[] = {"supportedControl", NULL};
	const struct sp_ldap_search root = {"", LDAP_SCOPE_BASE, "(objectClass=*)", attributes, 0};
	LDAP *ld = inspection->connection->ld;
	int code;
	LDAPMessage *result = sp_inspect_search(inspection, &root, &code, why_r);
	LDAPMessage *entry = result != NULL ? ldap_first_entry(ld, result) : NULL;
	struct berval **values =
	    entry != NULL ? ldap_get_values_len(ld, entry, attributes[0]) : NULL;
	bool found = false;

	for (int i = 0; i < ldap_count_values_len(values); i++)
		found = found || strcmp(values[i]->bv_val, LDAP_CONTROL_SYNC) == 0;
	ldap_value_free_len(values);
	ldap_msgfree(result);
	return found;
}

bool sp_inspect_replica(struct sp_inspection *inspection, struct sp_inspect_replica *replica_r,
    char why_r[SP_CONF_WHY_MAX])
{
	struct sp_replica_server server = {
	    .site = inspection->site, .connection = inspection->connection, .stop_fd = -1};
	struct sp_replica_scope *scope;

	*replica_r = (struct sp_inspect_replica){0};
	if (!sp_replica_scope_new(inspection->site, &scope, why_r))
		return false;
	const struct sp_replica_search *searches[] = {&scope->searches[0], &scope->searches[1]};
	replica_r->has_sync = has_control(inspection, why_r);
	bool ok = sp_replica_server_look(&server, searches) &&
		  sp_replica_server_shows(&server, &scope->probe, &replica_r->shows_all);
	replica_r->shows_csns = server.exact;
	if (!ok || !replica_r->shows_all)
		snprintf(why_r, SP_CONF_WHY_MAX, "%s", server.failure.text);
	server.connection = NULL; /* the inspection's */
	sp_replica_server_clear(&server);
	sp_replica_scope_free(&scope);
	return ok;
}
