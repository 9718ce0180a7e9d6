/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * replica_session.h - both contents followed at one server
 *
 * One refresh after the other, each search on a connection of its own.
 */
#ifndef SP_DIRECTORY_REPLICA_SESSION_H
#define SP_DIRECTORY_REPLICA_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/directory/ldap_connection.h"
#include "lib/directory/replica_part.h"
#include "lib/directory/replica_sink.h"
#include "sendpass/attributes.h"

struct sp_replica_session {
	const struct sp_ldap_site *site;
	struct sp_replica_sink *sink;
	int stop_fd;      /* readable when it is time to end */
	size_t server;    /* of the site's */
	bool take_behind; /* take a server, too, that lacks what another one told us */

	/* what came of it, whatever the step */
	bool reached;  /* we were connected and bound */
	bool complete; /* both contents were refreshed */
	bool behind;   /* it was refused for that */
	int64_t complete_ms;
	enum sp_replica_content content;          /* that the step is about */
	struct sp_ldap_failure failure;           /* of the connection; or its text is why */
	const char *reasons[SP_REPLICA_CONTENTS]; /* for a refresh from nothing; in and out */
};

/* Follows until something happens; never SP_REPLICA_GOES_ON. Each wait but that for
 * changes has a deadline. */
SP_NODISCARD enum sp_replica_step sp_replica_session_run(struct sp_replica_session *session);

#endif
