/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * request_connection.h - clients that send one request after another
 *
 * What the doors share whose clients keep their connection: requests are taken
 * whole, one at a time, and answered in order; nothing is read while an answer is
 * awaited. What a request and an answer are is the protocol's matter.
 */
#ifndef SP_DAEMON_REQUEST_CONNECTION_H
#define SP_DAEMON_REQUEST_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>
#include <sys/time.h>

struct event_base;
struct sp_request_connection;

enum sp_request_status {
	SP_REQUEST_BAD = 0,
	SP_REQUEST_PARTIAL,
	SP_REQUEST_COMPLETE,
};

struct sp_request_protocol {
	const char *name;   /* of the door, in log lines */
	size_t request_max; /* bytes; whatever is as long and not complete must be bad */
	/* Reads the request that bytes begin with. Complete: *used_r is its length, it
	 * is copied and under way, and sp_request_answer() follows, maybe before this
	 * returns; *work_r is what abandon() takes until then. Bad: *why_r is static
	 * text, and the client is logged and closed. */
	enum sp_request_status (*begin)(struct sp_request_connection *connection, const char *bytes,
	    size_t length, size_t *used_r, void **work_r, const char **why_r);
	/* Nobody wants the answer any more. */
	void (*abandon)(void *work);
};

TAILQ_HEAD(sp_request_connection_list, sp_request_connection);

/* What all connections of a door share; the door's own, and it outlives them. */
struct sp_request_clients {
	const struct sp_request_protocol *protocol;
	void *site; /* the protocol's */
	struct event_base *base;
	struct timeval idle_timeout; /* between bytes */
	size_t count;
	bool draining; /* close each connection once it waits for nothing */
	struct sp_request_connection_list list;
};

/* No clients yet; base is set before the first. */
void sp_request_clients_init(struct sp_request_clients *clients,
    const struct sp_request_protocol *protocol, void *site, struct timeval idle_timeout);

/* These two are a door's begin and count (door.h), with the clients as context. A
 * client that sends what is no request is logged and closed. */
void sp_request_connection_begin(void *clients, int fd);
size_t sp_request_clients_count(const void *clients);

/* The protocol's view of a connection. */
void *sp_request_connection_site(const struct sp_request_connection *connection);

/* Answers the request under way and goes on to the next. bytes of NULL: closes
 * instead. */
void sp_request_answer(struct sp_request_connection *connection, const char *bytes, size_t length);

/* Closes each connection that waits for no answer, and the others after theirs. */
void sp_request_clients_drain(struct sp_request_clients *clients);

/* Closes them all. */
void sp_request_clients_close(struct sp_request_clients *clients);

#endif
