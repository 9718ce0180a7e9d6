/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mobileconfig.h - a configuration profile for Apple's devices
 *
 * A property list with one payload com.apple.mail.managed, after Apple's Device
 * Management reference: "TopLevel", "CommonPayloadKeys" and "Mail".
 * The only file of the tool that knows libxml2.
 */
#ifndef SP_TOOL_MOBILECONFIG_H
#define SP_TOOL_MOBILECONFIG_H

#include "lib/base/secret.h"
#include "lib/directory/credential.h"
#include "tool/account.h"
#include "tool/verb.h"

/* Writes it to standard output. Its identifier is the same for the same login at the
 * same server, so a device replaces the profile that it has by a later one. The device
 * asks for the password of the mailbox. SP_EXIT_FAILED, which has been told, when
 * there is no memory. */
enum sp_exit sp_mobileconfig_write(const struct sp_account *account,
    const struct sp_credential *credential, const struct sp_secret *password);

#endif
