/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * peers.h - the users whose processes a door answers
 */
#ifndef SP_PROCESS_PEERS_H
#define SP_PROCESS_PEERS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "lib/conf/conf.h"
#include "sendpass/attributes.h"

struct sp_peers {
	size_t count; /* 0: everybody */
	uid_t *uids;
};

/* A user's or a group's number, by its name or as a number. No look-up is made
 * while requests are answered: the name service may depend on the directory. */
SP_NODISCARD bool sp_peers_find_user(const char *name, uid_t *uid_r);
SP_NODISCARD bool sp_peers_find_group(const char *name, gid_t *gid_r);

/* Looks the names up. On false *unknown_r is the name that is unknown, or NULL
 * when there is no memory. */
SP_NODISCARD bool sp_peers_resolve(
    const struct sp_conf_list *names, struct sp_peers *peers_r, const char **unknown_r);

/* True if the process that connected fd belongs to a listed user or to root
 * (SO_PEERCRED). *uid_r is that user, or (uid_t)-1 if it cannot be told. */
SP_NODISCARD bool sp_peers_admit(const struct sp_peers *peers, int fd, uid_t *uid_r);

void sp_peers_clear(struct sp_peers *peers);

#endif
