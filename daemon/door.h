/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * door.h - a set of listening sockets that speak one protocol
 *
 * Accepts, and hands each new connection of an admitted user to the protocol.
 * How many there may be is counted over the door's sockets together.
 */
#ifndef SP_DAEMON_DOOR_H
#define SP_DAEMON_DOOR_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/conf/conf.h"
#include "lib/process/activation.h"
#include "lib/process/listener.h"
#include "sendpass/attributes.h"

struct event_base;
struct sp_door;

/* Serves a new client: fd, non-blocking and CLOEXEC, is the protocol's from here. */
typedef void sp_door_begin_fn(void *context, int fd);

/* How many clients the protocol has now. */
typedef size_t sp_door_count_fn(const void *context);

struct sp_door_protocol {
	const char *name; /* the door's name in log lines, and its key under [daemon] */
	sp_door_begin_fn *begin;
	sp_door_count_fn *count;
	/* What a client that is turned away is told, in the protocol's words, so that
	 * it takes this for "later"; may be empty. */
	const char *farewell;
	size_t farewell_length;
};

/* Whether the client of that socket belongs to a user whom it answers; logs one that does
 * not. */
SP_NODISCARD bool sp_door_admits(const struct sp_listener *listener, const char *name, int fd);

/* Opens the sockets, which may need root, or takes them from activation.
 * protocol must outlive the door. NULL with why_r. */
struct sp_door *sp_door_open(const struct sp_door_protocol *protocol,
    const struct sp_conf_doors *sockets, size_t max_connections, struct sp_activation *activation,
    char why_r[SP_CONF_WHY_MAX]);

/* Begins to accept. base must outlive the door; context is handed to the protocol. */
SP_NODISCARD bool sp_door_start(struct sp_door *door, struct event_base *base, void *context);

/* Accepts no more. */
void sp_door_stop(struct sp_door *door);

void sp_door_close(struct sp_door **door);

#endif
