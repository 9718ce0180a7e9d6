/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * replica_place.h - one content in a session: how it begins, and whether all has come
 *
 * Where the server shows contextCSN, it is asked for it every second, beside the
 * search. What it says to a question that was sent at T has been seen once the
 * cookies that came are as far: then all that was acknowledged to anybody before T has
 * been committed, and T is the content's contact. If it is further for LAG_MS and
 * nothing comes, it has left out something, and the content is made anew.
 *
 * Other servers are asked for the base entry, on the search's own connection. An
 * answer proves that the server lives and the connection stands, not that no change
 * is on its way; so the contact is the time of the question before.
 */
#ifndef SP_DIRECTORY_REPLICA_PLACE_H
#define SP_DIRECTORY_REPLICA_PLACE_H

#include <ldap.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/directory/ldap_connection.h"
#include "lib/directory/replica_csn.h"
#include "lib/directory/replica_part.h"
#include "lib/directory/replica_server.h"
#include "sendpass/attributes.h"

struct sp_replica_place {
	struct sp_replica_part part;
	struct sp_ldap_connection *connection; /* of the search */
	int msgid;
	int64_t heard_ms; /* anything on its connection */
	bool behind;      /* refused as the server lacks what we have seen */

	struct sp_ldap_connection *asking; /* where the questions go */
	const char *asked;                 /* the entry that is asked for */
	int beat;                          /* the question under way, or -1 */
	int64_t beat_ms, beat_before_ms;
	struct sp_csns found; /* in its answer */
	struct sp_csns awaited;
	int64_t awaited_ms; /* 0: nothing */
};

/* Chooses between cookie and nothing and sends the search. take_behind: even to a
 * server that lacks what we have seen. */
SP_NODISCARD enum sp_replica_step sp_replica_place_begin(
    struct sp_replica_place *place, const struct sp_replica_server *server, bool take_behind);

/* A message of the question's. */
SP_NODISCARD enum sp_replica_step sp_replica_place_take_beat(
    struct sp_replica_place *place, LDAPMessage *message);

/* To be called when all that came has been committed. */
void sp_replica_place_settle(struct sp_replica_place *place);

/* What is overdue, and the next question; when to look again, if that is earlier. */
SP_NODISCARD enum sp_replica_step sp_replica_place_look_at_clock(
    struct sp_replica_place *place, int timeout_ms, int64_t *next_ms);

#endif
