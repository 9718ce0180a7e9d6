/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * server.h - sendpassd from its configuration to its end
 */
#ifndef SP_DAEMON_SERVER_H
#define SP_DAEMON_SERVER_H

#include "sendpass/attributes.h"

/* Runs until SIGTERM or SIGINT, then finishes the attempts under way. Returns
 * the process's exit status; what went wrong is logged. */
SP_NODISCARD int sp_server_run(const char *conf_path);

/* Reads and checks the configuration, as a start would, and says on standard
 * error what is wrong with it. Returns an exit status. */
SP_NODISCARD int sp_server_check(const char *conf_path);

#endif
