/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/saslauthd_door.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/door.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/wire/saslauthd_request.h"

struct connection {
	struct sp_saslauthd_door *saslauthd;
	int fd;
	struct event *readable;
	struct event *expired;                /* for the request, then for the client to close */
	struct sp_verification *verification; /* while the verdict is awaited */
	bool submitted;                       /* what still comes is read and dropped */
	bool ended;                           /* the client sends no more, but may listen */
	size_t length;
	char bytes[SP_SASLAUTHD_REQUEST_MAX + 1];
	TAILQ_ENTRY(connection) next;
};

struct sp_saslauthd_door {
	struct sp_door *door;
	struct event_base *base;
	struct sp_pipeline *pipeline;
	struct timeval request_timeout;
	size_t count;
	TAILQ_HEAD(, connection) connections;
};

static void free_connection(struct connection *connection)
{
	if (connection->verification != NULL)
		sp_verification_abandon(connection->verification);
	if (connection->readable != NULL)
		event_free(connection->readable);
	if (connection->expired != NULL)
		event_free(connection->expired);
	close(connection->fd);
	TAILQ_REMOVE(&connection->saslauthd->connections, connection, next);
	connection->saslauthd->count--;
	explicit_bzero(connection, sizeof(*connection));
	free(connection);
}

static void on_answer(void *context, enum sp_result result)
{
	struct connection *connection = context;
	char reply[SP_SASLAUTHD_REPLY_MAX];
	size_t length = sp_saslauthd_print_reply(result, reply);

	connection->verification = NULL;
	/* A few bytes into an empty socket: there is room, or nobody to read them.
	 * The client closes when it has read; closing first, with bytes of its
	 * own unread, would take the reply away from it. */
	if (send(connection->fd, reply, length, MSG_NOSIGNAL) == (ssize_t)length)
		shutdown(connection->fd, SHUT_WR);
	if (connection->ended)
		free_connection(connection);
}

static void submit(
    struct connection *connection, struct sp_saslauthd_request *request, const char *malformed)
{
	struct sp_attempt_request attempt = {.port = request->port, .malformed = malformed};

	memcpy(attempt.login, request->login, sizeof(attempt.login));
	memcpy(attempt.service, request->service, sizeof(attempt.service));
	memcpy(attempt.address, request->address, sizeof(attempt.address));
	attempt.password = request->password;
	connection->submitted = true;
	connection->verification = sp_pipeline_submit(connection->saslauthd->pipeline,
	    SP_LOGIN_DOOR_SASLAUTHD, &attempt, on_answer, connection);
	sp_secret_wipe(&attempt.password);
}

/* Judges what has come so far. */
static void take_request(struct connection *connection)
{
	struct sp_saslauthd_request request;
	const char *why;

	switch (sp_saslauthd_parse(connection->bytes, connection->length, &request, &why)) {
	case SP_SASLAUTHD_PARTIAL:
		return;
	case SP_SASLAUTHD_COMPLETE:
		submit(connection, &request, NULL);
		break;
	case SP_SASLAUTHD_BAD:
		submit(connection, &request, why);
		break;
	}
	sp_secret_wipe(&request.password);
	explicit_bzero(connection->bytes, sizeof(connection->bytes));
	connection->length = 0;
}

/* One time for the whole request, so that a client who trickles is not served for
 * ever. An attempt has a deadline of its own. */
static void on_expired(evutil_socket_t fd, short what, void *context)
{
	struct connection *connection = context;

	(void)fd;
	(void)what;
	if (connection->verification != NULL) {
		event_add(connection->expired, &connection->saslauthd->request_timeout);
		return;
	}
	if (!connection->submitted) {
		sp_log_message(SP_LOG_WARNING, "client_refused",
		    "saslauthd door: no whole request came in time");
		on_answer(connection, SP_UNAVAILABLE);
	}
	free_connection(connection);
}

/* The client closed, or only said all that it has to say. Half a request is an
 * attempt all the same. */
