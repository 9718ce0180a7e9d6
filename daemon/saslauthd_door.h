/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * saslauthd_door.h - the `saslauthd` door: a drop-in for saslauthd's socket
 *
 * One connection, one request, one reply. Clients have no timeout of their own
 * and some of them leak a descriptor where no reply comes, so there is always one.
 */
#ifndef SP_DAEMON_SASLAUTHD_DOOR_H
#define SP_DAEMON_SASLAUTHD_DOOR_H

#include <stdbool.h>

#include "daemon/pipeline.h"
#include "lib/conf/conf.h"
#include "lib/process/activation.h"
#include "sendpass/attributes.h"

struct event_base;
struct sp_saslauthd_door;

/* Opens the sockets of [daemon] saslauthd, which may be none, and may need root.
 * NULL with why_r. */
struct sp_saslauthd_door *sp_saslauthd_door_open(
    const struct sp_conf *conf, struct sp_activation *activation, char why_r[SP_CONF_WHY_MAX]);

/* Begins to answer. base and pipeline must outlive the door. */
SP_NODISCARD bool sp_saslauthd_door_start(
    struct sp_saslauthd_door *saslauthd, struct event_base *base, struct sp_pipeline *pipeline);

/* Takes no new connection; those under way get their answers. */
void sp_saslauthd_door_drain(struct sp_saslauthd_door *saslauthd);

/* Closes everything; whoever had not asked yet is told to try later. Before the
 * pipeline stops. */
void sp_saslauthd_door_close(struct sp_saslauthd_door **saslauthd);

#endif
