/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * replica_container.h - which entries are there to hold others
 *
 * When such an entry is renamed or moved, those below it get other names, and
 * OpenLDAP's Content Sync tells of the entry alone. So where one comes, goes or gets
 * another name, a replica has to be made anew.
 */
#ifndef SP_DIRECTORY_REPLICA_CONTAINER_H
#define SP_DIRECTORY_REPLICA_CONTAINER_H

#include <stdbool.h>

#include "lib/directory/entry.h"
#include "sendpass/attributes.h"

/* By its objectClass: organizationalUnit and the like (RFC 4519, section 3; RFC 4524;
 * Active Directory's and 389-DS's). */
SP_NODISCARD bool sp_entry_is_container(const struct sp_entry *entry);

#endif
