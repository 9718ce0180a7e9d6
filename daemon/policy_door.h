/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * policy_door.h - the `policy` door: check_policy_service of Postfix
 */
#ifndef SP_DAEMON_POLICY_DOOR_H
#define SP_DAEMON_POLICY_DOOR_H

#include <stdbool.h>

#include "daemon/generation.h"
#include "daemon/pipeline.h"
#include "lib/conf/conf.h"
#include "lib/process/activation.h"
#include "sendpass/attributes.h"

struct event_base;
struct sp_policy_door;

/* Opens the sockets of [daemon] policy, which may need root. NULL with why_r. */
struct sp_policy_door *sp_policy_door_open(
    const struct sp_conf *conf, struct sp_activation *activation, char why_r[SP_CONF_WHY_MAX]);

/* Begins to answer; and, if there is a socket, to record who logs in, and to keep
 * rates in [daemon] state_directory. All three must outlive the door. */
SP_NODISCARD bool sp_policy_door_start(struct sp_policy_door *policy, struct event_base *base,
    struct sp_generations *generations, struct sp_pipeline *pipeline);

/* Takes no new connection and closes each that waits for no answer, the others
 * as their answers go out. */
void sp_policy_door_drain(struct sp_policy_door *policy);

/* Closes everything, and writes down the rates. Before the pipeline stops. */
void sp_policy_door_close(struct sp_policy_door **policy);

#endif
