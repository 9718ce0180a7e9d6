/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * metrics_door.h - the `metrics` door: Prometheus by HTTP
 *
 * GET and HEAD of /metrics, one request a connection. It has a thread and an event loop of
 * its own, and bounds for connections, their time, headers and bodies: neither who asks too
 * much nor who asks and goes on for ever comes between an attempt and its answer.
 */
#ifndef SP_DAEMON_METRICS_DOOR_H
#define SP_DAEMON_METRICS_DOOR_H

#include <stdbool.h>

#include "daemon/metrics_page.h"
#include "lib/conf/conf.h"
#include "lib/process/activation.h"
#include "sendpass/attributes.h"

/* Connections at once; whoever comes then waits a moment, and all of them are closed. */
#define SP_METRICS_CONNECTIONS_MAX 64

struct sp_metrics_door;

/* Opens the sockets of [daemon] metrics, which may need root. NULL with why_r. */
struct sp_metrics_door *sp_metrics_door_open(
    const struct sp_conf *conf, struct sp_activation *activation, char why_r[SP_CONF_WHY_MAX]);

/* Starts the thread; without a socket there is none. sources are copied. False if thread or
 * memory cannot be had. */
SP_NODISCARD bool sp_metrics_door_start(
    struct sp_metrics_door *door, const struct sp_metrics_sources *sources);

/* Ends the thread, within the time of one answer, and closes everything. Before the pipeline
 * stops. */
void sp_metrics_door_close(struct sp_metrics_door **door);

#endif
