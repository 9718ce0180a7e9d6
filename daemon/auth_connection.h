/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * auth_connection.h - one client of the `auth` door
 */
#ifndef SP_DAEMON_AUTH_CONNECTION_H
#define SP_DAEMON_AUTH_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/time.h>

#include "daemon/pipeline.h"
#include "sendpass/attributes.h"

struct event_base;
struct sp_auth_connection;

TAILQ_HEAD(sp_auth_connection_list, sp_auth_connection);

/* What all connections of a door share; the door's own, and it outlives them. */
struct sp_auth_clients {
	struct event_base *base;
	struct sp_pipeline *pipeline;
	struct timeval greeting_timeout; /* for the first line */
	struct timeval idle_timeout;     /* between lines */
	uint32_t greeted;                /* connections so far: the CUID */
	size_t count;
	bool draining; /* close each connection once it waits for nothing */
	struct sp_auth_connection_list list;
};

/* Greets the client behind fd and serves it; fd belongs to the connection, and
 * is closed when it cannot be served. */
void sp_auth_connection_begin(struct sp_auth_clients *clients, int fd);

/* Closes each connection that waits for no answer. */
void sp_auth_connections_settle(struct sp_auth_clients *clients);

/* Closes them all. */
void sp_auth_connections_close(struct sp_auth_clients *clients);

#endif
