/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * change.h - changes to the directory, each with its line in syslog, whatever signal comes
 *
 * Where nobody knows whether it was done, the line says so; where it was not, there is
 * none. An enum sp_exit but SP_EXIT_OK has been told. Events are those of sendpass(1).
 */
#ifndef SP_TOOL_CHANGE_H
#define SP_TOOL_CHANGE_H

#include "lib/directory/credential.h"
#include "sendpass/attributes.h"
#include "tool/session.h"
#include "tool/verb.h"

/* As sp_admin_add(): what it returns is not told, since its caller may try another id. */
SP_NODISCARD enum sp_admin_status sp_change_add(struct sp_session *session, const char *event,
    const struct sp_credential *credential, char why_r[SP_CONF_WHY_MAX]);

/* As sp_admin_change(). */
SP_NODISCARD enum sp_exit sp_change(struct sp_session *session, const char *event,
    const struct sp_credential *before, const struct sp_credential *after);

/* As sp_admin_delete(). */
SP_NODISCARD enum sp_exit sp_change_delete(
    struct sp_session *session, const char *event, const struct sp_credential *credential);

#endif
