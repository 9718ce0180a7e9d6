/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * credential_table.h - app passwords as the rows of a table
 */
#ifndef SP_TOOL_CREDENTIAL_TABLE_H
#define SP_TOOL_CREDENTIAL_TABLE_H

#include <stdio.h>
#include <time.h>

#include "lib/directory/credential.h"
#include "tool/verb.h"

#define SP_OWNER_NAME_SIZE 64

/* What stands in the first part of an owner's DN, cut if it is long: "alice" of
 * "uid=alice,ou=people". What is no DN is given back as it is. */
const char *sp_owner_name(const char *dn, char name_r[SP_OWNER_NAME_SIZE]);

/* A row for each. For people: the owner's name without the rest of its DN, and
 * days without the time. Anything but SP_EXIT_OK has been told. */
enum sp_exit sp_credentials_for_people(
    FILE *out, const struct sp_credential_list *list, time_t now);
enum sp_exit sp_credentials_for_programs(
    FILE *out, const struct sp_credential_list *list, time_t now);

#endif
