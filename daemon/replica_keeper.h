/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * replica_keeper.h - sendpassd's replica: its file, the thread that follows the directory,
 * and the word about its age
 *
 *	event=replica_current credentials= owners=	it answers, at first or again
 *	event=replica_stale message=			it does not: too old, or not whole yet
 */
#ifndef SP_DAEMON_REPLICA_KEEPER_H
#define SP_DAEMON_REPLICA_KEEPER_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/generation.h"
#include "lib/conf/conf.h"
#include "lib/directory/directory.h"
#include "lib/directory/replica_store.h"
#include "sendpass/attributes.h"

struct event_base;
struct sp_replica_keeper;

/* Opens the file in [daemon] state_directory and starts the thread, as the current
 * generation says; what that says of [directory] is held to the end. On false,
 * *keeper_r is NULL and why_r says why. *keeper_r is NULL, too, with [directory] mode =
 * live. */
SP_NODISCARD bool sp_replica_keeper_start(struct event_base *base,
    struct sp_generations *generations, struct sp_replica_keeper **keeper_r,
    char why_r[SP_CONF_WHY_MAX]);

/* Has the thread go over to the generation that is current by now. NULL is allowed. */
void sp_replica_keeper_reload(struct sp_replica_keeper *keeper);

/* When all its directories are closed. */
void sp_replica_keeper_stop(struct sp_replica_keeper **keeper);

/* A directory over the replica; as sp_replica_directory_new(). From any thread. */
struct sp_directory *sp_replica_keeper_directory(
    struct sp_replica_keeper *keeper, struct sp_directory *live);

struct sp_replica_facts {
	int64_t age_ms; /* SP_REPLICA_NEVER */
	bool current;
	size_t credentials, owners;
};

/* From any thread. */
struct sp_replica_facts sp_replica_keeper_facts(const struct sp_replica_keeper *keeper);

#endif
