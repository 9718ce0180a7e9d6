/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/directory/replica_server.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/base/clock.h"
#include "lib/directory/ldap_ask.h"

#define ANY      "(objectClass=*)"
#define SLICE_MS 200 /* of a long search, before stop_fd is looked at again */

static bool ask(struct sp_replica_server *server, const char *base, int scope, const char *filter,
    char **attributes, LDAPMessage **result_r)
{
	const struct sp_ldap_search search = {base, scope, filter, attributes, 1};
	const struct sp_ldap_live live = {.connection = server->connection};

	return sp_ldap_search(&live, &search, sp_now_ms() + server->site->timeout_ms, result_r,
		   &server->failure) == SP_DIRECTORY_OK;
}

static bool is_stopped(const struct sp_replica_server *server)
{
	struct pollfd stop = {.fd = server->stop_fd, .events = POLLIN};

	return poll(&stop, 1, 0) > 0;
}

/* As ask(), of a whole subtree. */
static bool ask_long(struct sp_replica_server *server, const struct sp_replica_search *wanted,
    const char *filter, char **attributes, LDAPMessage **result_r)
{
	const struct sp_ldap_search search = {
	    wanted->base, LDAP_SCOPE_SUBTREE, filter, attributes, 1};
	int64_t most_ms = server->site->timeout_ms;
	int msgid;

	*result_r = NULL;
	if (most_ms < SP_REPLICA_LONG_MS)
		most_ms = SP_REPLICA_LONG_MS;
	int64_t deadline_ms = sp_now_ms() + most_ms;
	enum sp_directory_status status =
	    sp_ldap_send(server->connection, &search, deadline_ms, &msgid, &server->failure);
	if (status != SP_DIRECTORY_OK)
		return false;
	do {
		int64_t slice_ms = sp_now_ms() + SLICE_MS;
		status = sp_ldap_wait(server->connection, "search", msgid,
		    slice_ms < deadline_ms ? slice_ms : deadline_ms, result_r, &server->failure);
	} while (server->failure.code == LDAP_TIMEOUT && sp_remaining_ms(deadline_ms) > 0 &&
		 !is_stopped(server));
	return status == SP_DIRECTORY_OK;
}

/* Whether the base is the suffix or below it. Where it is spelled in another way, the
 * server's CSNs are not found, and no more. */
static bool is_below(const char *base, const struct berval *suffix)
{
	size_t length = strlen(base);

	if (suffix->bv_len == 0 || length < suffix->bv_len ||
	    strncasecmp(base + length - suffix->bv_len, suffix->bv_val, suffix->bv_len) != 0)
		return false;
	return length == suffix->bv_len || base[length - suffix->bv_len - 1] == ',';
}

static bool holds_all(const struct berval *suffix, const struct sp_replica_search *const *searches)
{
	for (size_t i = 0; i < SP_REPLICA_CONTENTS; i++) {
		if (!is_below(searches[i]->base, suffix))
			return false;
	}
	return true;
}

static bool find_suffix(
    struct sp_replica_server *server, const struct sp_replica_search *const *searches)
{
	char *attributes[] = {"namingContexts", NULL};
	LDAP *ld = server->connection->ld;
	LDAPMessage *result = NULL;
	bool ok = ask(server, "", LDAP_SCOPE_BASE, ANY, attributes, &result);
	LDAPMessage *root = ok ? ldap_first_entry(ld, result) : NULL;
	struct berval **values = root != NULL ? ldap_get_values_len(ld, root, attributes[0]) : NULL;

	for (int i = 0; i < ldap_count_values_len(values); i++) {
		if (!holds_all(values[i], searches) ||
		    (server->suffix != NULL && strlen(server->suffix) >= values[i]->bv_len))
			continue;
		free(server->suffix);
		server->suffix = strndup(values[i]->bv_val, values[i]->bv_len);
	}
	ldap_value_free_len(values);
	ldap_msgfree(result);
	return ok;
}

void sp_replica_server_take_csns(LDAP *ld, LDAPMessage *entry, struct sp_csns *csns_r)
{
	struct berval **values = ldap_get_values_len(ld, entry, "contextCSN");

	csns_r->count = 0;
	for (int i = 0; i < ldap_count_values_len(values); i++) {
		if (sp_csns_add(csns_r, values[i]->bv_val, values[i]->bv_len))
			continue;
		csns_r->count = 0;
		break;
	}
	ldap_value_free_len(values);
}

static bool take_identity(LDAP *ld, LDAPMessage *entry, char identity_r[SP_REPLICA_IDENTITY_SIZE])
{
	struct berval **values = ldap_get_values_len(ld, entry, "entryUUID");
	bool ok =
	    ldap_count_values_len(values) == 1 && values[0]->bv_len == SP_REPLICA_IDENTITY_SIZE - 1;

	if (ok)
		memcpy(identity_r, values[0]->bv_val, SP_REPLICA_IDENTITY_SIZE - 1);
	ldap_value_free_len(values);
	return ok;
}

