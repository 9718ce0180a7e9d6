/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/auth_connection.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/auth_exchange.h"
#include "lib/base/log.h"
#include "lib/wire/auth_line.h"

/* Mail servers ask one thing at a time; more than this at once is no mail server. */
#define IN_FLIGHT_MAX 32
/* A client that lets this much pile up does not read. */
#define UNREAD_MAX 65536

/* A request that waits for its verdict. */
struct request {
	struct sp_auth_connection *connection;
	struct sp_verification *verification;
	uint32_t id;
	char login[SP_LOGIN_MAX + 1];
	TAILQ_ENTRY(request) next;
};

struct sp_auth_connection {
	struct sp_auth_clients *clients;
	int fd;
	struct event *readable;
	struct event *writable;
	struct event *patience; /* its end: no whole line has come for too long */
	struct evbuffer *out;
	struct sp_auth_exchange *exchange;
	/* The start of a line whose end has not come. Ours and not an evbuffer, as
	 * it may hold a password and must be wiped. */
	char *partial;
	size_t partial_length;
	bool discarding; /* up to the end of a line that was too long */
	bool reading;    /* in on_readable(), which settles at its end */
	bool closing;    /* once what is in out has gone */
	size_t in_flight;
	TAILQ_HEAD(, request) requests;
	TAILQ_ENTRY(sp_auth_connection) next;
};

static void drop_partial(struct sp_auth_connection *connection)
{
	if (connection->partial != NULL)
		explicit_bzero(connection->partial, connection->partial_length);
	free(connection->partial);
	connection->partial = NULL;
	connection->partial_length = 0;
}

static void end_request(struct request *request)
{
	TAILQ_REMOVE(&request->connection->requests, request, next);
	request->connection->in_flight--;
	free(request);
}

static void free_connection(struct sp_auth_connection *connection)
{
	struct request *request;

	while ((request = TAILQ_FIRST(&connection->requests)) != NULL) {
		sp_verification_abandon(request->verification);
		end_request(request);
	}
	if (connection->readable != NULL)
		event_free(connection->readable);
	if (connection->writable != NULL)
		event_free(connection->writable);
	if (connection->patience != NULL)
		event_free(connection->patience);
	if (connection->out != NULL)
		evbuffer_free(connection->out);
	drop_partial(connection);
	sp_auth_exchange_free(&connection->exchange);
	close(connection->fd);
	TAILQ_REMOVE(&connection->clients->list, connection, next);
	connection->clients->count--;
	free(connection);
}

/* Writes what can be written now. False when the client is gone. */
static bool flush(struct sp_auth_connection *connection)
{
	while (evbuffer_get_length(connection->out) > 0) {
		if (evbuffer_write(connection->out, connection->fd) < 0 && errno != EINTR)
			return errno == EAGAIN;
	}
	return true;
}

/* Sends what is due, and frees the connection if it has had its last. */
static void settle(struct sp_auth_connection *connection)
{
	bool reachable = flush(connection);
	size_t left = evbuffer_get_length(connection->out);
	bool last =
	    connection->closing || (connection->clients->draining && connection->in_flight == 0);

	if (!reachable || left > UNREAD_MAX || (left == 0 && last))
		free_connection(connection);
	else if (left > 0)
		event_add(connection->writable, NULL);
}

static void on_writable(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	settle(context);
}

/* The pipeline's answer to a request; may come while the request is being read. */
static void on_answer(void *context, enum sp_result result)
{
	struct request *request = context;
	struct sp_auth_connection *connection = request->connection;
	char bytes[SP_LINE_MAX];
	struct sp_text out;

	sp_text_init(&out, bytes, sizeof(bytes));
	if (!sp_auth_exchange_answer(
		connection->exchange, request->id, request->login, result, &out) ||
	    evbuffer_add(connection->out, out.bytes, out.length) != 0)
		connection->closing = true;
	end_request(request);
	if (!connection->reading)
		settle(connection);
}

static bool has_request(const struct sp_auth_connection *connection, uint32_t id)
{
	const struct request *request;

	TAILQ_FOREACH(request, &connection->requests, next)
	{
		if (request->id == id)
			return true;
	}
	return false;
}

static void refuse_peer(struct sp_auth_connection *connection, const char *why)
{
	connection->closing = true;
	sp_log_message(SP_LOG_WARNING, "client_refused", "auth door: %s", why);
}

static void submit(
    struct sp_auth_connection *connection, uint32_t id, struct sp_attempt_request *attempt)
{
	struct request *request = NULL;

	if (has_request(connection, id))
		refuse_peer(connection, "an id that is in use");
	else if (connection->in_flight == IN_FLIGHT_MAX)
		refuse_peer(connection, "too many requests at once");
	else if ((request = calloc(1, sizeof(*request))) == NULL)
		refuse_peer(connection, "out of memory");
	if (request == NULL)
		return;
	request->connection = connection;
	request->id = id;
	memcpy(request->login, attempt->login, sizeof(request->login));
	TAILQ_INSERT_TAIL(&connection->requests, request, next);
	connection->in_flight++;
	struct sp_verification *verification = sp_pipeline_submit(
	    connection->clients->pipeline, SP_LOGIN_DOOR_AUTH, attempt, on_answer, request);
	if (verification != NULL) /* otherwise answered already, and the request gone */
		request->verification = verification;
}

