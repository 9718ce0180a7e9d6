/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * replica_position.h - where in the history of which directory a content stands
 *
 * It is what a sink keeps as the cookie. It holds the search too, so that a content
 * is never continued with another one.
 */
#ifndef SP_DIRECTORY_REPLICA_POSITION_H
#define SP_DIRECTORY_REPLICA_POSITION_H

#include <lber.h>
#include <stdbool.h>
#include <time.h>

#include "lib/directory/replica_csn.h"
#include "lib/directory/replica_sink.h"
#include "sendpass/attributes.h"

#define SP_REPLICA_IDENTITY_SIZE 37 /* a UUID as text, and a NUL */

struct sp_replica_position {
	char identity[SP_REPLICA_IDENTITY_SIZE]; /* entryUUID of the database's topmost entry */
	time_t refreshed;    /* the last refresh from nothing; 0: one is due, or under way */
	const char *account; /* who was shown what is there; empty for one without a DN */
	struct sp_csns seen; /* nothing up to there is missing, if none is due */
};

/* The caller frees *cookie_r (free()). False when there is no memory. */
SP_NODISCARD bool sp_replica_position_write(const struct sp_replica_position *position,
    const struct sp_replica_search *search, struct berval *cookie_r);

/* False, with nothing in *position_r but the account, for what is no position, or one of
 * another search or account: to another one the server may show more. */
SP_NODISCARD bool sp_replica_position_read(const struct berval *cookie,
    const struct sp_replica_search *search, const char *account,
    struct sp_replica_position *position_r);

#endif
