/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/socketmap_door.h"

#include <stdlib.h>

#include "daemon/door.h"
#include "daemon/socketmap_connection.h"
#include "lib/base/clock.h"

#define FAREWELL "21:TEMP too many clients,"

struct sp_socketmap_door {
	struct sp_door *door;
	struct sp_request_clients clients;
};

static const struct sp_door_protocol protocol = {
    .name = "socketmap",
    .begin = sp_request_connection_begin,
    .count = sp_request_clients_count,
    .farewell = FAREWELL,
    .farewell_length = sizeof(FAREWELL) - 1,
};

struct sp_socketmap_door *sp_socketmap_door_open(
    const struct sp_conf *conf, struct sp_activation *activation, char why_r[SP_CONF_WHY_MAX])
{
	struct sp_socketmap_door *socketmap = calloc(1, sizeof(*socketmap));

	if (socketmap == NULL) {
		snprintf(why_r, SP_CONF_WHY_MAX, "out of memory");
		return NULL;
	}
	sp_request_clients_init(&socketmap->clients, &sp_socketmap_protocol, NULL,
	    sp_timeval_from_ms((int64_t)conf->daemon_idle_timeout));
	socketmap->door = sp_door_open(&protocol, &conf->daemon_socketmap,
	    (size_t)conf->daemon_max_connections, activation, why_r);
	if (socketmap->door == NULL)
		sp_socketmap_door_close(&socketmap);
	return socketmap;
}

bool sp_socketmap_door_start(
    struct sp_socketmap_door *socketmap, struct event_base *base, struct sp_pipeline *pipeline)
{
	socketmap->clients.base = base;
	socketmap->clients.site = pipeline;
	return sp_door_start(socketmap->door, base, &socketmap->clients);
}

void sp_socketmap_door_drain(struct sp_socketmap_door *socketmap)
{
	sp_door_stop(socketmap->door);
	sp_request_clients_drain(&socketmap->clients);
}

void sp_socketmap_door_close(struct sp_socketmap_door **socketmap)
{
	if (socketmap == NULL || *socketmap == NULL)
		return;
	sp_door_close(&(*socketmap)->door);
	sp_request_clients_close(&(*socketmap)->clients);
	free(*socketmap);
	*socketmap = NULL;
}
