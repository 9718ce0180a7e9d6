/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ldap_connection.h - one bound LDAP connection, and what its answers mean
 */
#ifndef SP_DIRECTORY_LDAP_CONNECTION_H
#define SP_DIRECTORY_LDAP_CONNECTION_H

#include <ldap.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/directory/directory.h"
#include "lib/directory/ldap_deadline.h"
#include "lib/directory/ldap_site.h"
#include "sendpass/attributes.h"

/* What went wrong, for decisions and for people. */
struct sp_ldap_failure {
	int code;       /* an LDAP result code, ours (negative) or the server's */
	bool of_server; /* it says that the server or the connection is no good, not this request */
	char text[384]; /* "bind: Invalid credentials" and what the server added */
};

/* Bound, unless its site is nobody, and used by one thread at a time. */
struct sp_ldap_connection {
	LDAP *ld;
	struct sp_ldap_deadline deadline; /* of what is under way */
	struct ldap_conncb sent;
};

/* Connects, brings up TLS as the server's transport demands, and binds, each
 * within the site's time and all of it before deadline_ms. Name resolution, and a
 * host's further addresses, can take libldap longer. On SP_DIRECTORY_OK the caller
 * owns *connection_r: sp_ldap_disconnect(). Otherwise *connection_r is NULL. */
SP_NODISCARD enum sp_directory_status sp_ldap_connect(const struct sp_ldap_site *site,
    const struct sp_ldap_server *server, int64_t deadline_ms,
    struct sp_ldap_connection **connection_r, struct sp_ldap_failure *failure_r);
void sp_ldap_disconnect(struct sp_ldap_connection **connection);

/* Whether the entry at dn binds with the password, on a connection that is made
 * for it. A refusal is SP_DIRECTORY_OK. The password must not be empty. */
SP_NODISCARD enum sp_directory_status sp_ldap_check_bind(const struct sp_ldap_site *site,
    const struct sp_ldap_server *server, const char *dn, const struct sp_secret *password,
    int64_t deadline_ms, bool *right_r, struct sp_ldap_failure *failure_r);

struct sp_ldap_search {
	const char *base;
	int scope;
	const char *filter;
	char **attributes;
	int limit; /* entries; 0 for as many as the server gives */
};

/* ldap_search_ext(3). It leaves out of a filter what it has no memory for and sends the
 * rest: "and" then finds more than was asked for, and "or" less. That is
 * LDAP_NO_MEMORY here, and what comes for *msgid_r is no answer. controls and
 * limit may be NULL. */
SP_NODISCARD int sp_ldap_search_ext(LDAP *ld, const struct sp_ldap_search *search,
    LDAPControl **controls, struct timeval *limit, int *msgid_r);

/* Sends it, asking the server to stop at the deadline too. */
SP_NODISCARD enum sp_directory_status sp_ldap_send(struct sp_ldap_connection *connection,
    const struct sp_ldap_search *search, int64_t deadline_ms, int *msgid_r,
    struct sp_ldap_failure *failure_r);

/* Waits for the whole answer to a request and reads its result code. The caller
 * frees *result_r (ldap_msgfree), which is NULL unless the server answered.
 * LDAP_SIZELIMIT_EXCEEDED and LDAP_NO_SUCH_OBJECT are left to the caller: they
 * are SP_DIRECTORY_OK with the code in failure_r->code. */
SP_NODISCARD enum sp_directory_status sp_ldap_wait(struct sp_ldap_connection *connection,
    const char *what, int msgid, int64_t deadline_ms, LDAPMessage **result_r,
    struct sp_ldap_failure *failure_r);

/* Fills the failure from a code that libldap or the server gave, and says what
 * it means for a lookup. `what` names the step in the text; ld may be NULL. */
enum sp_directory_status sp_ldap_judge(
    LDAP *ld, const char *what, int code, struct sp_ldap_failure *failure_r);

#endif
