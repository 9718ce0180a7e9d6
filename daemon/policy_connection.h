/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * policy_connection.h - one client of the `policy` door
 */
#ifndef SP_DAEMON_POLICY_CONNECTION_H
#define SP_DAEMON_POLICY_CONNECTION_H

#include <stdbool.h>
#include <sys/queue.h>
#include <sys/time.h>

#include "daemon/policy_check.h"

struct event_base;
struct sp_policy_connection;

TAILQ_HEAD(sp_policy_connection_list, sp_policy_connection);

/* What all connections of a door share; the door's own, and it outlives them. */
struct sp_policy_clients {
	struct event_base *base;
	struct sp_policy_site site;
	struct timeval idle_timeout; /* between bytes */
	size_t count;
	bool draining; /* close each connection once it waits for nothing */
	struct sp_policy_connection_list list;
};

/* Serves the client behind fd, its requests one after another; fd belongs to the
 * connection. A client that sends what is no request is logged and closed. */
void sp_policy_connection_begin(struct sp_policy_clients *clients, int fd);

/* Closes each connection that waits for no answer. */
void sp_policy_connections_settle(struct sp_policy_clients *clients);

/* Closes them all. */
void sp_policy_connections_close(struct sp_policy_clients *clients);

#endif
