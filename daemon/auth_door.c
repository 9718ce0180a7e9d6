/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/auth_door.h"

#include <stdlib.h>
#include <unistd.h>

#include "daemon/auth_connection.h"
#include "daemon/door.h"
#include "lib/base/clock.h"
#include "lib/wire/auth_line.h"

#define FAREWELL_SIZE 256

struct sp_auth_door {
	struct sp_door_protocol protocol;
	char farewell[FAREWELL_SIZE];
	struct sp_door *door;
	struct sp_auth_clients clients;
};

static void begin(void *context, int fd)
{
	sp_auth_connection_begin(context, fd);
}

static size_t count(const void *context)
{
	return ((const struct sp_auth_clients *)context)->count;
}

/* A whole handshake: an smtpd that gets none dies, and its client's session with
 * it. So it asks all the same, finds that nobody answers, and says "later". */
static void set_protocol(struct sp_auth_door *auth)
{
	static const char no_cookie[33] = "00000000000000000000000000000000";
	struct sp_text farewell;

	sp_text_init(&farewell, auth->farewell, sizeof(auth->farewell));
	sp_auth_print_server_hello(&farewell, (uint32_t)getpid(), 0, no_cookie);
	auth->protocol = (struct sp_door_protocol){
	    .name = "auth",
	    .begin = begin,
	    .count = count,
	    .farewell = auth->farewell,
	    .farewell_length = farewell.length,
	};
}

struct sp_auth_door *sp_auth_door_open(
    const struct sp_conf *conf, struct sp_activation *activation, char why_r[SP_CONF_WHY_MAX])
{
	struct sp_auth_door *auth = calloc(1, sizeof(*auth));

	if (auth == NULL) {
		snprintf(why_r, SP_CONF_WHY_MAX, "out of memory");
		return NULL;
	}
	set_protocol(auth);
	TAILQ_INIT(&auth->clients.list);
	auth->clients.greeting_timeout = sp_timeval_from_ms((int64_t)conf->daemon_greeting_timeout);
	auth->clients.idle_timeout = sp_timeval_from_ms((int64_t)conf->daemon_idle_timeout);
	auth->door = sp_door_open(&auth->protocol, &conf->daemon_auth,
	    (size_t)conf->daemon_max_connections, activation, why_r);
	if (auth->door == NULL)
		sp_auth_door_close(&auth);
	return auth;
}

bool sp_auth_door_start(
    struct sp_auth_door *auth, struct event_base *base, struct sp_pipeline *pipeline)
{
	auth->clients.base = base;
	auth->clients.pipeline = pipeline;
	return sp_door_start(auth->door, base, &auth->clients);
}

void sp_auth_door_drain(struct sp_auth_door *auth)
{
	sp_door_stop(auth->door);
	auth->clients.draining = true;
	sp_auth_connections_settle(&auth->clients);
}

void sp_auth_door_close(struct sp_auth_door **auth)
{
	if (auth == NULL || *auth == NULL)
		return;
	sp_door_close(&(*auth)->door);
	sp_auth_connections_close(&(*auth)->clients);
	free(*auth);
	*auth = NULL;
}
