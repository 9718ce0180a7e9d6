/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sheet.h - a new app password on a sheet for its owner
 */
#ifndef SP_TOOL_SHEET_H
#define SP_TOOL_SHEET_H

#include "lib/base/secret.h"
#include "lib/directory/credential.h"
#include "tool/account.h"

/* Writes what the owner types into a mail client, and where and how long it may be
 * used, to standard output. */
void sp_sheet_write(const struct sp_account *account, const struct sp_credential *credential,
    const struct sp_secret *password);

#endif
