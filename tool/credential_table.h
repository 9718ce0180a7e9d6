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

/* A row for each. For people: the owner's name without the rest of its DN, and
 * days without the time. Anything but SP_EXIT_OK has been told. */
enum sp_exit sp_credentials_for_people(
    FILE *out, const struct sp_credential_list *list, time_t now);
enum sp_exit sp_credentials_for_programs(
    FILE *out, const struct sp_credential_list *list, time_t now);

#endif
