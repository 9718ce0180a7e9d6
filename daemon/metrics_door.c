/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/metrics_door.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <event2/listener.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "daemon/door.h"
#include "daemon/thread.h"
#include "lib/base/log.h"

#define NAME "metrics"

/* A scrape takes a few milliseconds, and a request some hundred bytes. */
#define TICK_SECONDS 3
#define PAUSE_US     50000
#define HEADERS_MAX  8192
#define BODY_MAX     0

#define TEXT        "text/plain; version=0.0.4; charset=utf-8"
#define OPENMETRICS "application/openmetrics-text"

struct socket {
	struct sp_metrics_door *door;
	struct sp_listener listener;
	struct evconnlistener *accepting; /* http's */
	struct evhttp *http;
};

/* libevent 2.1 neither bounds the connections of an evhttp, nor their whole time, nor tells
 * when one ends. So they are counted as they begin and as they are answered. When there are
 * too many, or some were left from one tick to the next, all are closed together, by making
 * their evhttps anew. Where everybody behaves that never happens. */
struct sp_metrics_door {
	struct sp_metrics_sources sources;
	size_t count;
	struct socket *sockets;
	struct event_base *base;
	size_t unanswered;
	size_t lowest; /* that it was since the last tick */
	struct event *tick;
	struct event *renewal; /* soon: there are too many */
	int stop_fd;
	struct event *stop;
	pthread_t thread;
	bool has_thread;
};

/* ---- one request ---- */

static bool wants_openmetrics(struct evhttp_request *request)
{
	const char *accept =
	    evhttp_find_header(evhttp_request_get_input_headers(request), "Accept");

	return accept != NULL && strstr(accept, OPENMETRICS) != NULL;
}

static void free_text(const void *text, size_t length, void *context)
{
	(void)length;
	(void)context;
	free((void *)text);
}

static void answer_page(struct sp_metrics_door *door, struct evhttp_request *request)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
	struct evbuffer *body = evhttp_request_get_output_buffer(request);
	bool openmetrics = wants_openmetrics(request);
	size_t length;
	char *text;

	if (!sp_metrics_page(&door->sources, openmetrics, &text, &length)) {
		evhttp_send_error(request, HTTP_INTERNAL, NULL);
		return;
	}
	if (evbuffer_add_reference(body, text, length, free_text, NULL) != 0) {
		free(text);
		evhttp_send_error(request, HTTP_INTERNAL, NULL);
		return;
	}
	evhttp_add_header(headers, "Content-Type",
	    openmetrics ? OPENMETRICS "; version=1.0.0; charset=utf-8" : TEXT);
	evhttp_add_header(headers, "Connection", "close");
	evhttp_send_reply(request, HTTP_OK, NULL, NULL);
}

static void on_answered(struct evhttp_request *request, void *context)
{
	struct sp_metrics_door *door = context;

	(void)request;
	if (door->unanswered > 0)
		door->unanswered--;
	if (door->unanswered < door->lowest)
		door->lowest = door->unanswered;
}

static bool is_for_metrics(struct evhttp_request *request)
{
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
	const char *path = uri != NULL ? evhttp_uri_get_path(uri) : NULL;

	return path != NULL && strcmp(path, "/metrics") == 0;
}

static void on_request(struct evhttp_request *request, void *context)
{
	struct socket *socket = context;
	struct evhttp_connection *connection = evhttp_request_get_connection(request);
	int fd = bufferevent_getfd(evhttp_connection_get_bufferevent(connection));
	enum evhttp_cmd_type command = evhttp_request_get_command(request);

	evhttp_request_set_on_complete_cb(request, on_answered, socket->door);
	if (!sp_door_admits(&socket->listener, NAME, fd)) {
		evhttp_send_error(request, 403, "Forbidden");
	} else if (!is_for_metrics(request)) {
		evhttp_send_error(request, HTTP_NOTFOUND, NULL);
	} else if (command != EVHTTP_REQ_GET && command != EVHTTP_REQ_HEAD) {
		evhttp_add_header(evhttp_request_get_output_headers(request), "Allow", "GET, HEAD");
		evhttp_send_error(request, HTTP_BADMETHOD, NULL);
	} else {
		answer_page(socket->door, request);
	}
}

/* ---- connections, all together ---- */

/* libevent asks for a connection's bufferevent as it begins; NULL: one as usual. Those that
 * come during the pause stay with the kernel, and those that are here are answered. */
static struct bufferevent *on_connection(struct event_base *base, void *context)
{
	struct sp_metrics_door *door = context;
	const struct timeval pause = {.tv_usec = PAUSE_US};

	(void)base;
	if (++door->unanswered < SP_METRICS_CONNECTIONS_MAX)
		return NULL;
	for (size_t i = 0; i < door->count; i++)
		evconnlistener_disable(door->sockets[i].accepting);
	event_add(door->renewal, &pause);
	return NULL;
}

/* accept() failed, which for want of descriptors it would do again at once. The next tick
 * lets it try. */
static void on_accept_error(struct evconnlistener *listener, void *context)
{
	(void)context;
	sp_log_message(SP_LOG_ERROR, "accept_failed", NAME " door: %s", strerror(errno));
	evconnlistener_disable(listener);
}

