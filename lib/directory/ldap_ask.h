/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ldap_ask.h - one question to the first server that answers, for the live directory
 */
#ifndef SP_DIRECTORY_LDAP_ASK_H
#define SP_DIRECTORY_LDAP_ASK_H

#include <ldap.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/directory/directory.h"
#include "lib/directory/ldap_connection.h"
#include "lib/directory/ldap_site.h"
#include "sendpass/attributes.h"

struct sp_ldap_live {
	struct sp_directory directory; /* first */
	struct sp_ldap_site *site;
	struct sp_ldap_connection *connection; /* NULL when there is none */
	size_t server;                         /* that it leads to */
};

/* Puts a question to one server, on a connection that is up. May be called again,
 * for another server, and then begins anew. */
typedef enum sp_directory_status sp_ldap_question_fn(const struct sp_ldap_live *live,
    void *question, int64_t deadline_ms, struct sp_ldap_failure *failure);

/* Asks the first server that is not known to be down, then those after it. Each has
 * the site's timeout for the whole question. */
SP_NODISCARD enum sp_directory_status sp_ldap_ask(
    struct sp_ldap_live *live, sp_ldap_question_fn *ask, void *question);

/* For such a question: sends one search and waits, as sp_ldap_wait() does. With the
 * scope of one entry LDAP_SIZELIMIT_EXCEEDED is SP_DIRECTORY_ERROR. */
SP_NODISCARD enum sp_directory_status sp_ldap_search(const struct sp_ldap_live *live,
    const struct sp_ldap_search *search, int64_t deadline_ms, LDAPMessage **result_r,
    struct sp_ldap_failure *failure_r);

/* SP_DIRECTORY_ERROR, with a text that names the base. */
enum sp_directory_status sp_ldap_missing_base(const char *base, struct sp_ldap_failure *failure);

#endif
