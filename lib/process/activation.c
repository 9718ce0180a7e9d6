/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/process/activation.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/loopback.h"
#include "lib/base/number.h"

#define FIRST_FD 3

static uint64_t number_from(const char *variable, uint64_t high)
{
	const char *text = getenv(variable);
	uint64_t number = 0;

	if (text == NULL || !sp_parse_number(text, 0, high, &number))
		return 0;
	return number;
}

static bool describe_unix(const struct sockaddr_un *address, struct sp_activated *socket_r)
{
	/* sun_path need not end in a NUL; the address was zeroed beyond its length */
	size_t length = strnlen(address->sun_path, sizeof(address->sun_path));

	if (address->sun_path[0] != '/' || length >= sizeof(socket_r->place))
		return false;
	memcpy(socket_r->place, address->sun_path, length);
	socket_r->place[length] = '\0';
	return true;
}

static bool describe_inet(const struct sockaddr *address, struct sp_activated *socket_r)
{
	struct sp_loopback loopback;
	char text[SP_LOOPBACK_TEXT_MAX];

	if (!sp_loopback_take(address, &loopback))
		return false;
	sp_loopback_print(&loopback, text);
	snprintf(socket_r->place, sizeof(socket_r->place), "inet:%s", text);
	return true;
}

/* False if fd is no socket that listens at a path or on loopback. */
static bool describe(int fd, struct sp_activated *socket_r)
{
	union {
		struct sockaddr any;
		struct sockaddr_un path;
		struct sockaddr_storage largest;
	} address = {.largest = {.ss_family = AF_UNSPEC}};
	socklen_t length = sizeof(address);
	int listens = 0;
	socklen_t listens_size = sizeof(listens);

	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &listens_size) != 0 ||
	    listens == 0 || getsockname(fd, &address.any, &length) != 0)
		return false;
	socket_r->fd = fd;
	return (address.any.sa_family == AF_UNIX ? describe_unix(&address.path, socket_r)
						 : describe_inet(&address.any, socket_r)) &&
	       fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 && fcntl(fd, F_SETFL, O_NONBLOCK) == 0;
}

bool sp_activation_take(struct sp_activation *activation_r, const char **why_r)
{
	uint64_t count = number_from("LISTEN_FDS", 1024);

	*activation_r = (struct sp_activation){0};
	*why_r = NULL;
	if (count == 0 || number_from("LISTEN_PID", INT32_MAX) != (uint64_t)getpid())
		return true;
	*why_r = "the service manager passed too many sockets";
	if (count > SP_ACTIVATION_MAX)
		return false;
	*why_r = "the service manager passed something that is no listening unix socket, "
		 "nor TCP on loopback";
	while (activation_r->count < count) {
		struct sp_activated *socket = &activation_r->sockets[activation_r->count];
		if (!describe(FIRST_FD + (int)activation_r->count, socket))
			return false;
		activation_r->count++;
	}
	*why_r = NULL;
	return true;
}

int sp_activation_claim(struct sp_activation *activation, const char *place)
{
	for (size_t i = 0; i < activation->count; i++) {
		int fd = activation->sockets[i].fd;
		if (fd >= 0 && strcmp(activation->sockets[i].place, place) == 0) {
			activation->sockets[i].fd = -1;
			return fd;
		}
	}
	return -1;
}

const char *sp_activation_unclaimed(const struct sp_activation *activation)
{
	for (size_t i = 0; i < activation->count; i++) {
		if (activation->sockets[i].fd >= 0)
			return activation->sockets[i].place;
	}
	return NULL;
}

void sp_activation_close(struct sp_activation *activation)
{
	for (size_t i = 0; i < activation->count; i++) {
		if (activation->sockets[i].fd >= 0)
			close(activation->sockets[i].fd);
		activation->sockets[i].fd = -1;
	}
}
