/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/door.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/listener.h"
#include "lib/base/log.h"

struct socket {
	int fd;
	struct evconnlistener *listener; /* owns fd once it is there */
};

struct sp_door {
	const struct sp_door_protocol *protocol;
	void *context;
	size_t max_connections;
	bool full; /* said so, and will say so again after it was not */
	size_t count;
	struct socket *sockets;
	struct event *resume; /* accepting again, after descriptors ran out */
};

struct sp_door *sp_door_open(const struct sp_door_protocol *protocol,
    const struct sp_conf_doors *sockets, size_t max_connections, char why_r[SP_CONF_WHY_MAX])
{
	struct sp_door *door = calloc(1, sizeof(*door));

	snprintf(why_r, SP_CONF_WHY_MAX, "out of memory");
	if (door == NULL)
		return NULL;
	door->protocol = protocol;
	door->max_connections = max_connections;
	door->sockets = calloc(sockets->count, sizeof(*door->sockets));
	while (door->sockets != NULL && door->count < sockets->count) {
		int fd = sp_listener_open(&sockets->items[door->count], why_r);
		if (fd < 0)
			break;
		door->sockets[door->count++].fd = fd;
	}
	if (door->count < sockets->count)
		sp_door_close(&door);
	return door;
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address,
    int length, void *context)
{
	struct sp_door *door = context;
	bool full = door->protocol->count(door->context) >= door->max_connections;

	(void)listener;
	(void)address;
	(void)length;
	if (full && !door->full)
		sp_log_message(SP_LOG_WARNING, "connections_full",
		    "%s door: [daemon] max_connections is reached", door->protocol->name);
	door->full = full;
	if (full)
		close(fd);
	else
		door->protocol->begin(door->context, fd);
}

/* accept() failed, which for want of descriptors it would do again at once. */
static void on_accept_error(struct evconnlistener *listener, void *context)
{
	struct sp_door *door = context;
	const struct timeval pause = {.tv_usec = 100000};

	sp_log_message(
	    SP_LOG_ERROR, "accept_failed", "%s door: %s", door->protocol->name, strerror(errno));
	evconnlistener_disable(listener);
	event_add(door->resume, &pause);
}

static void on_resume(evutil_socket_t fd, short what, void *context)
{
	struct sp_door *door = context;

	(void)fd;
	(void)what;
	for (size_t i = 0; i < door->count; i++)
		evconnlistener_enable(door->sockets[i].listener);
}

bool sp_door_start(struct sp_door *door, struct event_base *base, void *context)
{
	door->context = context;
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

void sp_door_stop(struct sp_door *door)
{
	for (size_t i = 0; i < door->count; i++) {
		if (door->sockets[i].listener != NULL)
			evconnlistener_free(door->sockets[i].listener);
		else
			close(door->sockets[i].fd);
	}
	door->count = 0;
	if (door->resume != NULL)
		event_free(door->resume);
	door->resume = NULL;
}

void sp_door_close(struct sp_door **door)
{
	if (door == NULL || *door == NULL)
		return;
	sp_door_stop(*door);
	free((*door)->sockets);
	free(*door);
	*door = NULL;
}