bool sp_replica_server_look(
    struct sp_replica_server *server, const struct sp_replica_search *const *searches)
{
	char *attributes[] = {"entryUUID", "contextCSN", NULL};
	LDAP *ld = server->connection->ld;
	LDAPMessage *result = NULL;

	if (!find_suffix(server, searches))
		return false;
	if (server->suffix == NULL)
		return true;
	bool ok = ask(server, server->suffix, LDAP_SCOPE_BASE, ANY, attributes, &result);
	LDAPMessage *entry = ok ? ldap_first_entry(ld, result) : NULL;
	if (entry != NULL) {
		sp_replica_server_take_csns(ld, entry, &server->csns);
		server->exact =
		    take_identity(ld, entry, server->identity) && server->csns.count > 0;
	}
	ldap_msgfree(result);
	return ok;
}

static bool is_any(const struct sp_replica_server *server, LDAPMessage *result)
{
	return server->failure.code == LDAP_SIZELIMIT_EXCEEDED ||
	       ldap_count_entries(server->connection->ld, result) > 0;
}

bool sp_replica_server_has_children(struct sp_replica_server *server, const char *dn, bool *has_r)
{
	char *attributes[] = {LDAP_NO_ATTRS, NULL};
	LDAPMessage *result = NULL;
	bool ok = ask(server, dn, LDAP_SCOPE_ONELEVEL, ANY, attributes, &result);

	*has_r = ok && is_any(server, result);
	ldap_msgfree(result);
	return ok;
}

static bool finds(
    struct sp_replica_server *server, const struct sp_replica_search *wanted, bool *found_r)
{
	char *attributes[] = {LDAP_NO_ATTRS, NULL};
	LDAPMessage *result = NULL;
	bool ok = ask_long(server, wanted, wanted->filter, attributes, &result);

	*found_r = ok && is_any(server, result);
	ldap_msgfree(result);
	return ok;
}

/* With options or without. */
static bool is_named(const char *name, const char *attribute)
{
	size_t length = strcspn(name, ";");

	return length == strlen(attribute) && strncasecmp(name, attribute, length) == 0;
}

/* Whether it came, and by no other name: a server sends what has a name of its own below
 * the one that was asked for, too. */
static bool has_alone(LDAP *ld, LDAPMessage *entry, const char *attribute)
{
	BerElement *ber = NULL;
	size_t count = 0;
	bool named = true;

	for (char *name = ldap_first_attribute(ld, entry, &ber); name != NULL;
	     name = ldap_next_attribute(ld, entry, ber)) {
		named = named && is_named(name, attribute);
		count++;
		ldap_memfree(name);
	}
	ber_free(ber, 0);
	return named && count > 0;
}

static bool shows(struct sp_replica_server *server, const struct sp_replica_search *wanted,
    char *attribute, bool *shown_r)
{
	char *attributes[] = {attribute, NULL};
	LDAP *ld = server->connection->ld;
	LDAPMessage *result = NULL;
	char *having = NULL;

	server->failure = (struct sp_ldap_failure){.code = LDAP_NO_MEMORY};
	bool ok = asprintf(&having, "(&%s(%s=*))", wanted->filter, attribute) >= 0 &&
		  ask_long(server, wanted, having, attributes, &result);
	LDAPMessage *entry = ok ? ldap_first_entry(ld, result) : NULL;
	*shown_r = ok && (entry == NULL || has_alone(ld, entry, attribute));
	ldap_msgfree(result);
	free(having);
	return ok;
}

bool sp_replica_server_shows(
    struct sp_replica_server *server, const struct sp_replica_search *wanted, bool *shown_r)
{
	char *text = server->failure.text;
	const size_t size = sizeof(server->failure.text);

	if (!finds(server, wanted, shown_r))
		return false;
	if (!*shown_r)
		snprintf(text, size,
		    "below %.100s the account of [ldap] may ask no entry for all of %.200s",
		    wanted->base, wanted->filter);
	for (char **name = wanted->attributes; *name != NULL && *shown_r; name++) {
		if (!shows(server, wanted, *name, shown_r))
			return false;
		if (!*shown_r)
			snprintf(text, size,
			    "below %.100s the account of [ldap] may ask for %.100s and not read "
			    "it, "
			    "or the server calls it by another name",
			    wanted->base, *name);
	}
	return true;
}

void sp_replica_server_clear(struct sp_replica_server *server)
{
	sp_ldap_disconnect(&server->connection);
	free(server->suffix);
	memset(server, 0, sizeof(*server));
}
