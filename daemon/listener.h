/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * listener.h - the listening sockets of a door
 */
#ifndef SP_DAEMON_LISTENER_H
#define SP_DAEMON_LISTENER_H

#include <stdbool.h>

#include "lib/conf/conf.h"
#include "sendpass/attributes.h"

/* Makes the unix socket of one line of configuration: bound under a name of its
 * own, given owner, group and mode, and only then moved to its path, so that it
 * is never reachable with other rights. A socket nobody listens on is replaced;
 * one that is answered, or a file of another kind, is left alone. Returns a
 * listening fd (CLOEXEC, non-blocking), or -1 with why_r. */
SP_NODISCARD int sp_listener_open(const struct sp_conf_door *door, char why_r[SP_CONF_WHY_MAX]);

#endif
