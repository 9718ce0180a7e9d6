/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * replica_owner.h - owners as a replica has them
 *
 * Part of a question: the view's reader has begun, and is used for nothing else meanwhile.
 */
#ifndef SP_DIRECTORY_REPLICA_OWNER_H
#define SP_DIRECTORY_REPLICA_OWNER_H

#include <stdbool.h>
#include <time.h>

#include "lib/directory/directory.h"
#include "lib/directory/replica_store.h"
#include "sendpass/attributes.h"

struct sp_replica_view {
	const struct sp_replica_scope *scope;
	struct sp_replica_reader *reader;
	time_t now;
};

/* The owner's part of a struct sp_directory_answer. The login is local (replica.h). */
SP_NODISCARD enum sp_directory_status sp_replica_find_owner(
    struct sp_replica_view *view, const char *login, struct sp_directory_answer *answer);

/* The operations of directory.h. */
SP_NODISCARD enum sp_directory_status sp_replica_ask_owner(struct sp_replica_view *view,
    const char *dn, enum sp_owner_question question, const char *login, bool *yes_r);
SP_NODISCARD enum sp_directory_status sp_replica_read_owner(
    struct sp_replica_view *view, const char *dn, struct sp_owner_entry *entry_r);

/* Adds the active owners that have the address, or more, to the answer. */
SP_NODISCARD enum sp_directory_status sp_replica_find_by_address(
    struct sp_replica_view *view, const char *address, struct sp_sender_answer *answer);

#endif
