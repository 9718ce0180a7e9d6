/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * replica_follower.h - the thread that keeps a replica like the directory
 */
#ifndef SP_DAEMON_REPLICA_FOLLOWER_H
#define SP_DAEMON_REPLICA_FOLLOWER_H

#include <stdint.h>

#include "daemon/generation.h"
#include "lib/directory/replica_sink.h"

struct sp_replica_follower;

/* Starts it: sp_replica_sync_run() with the servers of the current generation. The sink
 * must outlive it. NULL when there is no memory, descriptor or thread. */
struct sp_replica_follower *sp_replica_follower_start(
    struct sp_generations *generations, struct sp_replica_sink *sink, int64_t max_age_ms);

/* Has it go over to the generation that is current by now. Does not wait. */
void sp_replica_follower_reload(struct sp_replica_follower *follower);

/* Ends it and waits for that, as long as sp_replica_sync_run() says. */
void sp_replica_follower_stop(struct sp_replica_follower **follower);

#endif
