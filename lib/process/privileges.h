/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * privileges.h - what a daemon gives up once its secrets and sockets are open
 */
#ifndef SP_PROCESS_PRIVILEGES_H
#define SP_PROCESS_PRIVILEGES_H

#include <stdbool.h>

#include "sendpass/attributes.h"

/* No core dumps, no ptrace by others of the same user, no new privileges. After
 * sp_privileges_drop(), as a change of user resets PR_SET_DUMPABLE. */
SP_NODISCARD bool sp_privileges_restrict(const char **why_r);

/* Becomes `user`, with its group and no other, for good. Already running as
 * somebody other than root, it only checks that this is the user. On false
 * *why_r is static text. */
SP_NODISCARD bool sp_privileges_drop(const char *user, const char **why_r);

#endif
