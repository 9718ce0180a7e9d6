/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/policy_connection.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/base/text.h"

struct sp_policy_connection {
	struct sp_policy_clients *clients;
	int fd;
	struct event *readable;
	struct sp_policy_check *check; /* whose answer is awaited */
	bool busy;                     /* it is; nothing is read meanwhile */
	bool reading;                  /* in take_requests(), which goes on by itself */
	bool closing;
	size_t length;
	char bytes[SP_POLICY_REQUEST_MAX];
	TAILQ_ENTRY(sp_policy_connection) next;
};

static void free_connection(struct sp_policy_connection *connection)
{
	sp_policy_check_abandon(&connection->check);
	if (connection->readable != NULL)
		event_free(connection->readable);
	close(connection->fd);
	TAILQ_REMOVE(&connection->clients->list, connection, next);
	connection->clients->count--;
	free(connection);
}

static void refuse_peer(struct sp_policy_connection *connection, const char *why)
{
	connection->closing = true;
	sp_log_message(SP_LOG_WARNING, "client_refused", "policy door: %s", why);
}

/* One answer is a few hundred bytes. A client that leaves no room for it has not
 * read the answers before. */
static void send_answer(
    struct sp_policy_connection *connection, const struct sp_policy_answer *answer)
{
	char bytes[SP_POLICY_REPLY_MAX + 128];
	struct sp_text out;

	sp_text_init(&out, bytes, sizeof(bytes));
	sp_text_addf(&out, "action=%s\n", answer->action);
	if (answer->reason != NULL)
		sp_text_addf(&out, "sendpass_reason=%s\n", answer->reason);
	if (answer->id != NULL)
		sp_text_addf(&out, "sendpass_id=%s\n", answer->id);
	sp_text_add(&out, "\n");
	if (send(connection->fd, out.bytes, out.length, MSG_NOSIGNAL) != (ssize_t)out.length)
		connection->closing = true;
}

static void take_requests(struct sp_policy_connection *connection);

/* Frees the connection if it has had its last, else reads on. */
static void settle(struct sp_policy_connection *connection)
{
	if (connection->closing || (connection->clients->draining && !connection->busy))
		free_connection(connection);
	else if (!connection->busy)
		event_add(connection->readable, &connection->clients->idle_timeout);
}

static void on_answer(void *context, const struct sp_policy_answer *answer)
{
	struct sp_policy_connection *connection = context;

	connection->check = NULL;
	connection->busy = false;
	if (answer->action != NULL)
		send_answer(connection, answer);
	else
		connection->closing = true;
	if (connection->reading)
		return;
	take_requests(connection);
	settle(connection);
}

/* Takes the whole requests that are there, until one must be waited for. */
static void take_requests(struct sp_policy_connection *connection)
{
	struct sp_policy_request request;
	const char *why;
	size_t used;

	connection->reading = true;
	while (!connection->busy && !connection->closing && connection->length > 0) {
		enum sp_policy_status status =
		    sp_policy_parse(connection->bytes, connection->length, &request, &used, &why);
		if (status == SP_POLICY_BAD)
			refuse_peer(connection, why);
		if (status != SP_POLICY_COMPLETE)
			break;
		connection->length -= used;
		memmove(connection->bytes, connection->bytes + used, connection->length);
		connection->busy = true;
		struct sp_policy_check *check = sp_policy_check_begin(
		    &connection->clients->site, &request, on_answer, connection);
		if (check != NULL) /* otherwise it is answered already */
			connection->check = check;
	}
	connection->reading = false;
}

static void on_readable(evutil_socket_t fd, short what, void *context)
{
	struct sp_policy_connection *connection = context;
	ssize_t got;

	if ((what & EV_TIMEOUT) != 0) {
		free_connection(connection);
		return;
	}
	/* there is room: a full buffer without a whole request was refused */
	got = recv(fd, connection->bytes + connection->length,
	    sizeof(connection->bytes) - connection->length, 0);
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

void sp_policy_connection_begin(struct sp_policy_clients *clients, int fd)
{
	struct sp_policy_connection *connection = calloc(1, sizeof(*connection));

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

void sp_policy_connections_settle(struct sp_policy_clients *clients)
{
	struct sp_policy_connection *connection, *next;

	for (connection = TAILQ_FIRST(&clients->list); connection != NULL; connection = next) {
		next = TAILQ_NEXT(connection, next);
		settle(connection);
	}
}

void sp_policy_connections_close(struct sp_policy_clients *clients)
{
	struct sp_policy_connection *connection;

	while ((connection = TAILQ_FIRST(&clients->list)) != NULL)
		free_connection(connection);
}
