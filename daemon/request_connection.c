/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/request_connection.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/log.h"

struct sp_request_connection {
	struct sp_request_clients *clients;
	int fd;
	struct event *readable;
	void *work;   /* whose answer is awaited */
	bool busy;    /* one is; nothing is read meanwhile */
	bool reading; /* in take_requests(), which goes on by itself */
	bool closing;
	TAILQ_ENTRY(sp_request_connection) next;
	size_t length;
	char bytes[]; /* the protocol's request_max */
};

static void free_connection(struct sp_request_connection *connection)
{
	if (connection->work != NULL)
		connection->clients->protocol->abandon(connection->work);
	if (connection->readable != NULL)
		event_free(connection->readable);
	close(connection->fd);
	TAILQ_REMOVE(&connection->clients->list, connection, next);
	connection->clients->count--;
	free(connection);
}

static void refuse_peer(struct sp_request_connection *connection, const char *why)
{
	connection->closing = true;
	sp_log_message(SP_LOG_WARNING, "client_refused", "%s door: %s",
	    connection->clients->protocol->name, why);
}

/* Takes the whole requests that are there, until one must be waited for. */
static void take_requests(struct sp_request_connection *connection)
{
	const char *why = NULL;
	size_t used;

	connection->reading = true;
	while (!connection->busy && !connection->closing && connection->length > 0) {
		void *work = NULL;
		connection->busy = true;
		enum sp_request_status status = connection->clients->protocol->begin(
		    connection, connection->bytes, connection->length, &used, &work, &why);
		if (status != SP_REQUEST_COMPLETE)
			connection->busy = false;
		if (status == SP_REQUEST_BAD)
			refuse_peer(connection, why);
		if (status != SP_REQUEST_COMPLETE)
			break;
		connection->length -= used;
		memmove(connection->bytes, connection->bytes + used, connection->length);
		if (connection->busy) /* otherwise it is answered already */
			connection->work = work;
	}
	connection->reading = false;
}

/* Frees the connection if it has had its last, else reads on. */
static void settle(struct sp_request_connection *connection)
{
	if (connection->closing || (connection->clients->draining && !connection->busy))
		free_connection(connection);
	else if (!connection->busy)
		event_add(connection->readable, &connection->clients->idle_timeout);
}

void sp_request_answer(struct sp_request_connection *connection, const char *bytes, size_t length)
{
	connection->work = NULL;
	connection->busy = false;
	/* A client that leaves no room for the answer has not read those before. */
	if (bytes == NULL || send(connection->fd, bytes, length, MSG_NOSIGNAL) != (ssize_t)length)
		connection->closing = true;
	if (connection->reading)
		return;
	take_requests(connection);
	settle(connection);
}

static void on_readable(evutil_socket_t fd, short what, void *context)
{
	struct sp_request_connection *connection = context;
	ssize_t got;

	if ((what & EV_TIMEOUT) != 0) {
		free_connection(connection);
		return;
	}
	/* there is room: a full buffer without a whole request was refused */
	got = recv(fd, connection->bytes + connection->length,
	    connection->clients->protocol->request_max - connection->length, 0);
	if (got > 0) {
		connection->length += (size_t)got;
		take_requests(connection);
	} else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
		if (connection->length > 0)
			refuse_peer(connection, "the last request has no end");
		connection->closing = true;
	}
	settle(connection);
}

void sp_request_connection_begin(void *context, int fd)
{
	struct sp_request_clients *clients = context;
	struct sp_request_connection *connection =
	    calloc(1, sizeof(*connection) + clients->protocol->request_max);

	if (connection == NULL) {
		close(fd);
		return;
	}
	connection->clients = clients;
	connection->fd = fd;
	TAILQ_INSERT_TAIL(&clients->list, connection, next);
	clients->count++;
	connection->readable = event_new(clients->base, fd, EV_READ, on_readable, connection);
	if (connection->readable == NULL ||
	    event_add(connection->readable, &clients->idle_timeout) != 0)
		free_connection(connection);
}

size_t sp_request_clients_count(const void *context)
{
	return ((const struct sp_request_clients *)context)->count;
}

void *sp_request_connection_site(const struct sp_request_connection *connection)
{
	return connection->clients->site;
}

void sp_request_clients_init(struct sp_request_clients *clients,
    const struct sp_request_protocol *protocol, void *site, struct timeval idle_timeout)
{
	*clients = (struct sp_request_clients){
	    .protocol = protocol, .site = site, .idle_timeout = idle_timeout};
	TAILQ_INIT(&clients->list);
}

void sp_request_clients_drain(struct sp_request_clients *clients)
{
	struct sp_request_connection *connection, *next;

	clients->draining = true;
	for (connection = TAILQ_FIRST(&clients->list); connection != NULL; connection = next) {
		next = TAILQ_NEXT(connection, next);
		settle(connection);
	}
}

void sp_request_clients_close(struct sp_request_clients *clients)
{
	struct sp_request_connection *connection;

	while ((connection = TAILQ_FIRST(&clients->list)) != NULL)
		free_connection(connection);
}
