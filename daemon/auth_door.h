/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * auth_door.h - the `auth` door: Dovecot auth clients on unix sockets
 *
 * Each connection is greeted at once, whatever the directory's state: Postfix
 * ends the whole SMTP session where no greeting comes.
 */
#ifndef SP_DAEMON_AUTH_DOOR_H
#define SP_DAEMON_AUTH_DOOR_H

#include <stdbool.h>

#include "daemon/pipeline.h"
#include "lib/conf/conf.h"
#include "lib/process/activation.h"
#include "sendpass/attributes.h"

struct event_base;
struct sp_auth_door;

/* Opens the sockets of [daemon] auth, which may need root. NULL with why_r. */
struct sp_auth_door *sp_auth_door_open(
    const struct sp_conf *conf, struct sp_activation *activation, char why_r[SP_CONF_WHY_MAX]);

/* Begins to answer. base and pipeline must outlive the door. */
SP_NODISCARD bool sp_auth_door_start(
    struct sp_auth_door *auth, struct event_base *base, struct sp_pipeline *pipeline);

/* Takes no new connection and closes each that waits for no answer, the others
 * as their answers go out. */
void sp_auth_door_drain(struct sp_auth_door *auth);

/* Closes everything. Before the pipeline stops. */
void sp_auth_door_close(struct sp_auth_door **auth);

#endif
