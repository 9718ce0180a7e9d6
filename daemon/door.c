/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/door.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/log.h"

/* Clients that are turned away are given this long to read so, and not more of
 * them at a time: Postfix has 100 processes unless told otherwise. */
#define LEAVING_SECONDS 5
#define LEAVING_MAX     128

struct socket {
	struct sp_door *door;
	struct sp_listener listener;
	struct evconnlistener *accepting; /* owns the listener's fd once it is there */
};

struct leaving {
	struct sp_door *door;
	int fd;
	struct event *readable;
	TAILQ_ENTRY(leaving) next;
};

struct sp_door {
	const struct sp_door_protocol *protocol;
	void *context;
	size_t max_connections;
	bool full; /* said so, and will say so again after it was not */
	size_t count;
	struct socket *sockets;
	struct event_base *base;
	struct event *resume; /* accepting again, after descriptors ran out */
	size_t leaving_count;
	TAILQ_HEAD(, leaving) leaving;
};

struct sp_door *sp_door_open(const struct sp_door_protocol *protocol,
    const struct sp_conf_doors *sockets, size_t max_connections, struct sp_activation *activation,
    char why_r[SP_CONF_WHY_MAX])
{
	struct sp_door *door = calloc(1, sizeof(*door));

	snprintf(why_r, SP_CONF_WHY_MAX, "out of memory");
	if (door == NULL)
		return NULL;
	TAILQ_INIT(&door->leaving);
	door->protocol = protocol;
	door->max_connections = max_connections;
	door->sockets = calloc(sockets->count, sizeof(*door->sockets));
	while (door->sockets != NULL && door->count < sockets->count) {
		struct socket *socket = &door->sockets[door->count];
		if (!sp_listener_open(
			&sockets->items[door->count], activation, &socket->listener, why_r))
			break;
		socket->door = door;
		door->count++;
	}
	if (door->count < sockets->count)
		sp_door_close(&door);
	return door;
}

static bool has_room(struct sp_door *door)
{
	bool full = door->protocol->count(door->context) >= door->max_connections;

	if (full && !door->full)
		sp_log_message(SP_LOG_WARNING, "connections_full",
		    "%s door: [daemon] max_connections is reached", door->protocol->name);
	door->full = full;
	return !full;
}

bool sp_door_admits(const struct sp_listener *listener, const char *name, int fd)
{
	struct sp_log_line line;
	uid_t uid;

	if (listener->loopback || sp_peers_admit(&listener->peers, fd, &uid))
		return true;
	sp_log_begin(&line, SP_LOG_WARNING, "peer_refused");
	sp_log_text(&line, "door", name);
	sp_log_number(&line, "uid", (int64_t)uid);
	sp_log_end(&line);
	return false;
}

static void free_leaving(struct leaving *leaving)
{
	if (leaving->readable != NULL)
		event_free(leaving->readable);
	close(leaving->fd);
	TAILQ_REMOVE(&leaving->door->leaving, leaving, next);
	leaving->door->leaving_count--;
	free(leaving);
}

/* What it still sends may be a password, and is of no interest. */
static void on_leaving(evutil_socket_t fd, short what, void *context)
{
	char bytes[1024];
	ssize_t got = 0;

	if ((what & EV_READ) != 0)
		got = recv(fd, bytes, sizeof(bytes), 0);
	explicit_bzero(bytes, sizeof(bytes));
	if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
		free_leaving(context);
}

/* Keeps fd until the client closes. False if that cannot be. */
static bool let_leave(struct sp_door *door, int fd)
{
	const struct timeval time = {.tv_sec = LEAVING_SECONDS};
	struct leaving *leaving;

	if (door->leaving_count == LEAVING_MAX || (leaving = calloc(1, sizeof(*leaving))) == NULL)
		return false;
	leaving->door = door;
	leaving->fd = fd;
	TAILQ_INSERT_TAIL(&door->leaving, leaving, next);
	door->leaving_count++;
	leaving->readable = event_new(door->base, fd, EV_READ | EV_PERSIST, on_leaving, leaving);
	if (leaving->readable == NULL || event_add(leaving->readable, &time) != 0)
		free_leaving(leaving);
	return true;
}

/* Closing at once would make the client fail as it asks, before it listens. */
static void turn_away(struct sp_door *door, int fd)
{
	const struct sp_door_protocol *protocol = door->protocol;

	/* the client may have gone already, and then nobody need be told */
	(void)send(fd, protocol->farewell, protocol->farewell_length, MSG_NOSIGNAL);
	if (shutdown(fd, SHUT_WR) != 0 || !let_leave(door, fd))
		close(fd);
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address,
    int length, void *context)
{
	struct socket *socket = context;
	struct sp_door *door = socket->door;

	(void)listener;
	(void)address;
	(void)length;
	if (has_room(door) && sp_door_admits(&socket->listener, door->protocol->name, fd))
		door->protocol->begin(door->context, fd);
	else
		turn_away(door, fd);
}

/* accept() failed, which for want of descriptors it would do again at once. */
static void on_accept_error(struct evconnlistener *listener, void *context)
{
	struct sp_door *door = ((struct socket *)context)->door;
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
		evconnlistener_enable(door->sockets[i].accepting);
}

bool sp_door_start(struct sp_door *door, struct event_base *base, void *context)
{
	door->context = context;
	door->base = base;
	door->resume = evtimer_new(base, on_resume, door);
	if (door->resume == NULL)
		return false;
	for (size_t i = 0; i < door->count; i++) {
		struct socket *socket = &door->sockets[i];
		socket->accepting = evconnlistener_new(base, on_accept, socket,
		    LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, socket->listener.fd);
		if (socket->accepting == NULL)
			return false;
		socket->listener.fd = -1;
		evconnlistener_set_error_cb(socket->accepting, on_accept_error);
	}
	return true;
}

void sp_door_stop(struct sp_door *door)
{
	for (size_t i = 0; i < door->count; i++) {
		if (door->sockets[i].accepting != NULL)
			evconnlistener_free(door->sockets[i].accepting);
		sp_listener_close(&door->sockets[i].listener);
	}
	door->count = 0;
	if (door->resume != NULL)
		event_free(door->resume);
	door->resume = NULL;
}

void sp_door_close(struct sp_door **door)
{
	struct leaving *leaving;

	if (door == NULL || *door == NULL)
		return;
	sp_door_stop(*door);
	while ((leaving = TAILQ_FIRST(&(*door)->leaving)) != NULL)
		free_leaving(leaving);
	free((*door)->sockets);
	free(*door);
	*door = NULL;
}
