/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * listener.h - one listening socket of a door
 */
#ifndef SP_PROCESS_LISTENER_H
#define SP_PROCESS_LISTENER_H

#include <stdbool.h>

#include "lib/conf/conf.h"
#include "lib/process/activation.h"
#include "lib/process/peers.h"
#include "sendpass/attributes.h"

struct sp_listener {
	int fd;        /* CLOEXEC, non-blocking, listening; -1 for none */
	bool loopback; /* on TCP, where nobody can tell whose a client is */
	struct sp_peers peers;
};

/* Takes the socket that the service manager made for the door's place, or makes
 * it. A unix socket is bound under a name of its own, given owner, group and mode, and only then
 * moved to its path, so that it is never reachable with other rights. A socket
 * nobody listens on is replaced; one that is answered, or a file of another
 * kind, is left alone. Refused is a directory in which somebody other than
 * root, us, the door's owner or a peer could put another socket in its place.
 * On false the listener is empty and why_r says what is wrong. */
SP_NODISCARD bool sp_listener_open(const struct sp_conf_door *door,
    struct sp_activation *activation, struct sp_listener *listener_r, char why_r[SP_CONF_WHY_MAX]);

/* Closes the socket, unless it was given away, and frees the rest. */
void sp_listener_close(struct sp_listener *listener);

#endif
