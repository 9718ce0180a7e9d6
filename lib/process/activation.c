/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/process/activation.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

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

/* False if fd is no unix socket that listens at a path. */
static bool describe(int fd, struct sp_activated *socket_r)
{
	struct sockaddr_un address = {.sun_family = AF_UNSPEC};
	socklen_t length = sizeof(address);
	int listens = 0;
	socklen_t listens_size = sizeof(listens);

	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &listens_size) != 0 ||
	    listens == 0 || getsockname(fd, (struct sockaddr *)&address, &length) != 0 ||
	    address.sun_family != AF_UNIX || address.sun_path[0] != '/')
		return false;
	socket_r->fd = fd;
	/* sun_path need not end in a NUL; the address was zeroed beyond its length */
	size_t path = strnlen(address.sun_path, sizeof(address.sun_path));
	if (path >= sizeof(socket_r->path))
		return false;
	memcpy(socket_r->path, address.sun_path, path);
	socket_r->path[path] = '\0';
	return fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 && fcntl(fd, F_SETFL, O_NONBLOCK) == 0;
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
	*why_r = "the service manager passed something that is no listening unix socket";
	while (activation_r->count < count) {
		struct sp_activated *socket = &activation_r->sockets[activation_r->count];
		if (!describe(FIRST_FD + (int)activation_r->count, socket))
			return false;
		activation_r->count++;
	}
	*why_r = NULL;
	return true;
}

int sp_activation_claim(struct sp_activation *activation, const char *path)
{
	for (size_t i = 0; i < activation->count; i++) {
		int fd = activation->sockets[i].fd;
		if (fd >= 0 && strcmp(activation->sockets[i].path, path) == 0) {
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
			return activation->sockets[i].path;
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
