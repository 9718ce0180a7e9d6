/* SPDX-License-Identifier: BSD-2-Clause */
/* ldap_admin_whoami.c - who is bound, and where */
#include "lib/directory/ldap_admin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The answer is the identity's bytes, and absent for nobody. */
static bool read_identity(LDAP *ld, LDAPMessage *result, char **identity_r)
{
	struct berval *identity = NULL;

	if (ldap_parse_extended_result(ld, result, NULL, &identity, 0) != LDAP_SUCCESS)
		return false;
	*identity_r = identity != NULL ? strndup(identity->bv_val, identity->bv_len) : strdup("");
	ber_bvfree(identity);
	return *identity_r != NULL;
}

static enum sp_admin_status ask(
    struct sp_admin *admin, char **identity_r, char why_r[SP_CONF_WHY_MAX])
{
	LDAP *ld = admin->connection->ld;
	struct sp_ldap_failure failure;
	LDAPMessage *result = NULL;
	int64_t by = sp_admin_deadline();
	int msgid = -1;

	admin->connection->deadline.at_ms = by;
	enum sp_directory_status status =
	    sp_ldap_judge(ld, "Who am I?", ldap_whoami(ld, NULL, NULL, &msgid), &failure);
	if (status == SP_DIRECTORY_OK)
		status = sp_ldap_wait(admin->connection, "Who am I?", msgid, by, &result, &failure);
	if (status == SP_DIRECTORY_OK && !read_identity(ld, result, identity_r)) {
		snprintf(why_r, SP_CONF_WHY_MAX, "the server's answer cannot be read");
		ldap_msgfree(result);
		return SP_ADMIN_ERROR;
	}
	ldap_msgfree(result);
	return status == SP_DIRECTORY_OK
		   ? SP_ADMIN_OK
		   : sp_admin_explain(status, &failure, "the right to ask who one is", why_r);
}

enum sp_admin_status sp_admin_whoami(
    struct sp_admin *admin, char **identity_r, char **server_r, char why_r[SP_CONF_WHY_MAX])
{
	char *uri = NULL;

	*identity_r = *server_r = NULL;
	enum sp_admin_status status = ask(admin, identity_r, why_r);
	if (status != SP_ADMIN_OK)
		return status;
	if (ldap_get_option(admin->connection->ld, LDAP_OPT_URI, &uri) == LDAP_OPT_SUCCESS &&
	    uri != NULL)
		*server_r = strdup(uri);
	ldap_memfree(uri);
	if (*server_r != NULL)
		return SP_ADMIN_OK;
	free(*identity_r);
	*identity_r = NULL;
	snprintf(why_r, SP_CONF_WHY_MAX, "no memory");
	return SP_ADMIN_ERROR;
}