static bool make_http(struct socket *socket)
{
	struct sp_metrics_door *door = socket->door;
	const unsigned methods = EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_HEAD |
				 EVHTTP_REQ_PUT | EVHTTP_REQ_DELETE | EVHTTP_REQ_OPTIONS |
				 EVHTTP_REQ_TRACE | EVHTTP_REQ_CONNECT | EVHTTP_REQ_PATCH;

	socket->http = evhttp_new(door->base);
	if (socket->http == NULL)
		return false;
	evhttp_set_max_headers_size(socket->http, HEADERS_MAX);
	evhttp_set_max_body_size(socket->http, BODY_MAX);
	evhttp_set_timeout(socket->http, TICK_SECONDS);
	evhttp_set_allowed_methods(socket->http, methods); /* which on_request() refuses */
	evhttp_set_bevcb(socket->http, on_connection, door);
	evhttp_set_gencb(socket->http, on_request, socket);
	/* it is freed with the http, and leaves the descriptor open */
	socket->accepting = evconnlistener_new(
	    door->base, NULL, socket, LEV_OPT_CLOSE_ON_EXEC, 0, socket->listener.fd);
	if (socket->accepting == NULL)
		return false;
	evconnlistener_set_error_cb(socket->accepting, on_accept_error);
	if (evhttp_bind_listener(socket->http, socket->accepting) != NULL)
		return true;
	evconnlistener_free(socket->accepting);
	return false;
}

static void free_https(struct sp_metrics_door *door)
{
	for (size_t i = 0; i < door->count; i++) {
		if (door->sockets[i].http != NULL)
			evhttp_free(door->sockets[i].http);
		door->sockets[i].http = NULL;
		door->sockets[i].accepting = NULL;
	}
}

static bool make_https(struct sp_metrics_door *door)
{
	bool ok = true;

	door->unanswered = 0;
	for (size_t i = 0; ok && i < door->count; i++)
		ok = make_http(&door->sockets[i]);
	return ok;
}

static void on_renewal(evutil_socket_t fd, short what, void *context)
{
	struct sp_metrics_door *door = context;

	(void)fd;
	(void)what;
	free_https(door);
	if (make_https(door))
		return;
	free_https(door); /* the next tick tries again */
	door->unanswered = 1;
}

static void on_tick(evutil_socket_t fd, short what, void *context)
{
	struct sp_metrics_door *door = context;

	if (door->lowest > 0)
		on_renewal(fd, what, door);
	for (size_t i = 0; i < door->count; i++) {
		if (door->sockets[i].accepting != NULL &&
		    !event_pending(door->renewal, EV_TIMEOUT, NULL))
			evconnlistener_enable(door->sockets[i].accepting);
	}
	door->lowest = door->unanswered;
}

/* ---- open, start, close ---- */

struct sp_metrics_door *sp_metrics_door_open(
    const struct sp_conf *conf, struct sp_activation *activation, char why_r[SP_CONF_WHY_MAX])
{
	const struct sp_conf_doors *places = &conf->daemon_metrics;
	struct sp_metrics_door *door = calloc(1, sizeof(*door));

	snprintf(why_r, SP_CONF_WHY_MAX, "out of memory");
	if (door == NULL)
		return NULL;
	door->stop_fd = -1;
	door->sockets = calloc(places->count + 1, sizeof(*door->sockets));
	while (door->sockets != NULL && door->count < places->count) {
		struct socket *socket = &door->sockets[door->count];
		if (!sp_listener_open(
			&places->items[door->count], activation, &socket->listener, why_r))
			break;
		socket->door = door;
		door->count++;
	}
	if (door->sockets == NULL || door->count < places->count)
		sp_metrics_door_close(&door);
	return door;
}

static void on_stop(evutil_socket_t fd, short what, void *context)
{
	struct sp_metrics_door *door = context;

	(void)fd;
	(void)what;
	event_base_loopbreak(door->base);
}

static void *run(void *context)
{
	struct sp_metrics_door *door = context;

	event_base_dispatch(door->base);
	return NULL;
}

static bool make_events(struct sp_metrics_door *door)
{
	const struct timeval tick = {.tv_sec = TICK_SECONDS};

	door->base = event_base_new();
	door->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (door->base == NULL || door->stop_fd < 0)
		return false;
	door->stop = event_new(door->base, door->stop_fd, EV_READ, on_stop, door);
	door->tick = event_new(door->base, -1, EV_PERSIST, on_tick, door);
	door->renewal = evtimer_new(door->base, on_renewal, door);
	return door->stop != NULL && door->tick != NULL && door->renewal != NULL &&
	       event_add(door->stop, NULL) == 0 && event_add(door->tick, &tick) == 0;
}

bool sp_metrics_door_start(struct sp_metrics_door *door, const struct sp_metrics_sources *sources)
{
	if (door->count == 0)
		return true;
	door->sources = *sources;
	if (!make_events(door) || !make_https(door))
		return false;
	door->has_thread = sp_thread_start(&door->thread, run, door);
	return door->has_thread;
}

static void end_thread(struct sp_metrics_door *door)
{
	const uint64_t one = 1;

	/* into an empty counter, which has room */
	if (write(door->stop_fd, &one, sizeof(one)) == (ssize_t)sizeof(one))
		pthread_join(door->thread, NULL);
}

static void free_event(struct event *event)
{
	if (event != NULL)
		event_free(event);
}

void sp_metrics_door_close(struct sp_metrics_door **door_pointer)
{
	if (door_pointer == NULL || *door_pointer == NULL)
		return;
	struct sp_metrics_door *door = *door_pointer;
	*door_pointer = NULL;
	if (door->has_thread)
		end_thread(door);
	free_https(door);
	free_event(door->stop);
	free_event(door->tick);
	free_event(door->renewal);
	if (door->base != NULL)
		event_base_free(door->base);
	if (door->stop_fd >= 0)
		close(door->stop_fd);
	for (size_t i = 0; i < door->count; i++)
		sp_listener_close(&door->sockets[i].listener);
	free(door->sockets);
	free(door);
}
