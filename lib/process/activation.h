/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * activation.h - listening sockets that a service manager made for us
 *
 * The protocol of sd_listen_fds(3): LISTEN_PID and LISTEN_FDS in the
 * environment, descriptors from 3 on. A socket is known by the place it is bound
 * to, a path or inet:ADDRESS:PORT of loopback, so that the configuration lists
 * doors the same way with and without it.
 */
#ifndef SP_PROCESS_ACTIVATION_H
#define SP_PROCESS_ACTIVATION_H

#include <stdbool.h>
#include <stddef.h>

#include "sendpass/attributes.h"
#include "sendpass/limits.h"

#define SP_ACTIVATION_MAX 16

struct sp_activation {
	size_t count;
	struct sp_activated {
		int fd; /* -1 once claimed */
		char place[SP_SOCKET_PATH_SIZE];
	} sockets[SP_ACTIVATION_MAX];
};

/* Takes over what is there for this process, which may be nothing, and sets
 * CLOEXEC and O_NONBLOCK. False, with *why_r static text, if one of them is no
 * listening unix socket or TCP on loopback, or there are too many. */
SP_NODISCARD bool sp_activation_take(struct sp_activation *activation_r, const char **why_r);

/* The socket bound to place, the caller's from now on; -1 if there is none. */
int sp_activation_claim(struct sp_activation *activation, const char *place);

/* The place of a socket that nobody claimed; NULL for none. */
const char *sp_activation_unclaimed(const struct sp_activation *activation);

/* Closes what nobody claimed. */
void sp_activation_close(struct sp_activation *activation);

#endif
