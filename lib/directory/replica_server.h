/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * replica_server.h - a server that a replica is made from, asked beside the searches
 *
 * On a connection of its own: slapd lets one connection have only so many searches
 * at once, half as many as it has threads, and those of a replica never end.
 */
#ifndef SP_DIRECTORY_REPLICA_SERVER_H
#define SP_DIRECTORY_REPLICA_SERVER_H

#include <ldap.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/directory/ldap_connection.h"
#include "lib/directory/replica_csn.h"
#include "lib/directory/replica_position.h"
#include "lib/directory/replica_sink.h"
#include "sendpass/attributes.h"

struct sp_replica_server {
	const struct sp_ldap_site *site;
	struct sp_ldap_connection *connection;
	int stop_fd;  /* once it can be read, no long search is waited for; -1: none is */
	char *suffix; /* naming context of all the searches; NULL: there is none */
	bool exact;   /* it shows its CSNs there, and what entry it is; else the two are empty */
	struct sp_csns csns;
	char identity[SP_REPLICA_IDENTITY_SIZE];
	struct sp_ldap_failure failure; /* of the last call */
};

/* Finds out what it is; searches are SP_REPLICA_CONTENTS. False: see failure. */
SP_NODISCARD bool sp_replica_server_look(
    struct sp_replica_server *server, const struct sp_replica_search *const *searches);

/* Whether an entry has any below it that we may see. False: see failure. */
SP_NODISCARD bool sp_replica_server_has_children(
    struct sp_replica_server *server, const char *dn, bool *has_r);

/* Whether the filter finds an entry at the base or below it, and one that has an
 * attribute of the search's, if there is one, is shown with it, and with it alone. If not,
 * the failure's text says what is hidden. A server that has no index for that looks at
 * every entry, so each search may take SP_REPLICA_LONG_MS or the site's timeout, whichever
 * is longer. False: see failure. */
#define SP_REPLICA_LONG_MS 60000
SP_NODISCARD bool sp_replica_server_shows(
    struct sp_replica_server *server, const struct sp_replica_search *wanted, bool *shown_r);

/* The CSNs of an entry's contextCSN; none if one of them is none. */
void sp_replica_server_take_csns(LDAP *ld, LDAPMessage *entry, struct sp_csns *csns_r);

/* Closes the connection and frees what is held. */
void sp_replica_server_clear(struct sp_replica_server *server);

#endif
