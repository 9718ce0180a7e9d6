/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/auth_door.h"

#include <event2/event.h>
#include <event2/listener.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/auth_connection.h"
#include "daemon/listener.h"
#include "lib/base/log.h"

struct socket {
	int fd;
	struct evconnlistener *listener; /* owns fd once it is there */
};

struct sp_auth_door {
	struct sp_auth_clients clients;
	size_t max_connections;
	bool full; /* said so, and will say so again after it was not */
	size_t count;
	struct socket *sockets;
	struct event *resume; /* accepting again, after descriptors ran out */
};

static struct timeval interval(uint64_t ms)
{
	return (struct timeval){
	    .tv_sec = (time_t)(ms / 1000), .tv_usec = (suseconds_t)(ms % 1000 * 1000)};
}

struct sp_auth_door *sp_auth_door_open(const struct sp_conf *conf, char why_r[SP_CONF_WHY_MAX])
{
	const struct sp_conf_doors *doors = &conf->daemon_auth;
	struct sp_auth_door *door = calloc(1, sizeof(*door));

	snprintf(why_r, SP_CONF_WHY_MAX, "out of memory");
	if (door == NULL)
		return NULL;
	TAILQ_INIT(&door->clients.list);
	door->clients.greeting_timeout = interval(conf->daemon_greeting_timeout);
	door->clients.idle_timeout = interval(conf->daemon_idle_timeout);
	door->max_connections = (size_t)conf->daemon_max_connections;
	door->sockets = calloc(doors->count, sizeof(*door->sockets));
	for (size_t i = 0; door->sockets != NULL && i < doors->count; i++) {
		door->sockets[i].fd = sp_listener_open(&doors->items[i], why_r);
		if (door->sockets[i].fd < 0)
			break;
		door->count++;
	}
	if (door->count < doors->count)
		sp_auth_door_close(&door);
	return door;
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address,
    int length, void *context)
{
	struct sp_auth_door *door = context;
	bool full = door->clients.count >= door->max_connections;

	(void)listener;
	(void)address;
	(void)length;
	if (full && !door->full)
		sp_log_message(SP_LOG_WARNING, "connections_full",
		    "auth door: [daemon] max_connections is reached");
	door->full = full;
	if (full)
		close(fd);
	else
		sp_auth_connection_begin(&door->clients, fd);
}

/* accept() failed, which for want of descriptors it would do again at once. */
static void on_accept_error(struct evconnlistener *listener, void *context)
{
	struct sp_auth_door *door = context;
	const struct timeval pause = interval(100);

	sp_log_message(SP_LOG_ERROR, "accept_failed", "auth door: %s",
	    evutil_socket_error_to_string(EVUTIL_SOCKET_ERROR()));
	evconnlistener_disable(listener);
	event_add(door->resume, &pause);
}

static void on_resume(evutil_socket_t fd, short what, void *context)
{
	struct sp_auth_door *door = context;

	(void)fd;
	(void)what;
	for (size_t i = 0; i < door->count; i++) {
		if (door->sockets[i].listener != NULL)
			evconnlistener_enable(door->sockets[i].listener);
	}
}

bool sp_auth_door_start(
    struct sp_auth_door *door, struct event_base *base, struct sp_pipeline *pipeline)
{
	door->clients.base = base;
	door->clients.pipeline = pipeline;
	door->resume = evtimer_new(base, on_resume, door);
	if (door->resume == NULL)
		return false;
	for (size_t i = 0; i < door->count; i++) {
		struct socket *socket = &door->sockets[i];
		socket->listener = evconnlistener_new(base, on_accept, door,
		    LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, socket->fd);
		if (socket->listener == NULL)
			return false;
		evconnlistener_set_error_cb(socket->listener, on_accept_error);
	}
	return true;
}

static void stop_listening(struct sp_auth_door *door)
{
	for (size_t i = 0; i < door->count; i++) {
		if (door->sockets[i].listener != NULL)
			evconnlistener_free(door->sockets[i].listener);
		else if (door->sockets[i].fd >= 0)
			close(door->sockets[i].fd);
		door->sockets[i] = (struct socket){.fd = -1};
	}
}

void sp_auth_door_drain(struct sp_auth_door *door)
{
	stop_listening(door);
	door->clients.draining = true;
	sp_auth_connections_settle(&door->clients);
}

void sp_auth_door_close(struct sp_auth_door **door)
{
	if (door == NULL || *door == NULL)
		return;
	stop_listening(*door);
	sp_auth_connections_close(&(*door)->clients);
	if ((*door)->resume != NULL)
		event_free((*door)->resume);
	free((*door)->sockets);
	free(*door);
	*door = NULL;
}
