/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * replica_sync.h - keeps a sink like the directory, by Content Sync (RFC 4533)
 *
 * refreshAndPersist, once for each content, over one connection to the first server
 * that can be taken; the next one when that fails. It stays there until it loses it.
 * Referrals are not followed and aliases not dereferenced.
 *
 *	event=replica_lost uri= error= message=		once, until all is followed again
 *	event=replica_refused uri= content= error=	once for each server and error
 *
 * and those of replica_part.h and ldap_health.h.
 */
#ifndef SP_DIRECTORY_REPLICA_SYNC_H
#define SP_DIRECTORY_REPLICA_SYNC_H

#include <stdint.h>

#include "lib/directory/live.h"
#include "lib/directory/replica_sink.h"

/* Returns when stop_fd is readable: at once while it follows a server; after the
 * site's connect_timeout and twice its timeout at most while it connects to one (name
 * resolution can take longer). A server that lacks what another one told us is not
 * taken until none but such have been there for max_age_ms. */
void sp_replica_sync_run(
    struct sp_ldap_site *site, struct sp_replica_sink *sink, int stop_fd, int64_t max_age_ms);

#endif
