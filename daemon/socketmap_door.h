/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * socketmap_door.h - the `socketmap` door: smtpd_sender_login_maps of Postfix
 */
#ifndef SP_DAEMON_SOCKETMAP_DOOR_H
#define SP_DAEMON_SOCKETMAP_DOOR_H

#include <stdbool.h>

#include "daemon/pipeline.h"
#include "lib/conf/conf.h"
#include "lib/process/activation.h"
#include "sendpass/attributes.h"

struct event_base;
struct sp_socketmap_door;

/* Opens the sockets of [daemon] socketmap, which may need root. NULL with why_r. */
struct sp_socketmap_door *sp_socketmap_door_open(
    const struct sp_conf *conf, struct sp_activation *activation, char why_r[SP_CONF_WHY_MAX]);

/* Begins to answer. Both must outlive the door. */
SP_NODISCARD bool sp_socketmap_door_start(
    struct sp_socketmap_door *socketmap, struct event_base *base, struct sp_pipeline *pipeline);

/* Takes no new connection and closes each that waits for no answer, the others
 * as their answers go out. */
void sp_socketmap_door_drain(struct sp_socketmap_door *socketmap);

/* Closes everything. Before the pipeline stops. */
void sp_socketmap_door_close(struct sp_socketmap_door **socketmap);

#endif