static void take_line(struct sp_auth_connection *connection, const char *line, size_t length)
{
	struct sp_attempt_request attempt;
	char bytes[SP_LINE_MAX];
	struct sp_text out;
	const char *why;
	uint32_t id;

	sp_text_init(&out, bytes, sizeof(bytes));
	switch (
	    sp_auth_exchange_line(connection->exchange, line, length, &out, &id, &attempt, &why)) {
	case SP_EXCHANGE_NOTHING:
		if (evbuffer_add(connection->out, out.bytes, out.length) != 0)
			connection->closing = true;
		break;
	case SP_EXCHANGE_ATTEMPT:
		submit(connection, id, &attempt);
		break;
	case SP_EXCHANGE_CLOSE:
		refuse_peer(connection, why);
		break;
	}
	sp_secret_wipe(&attempt.password);
}

/* Takes the lines of bytes, and keeps the start of one that is not whole. */
static void take_bytes(struct sp_auth_connection *connection, const char *bytes, size_t length)
{
	const char *end;

	while (!connection->closing && (end = memchr(bytes, '\n', length)) != NULL) {
		size_t line = (size_t)(end - bytes);
		event_add(connection->patience, &connection->clients->idle_timeout);
		if (!connection->discarding)
			take_line(connection, bytes, line);
		connection->discarding = false;
		bytes += line + 1;
		length -= line + 1;
	}
	if (connection->closing || connection->discarding || length == 0)
		return;
	if (length > SP_LINE_MAX) {
		take_line(connection, bytes, length); /* too long: refused, for its id alone */
		connection->discarding = true;
		return;
	}
	connection->partial = malloc(length);
	if (connection->partial == NULL) {
		refuse_peer(connection, "out of memory");
		return;
	}
	memcpy(connection->partial, bytes, length);
	connection->partial_length = length;
}

/* Who waits for our answer may be silent. */
static void on_silence(evutil_socket_t fd, short what, void *context)
{
	struct sp_auth_connection *connection = context;

	(void)fd;
	(void)what;
	if (connection->in_flight == 0)
		free_connection(connection);
	else
		event_add(connection->patience, &connection->clients->idle_timeout);
}

static void on_readable(evutil_socket_t fd, short what, void *context)
{
	struct sp_auth_connection *connection = context;
	char bytes[2 * SP_LINE_MAX];
	size_t held = connection->partial_length;

	(void)what;
	if (held > 0)
		memcpy(bytes, connection->partial, held);
	ssize_t got = recv(fd, bytes + held, sizeof(bytes) - held, 0);
	if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
		explicit_bzero(bytes, held);
		return;
	}
	if (got > 0) {
		drop_partial(connection);
		connection->reading = true;
		take_bytes(connection, bytes, held + (size_t)got);
		connection->reading = false;
	}
	explicit_bzero(bytes, held + (size_t)(got > 0 ? got : 0));
	if (got > 0) {
		settle(connection);
		return;
	}
	if (held > 0)
		refuse_peer(connection, "the last line has no end");
	free_connection(connection);
}

/* 32 hex digits. Clients never give the cookie back; it is there because the handshake has it. */
static bool make_cookie(char cookie_r[33])
{
	unsigned char bytes[16];
	struct sp_text text;

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return false;
	sp_text_init(&text, cookie_r, 33);
	for (size_t i = 0; i < sizeof(bytes); i++)
		sp_text_addf(&text, "%02x", bytes[i]);
	return true;
}

static bool greet(struct sp_auth_connection *connection)
{
	char bytes[1024], cookie[33];
	struct sp_text out;

	if (!make_cookie(cookie))
		return false;
	sp_text_init(&out, bytes, sizeof(bytes));
	sp_auth_print_server_hello(
	    &out, (uint32_t)getpid(), ++connection->clients->greeted, cookie);
	return !out.overflow && evbuffer_add(connection->out, out.bytes, out.length) == 0;
}

void sp_auth_connection_begin(struct sp_auth_clients *clients, int fd)
{
	struct sp_auth_connection *connection = calloc(1, sizeof(*connection));

	if (connection == NULL) {
		close(fd);
		return;
	}
	connection->clients = clients;
	connection->fd = fd;
	TAILQ_INIT(&connection->requests);
	TAILQ_INSERT_TAIL(&clients->list, connection, next);
	clients->count++;
	connection->exchange = sp_auth_exchange_new();
	connection->out = evbuffer_new();
	connection->readable =
	    event_new(clients->base, fd, EV_READ | EV_PERSIST, on_readable, connection);
	connection->writable = event_new(clients->base, fd, EV_WRITE, on_writable, connection);
	connection->patience = evtimer_new(clients->base, on_silence, connection);
	if (connection->exchange == NULL || connection->out == NULL ||
	    connection->readable == NULL || connection->writable == NULL ||
	    connection->patience == NULL || !greet(connection) ||
	    event_add(connection->readable, NULL) != 0 ||
	    event_add(connection->patience, &clients->greeting_timeout) != 0) {
		free_connection(connection);
		return;
	}
	settle(connection);
}

void sp_auth_connections_settle(struct sp_auth_clients *clients)
{
	struct sp_auth_connection *connection, *next;

	for (connection = TAILQ_FIRST(&clients->list); connection != NULL; connection = next) {
		next = TAILQ_NEXT(connection, next);
		settle(connection);
	}
}

void sp_auth_connections_close(struct sp_auth_clients *clients)
{
	struct sp_auth_connection *connection;

	while ((connection = TAILQ_FIRST(&clients->list)) != NULL)
		free_connection(connection);
}
