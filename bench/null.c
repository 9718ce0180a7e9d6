/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * null - says yes to everything, at Dovecot's auth client protocol and at saslauthd's:
 * the most that any server behind these protocols could reach
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/wire/auth_line.h"
#include "lib/wire/saslauthd_request.h"

#define EVENTS 64

struct client {
	int fd;
	bool is_listener;
	bool speaks_auth;
	size_t length;
	char in[SP_LINE_MAX + 1];
};

static bool watch(int epoll, struct client *client)
{
	struct epoll_event event = {.events = EPOLLIN, .data = {.ptr = client}};

	return epoll_ctl(epoll, EPOLL_CTL_ADD, client->fd, &event) == 0;
}

static bool listen_at(int epoll, const char *path, bool speaks_auth)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct client *listener = calloc(1, sizeof(*listener));

	if (listener == NULL || strlen(path) >= sizeof(address.sun_path)) {
		free(listener);
		return false;
	}
	memcpy(address.sun_path, path, strlen(path));
	listener->is_listener = true;
	listener->speaks_auth = speaks_auth;
	listener->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	unlink(path);
	return bind(listener->fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
	       chmod(path, 0666) == 0 && listen(listener->fd, SOMAXCONN) == 0 &&
	       watch(epoll, listener);
}

static void say(const struct client *client, const char *bytes, size_t length)
{
	/* A client that does not read what it asked for is none of the bench's. */
	(void)!send(client->fd, bytes, length, MSG_NOSIGNAL);
}

static void greet(const struct client *client)
{
	char bytes[512];
	struct sp_text out;

	sp_text_init(&out, bytes, sizeof(bytes));
	sp_auth_print_server_hello(
	    &out, (uint32_t)getpid(), (uint32_t)client->fd, "00000000000000000000000000000000");
	say(client, out.bytes, out.length);
}

static void accept_one(int epoll, const struct client *listener)
{
	int fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC);
	struct client *client = fd < 0 ? NULL : calloc(1, sizeof(*client));

	if (client == NULL)
		return;
	client->fd = fd;
	client->speaks_auth = listener->speaks_auth;
	if (!watch(epoll, client)) {
		close(fd);
		free(client);
	} else if (client->speaks_auth)
		greet(client);
}

static void answer_lines(struct client *client)
{
	char bytes[8192];
	struct sp_text out;
	struct sp_auth_request request;
	char *line = client->in, *end;
	size_t left = client->length;

	sp_text_init(&out, bytes, sizeof(bytes));
	while ((end = memchr(line, '\n', left)) != NULL) {
		sp_auth_request_parse(line, (size_t)(end - line), &request);
		if (request.kind == SP_AUTH_REQUEST_AUTH)
			sp_auth_print_ok(&out, request.id, "null");
		left -= (size_t)(end + 1 - line);
		line = end + 1;
	}
	memmove(client->in, line, left);
	client->length = left;
	say(client, out.bytes, out.length);
}

/* False when the connection is over. */
static bool serve(struct client *client)
{
	struct sp_saslauthd_request request;
	const char *why;
	ssize_t got =
	    recv(client->fd, client->in + client->length, sizeof(client->in) - client->length, 0);

	if (got <= 0)
		return false;
	client->length += (size_t)got;
	if (client->speaks_auth) {
		answer_lines(client);
		return true;
	}
	if (sp_saslauthd_parse(client->in, client->length, &request, &why) == SP_SASLAUTHD_PARTIAL)
		return true;
	char reply[SP_SASLAUTHD_REPLY_MAX];
	say(client, reply, sp_saslauthd_print_reply(SP_GRANTED, reply));
	return false;
}

int main(int argc, char **argv)
{
	struct epoll_event events[EVENTS];
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	if (argc != 3) {
		fputs("usage: null AUTH-SOCKET SASLAUTHD-SOCKET\n", stderr);
		return 2;
	}
	if (epoll < 0 || !listen_at(epoll, argv[1], true) || !listen_at(epoll, argv[2], false)) {
		fprintf(stderr, "null: cannot listen: %s\n", strerror(errno));
		return 1;
	}
	for (;;) {
		int count = epoll_wait(epoll, events, EVENTS, -1);
		for (int i = 0; i < count; i++) {
			struct client *client = events[i].data.ptr;
			if (client->is_listener)
				accept_one(epoll, client);
			else if (!serve(client)) {
				close(client->fd);
				free(client);
			}
		}
	}
}
