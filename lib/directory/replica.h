/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * replica.h - the directory as a replica has it: no network, no waiting
 *
 * The same questions and answers as of the live directory (live.h), from a store that
 * somebody else keeps up to date. Too old or never whole: SP_DIRECTORY_DOWN. What it
 * cannot know as a server would (a name beyond owner_base, letters not of ASCII) is
 * SP_DIRECTORY_ERROR, or asked of the live directory; never a no.
 */
#ifndef SP_DIRECTORY_REPLICA_H
#define SP_DIRECTORY_REPLICA_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/directory/directory.h"
#include "lib/directory/replica_store.h"
#include "sendpass/attributes.h"

/* An instance over the store; it is refused when older than max_age_ms. `live`, which
 * is taken over, is asked for check_password and for logins that are not local; NULL:
 * such are SP_DIRECTORY_ERROR, and the instance never waits for anything. NULL when
 * there is no memory; live is closed then. */
struct sp_directory *sp_replica_directory_new(
    struct sp_replica_store *store, int64_t max_age_ms, struct sp_directory *live);

/* Whether a login is compared in a replica as a server does it: it is of ASCII. */
SP_NODISCARD bool sp_replica_is_local(const char *login);

#endif