static void on_end(struct connection *connection)
{
	struct sp_saslauthd_request nothing = {0};

	if (!connection->submitted && connection->length > 0)
		submit(connection, &nothing, "the request ends too early");
	if (connection->verification != NULL) {
		connection->ended = true;
		event_del(connection->readable);
	} else {
		free_connection(connection);
	}
}

/* All that is queued, as a 5th field is read only if it is there already. */
static void on_readable(evutil_socket_t fd, short what, void *context)
{
	struct connection *connection = context;
	ssize_t got;

	(void)what;
	for (;;) {
		size_t room = sizeof(connection->bytes) - connection->length;
		got = recv(fd, connection->bytes + connection->length, room, 0);
		if (got <= 0 || connection->submitted)
			break;
		connection->length += (size_t)got;
		if (connection->length == sizeof(connection->bytes))
			break;
	}
	bool ended = got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
	if (!connection->submitted)
		take_request(connection);
	if (ended)
		on_end(connection);
}

static void begin(void *context, int fd)
{
	struct sp_saslauthd_door *saslauthd = context;
	struct connection *connection = calloc(1, sizeof(*connection));

	if (connection == NULL) {
		close(fd);
		return;
	}
	connection->saslauthd = saslauthd;
	connection->fd = fd;
	TAILQ_INSERT_TAIL(&saslauthd->connections, connection, next);
	saslauthd->count++;
	connection->readable =
	    event_new(saslauthd->base, fd, EV_READ | EV_PERSIST, on_readable, connection);
	connection->expired = evtimer_new(saslauthd->base, on_expired, connection);
	if (connection->readable == NULL || connection->expired == NULL ||
	    event_add(connection->readable, NULL) != 0 ||
	    event_add(connection->expired, &saslauthd->request_timeout) != 0)
		free_connection(connection);
}

static size_t count(const void *context)
{
	return ((const struct sp_saslauthd_door *)context)->count;
}

static const struct sp_door_protocol protocol = {
    .name = "saslauthd",
    .begin = begin,
    .count = count,
    .farewell = "\0",
    .farewell_length = 2, /* an empty reply: see saslauthd_request.h */
};

struct sp_saslauthd_door *sp_saslauthd_door_open(
    const struct sp_conf *conf, struct sp_activation *activation, char why_r[SP_CONF_WHY_MAX])
{
	struct sp_saslauthd_door *saslauthd = calloc(1, sizeof(*saslauthd));

	if (saslauthd == NULL) {
		snprintf(why_r, SP_CONF_WHY_MAX, "out of memory");
		return NULL;
	}
	TAILQ_INIT(&saslauthd->connections);
	saslauthd->request_timeout = sp_timeval_from_ms((int64_t)conf->daemon_greeting_timeout);
	saslauthd->door = sp_door_open(&protocol, &conf->daemon_saslauthd,
	    (size_t)conf->daemon_max_connections, activation, why_r);
	if (saslauthd->door == NULL)
		sp_saslauthd_door_close(&saslauthd);
	return saslauthd;
}

bool sp_saslauthd_door_start(
    struct sp_saslauthd_door *saslauthd, struct event_base *base, struct sp_pipeline *pipeline)
{
	saslauthd->base = base;
	saslauthd->pipeline = pipeline;
	return sp_door_start(saslauthd->door, base, saslauthd);
}

void sp_saslauthd_door_drain(struct sp_saslauthd_door *saslauthd)
{
	sp_door_stop(saslauthd->door);
}

void sp_saslauthd_door_close(struct sp_saslauthd_door **saslauthd)
{
	struct connection *connection;

	if (saslauthd == NULL || *saslauthd == NULL)
		return;
	sp_door_close(&(*saslauthd)->door);
	while ((connection = TAILQ_FIRST(&(*saslauthd)->connections)) != NULL) {
		if (!connection->submitted)
			on_answer(connection, SP_UNAVAILABLE);
		free_connection(connection);
	}
	free(*saslauthd);
	*saslauthd = NULL;
}
