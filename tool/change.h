/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * change.h - changes to the directory, each with its line in syslog
 *
 * Anything but SP_EXIT_OK has been told. Events are those of sendpass(1).
 */
#ifndef SP_TOOL_CHANGE_H
#define SP_TOOL_CHANGE_H

#include "lib/directory/credential.h"
#include "sendpass/attributes.h"
#include "tool/session.h"
#include "tool/verb.h"

/* As sp_admin_change(). */
SP_NODISCARD enum sp_exit sp_change(struct sp_session *session, const char *event,
    const struct sp_credential *before, const struct sp_credential *after);

/* As sp_admin_delete(). */
SP_NODISCARD enum sp_exit sp_change_delete(
    struct sp_session *session, const char *event, const struct sp_credential *credential);

/* The line alone: which credential, and who did it. With SP_ADMIN_DOWN it says that
 * nobody knows whether it was done; with any other failure nothing was, and there is no line. */
void sp_change_log(const struct sp_session *session, const char *event,
    const struct sp_credential *credential, enum sp_admin_status status);

#endif
