/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ldap_inspect.h - what the parts of inspect.h share
 */
#ifndef SP_DIRECTORY_LDAP_INSPECT_H
#define SP_DIRECTORY_LDAP_INSPECT_H

#include <ldap.h>
#include <stdint.h>

#include "lib/directory/inspect.h"
#include "lib/directory/ldap_connection.h"
#include "lib/directory/ldap_site.h"

struct sp_inspection {
	struct sp_ldap_site *site;
	struct sp_ldap_connection *connection;
};

/* The server with that number, as inspect.h counts them. NULL: there is none. */
const struct sp_ldap_server *sp_inspect_server(const struct sp_ldap_site *site, size_t number);

/* When an operation that starts now has taken too long, by sp_now_ms(). */
int64_t sp_inspect_deadline(const struct sp_inspection *inspection);

/* The answer; the caller frees it. NULL if the search failed, or its base is not
 * there, with the result code and its text. */
LDAPMessage *sp_inspect_search(struct sp_inspection *inspection,
    const struct sp_ldap_search *search, int *code_r, char why_r[SP_CONF_WHY_MAX]);

/* The attribute's first value in one entry; the caller frees it. NULL for none. */
char *sp_inspect_value(struct sp_inspection *inspection, const char *base, const char *attribute,
    char why_r[SP_CONF_WHY_MAX]);

#endif
