/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/client/connection.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/clock.h"

/* Hosts may run with standard input and output closed: a password must not get
 * to whoever writes to fd 1. */
static int move_above_standard_fds(int fd)
{
	if (fd < 0 || fd > STDERR_FILENO)
		return fd;
	int moved = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	close(fd);
	return moved;
}

static const char *connect_failure(int error)
{
	switch (error) {
	case ENOENT:
	case ENOTDIR:
		return "sendpassd's socket does not exist";
	case EACCES:
	case EPERM:
		return "no permission to connect to sendpassd's socket";
	case ECONNREFUSED:
		return "nobody listens on sendpassd's socket";
	case EAGAIN:
		return "sendpassd accepts no connection in time";
	default:
		return "cannot connect to sendpassd's socket";
	}
}

/* connect(2) waits in the kernel for a place in the listener's queue, and poll(2)
 * cannot: so the socket is a blocking one whose timeout is what is left of our own. */
static int connect_until(int fd, const struct sockaddr_un *address, int64_t deadline_ms)
{
	for (;;) {
		int left = sp_remaining_ms(deadline_ms);
		struct timeval timeout = {.tv_sec = left / 1000, .tv_usec = left % 1000 * 1000};
		if (left == 0)
			return EAGAIN;
		if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout)) < 0)
			return errno;
		if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0)
			return 0;
		if (errno != EINTR)
			return errno;
	}
}

static bool made_by(int fd, uid_t daemon_uid)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0 || size != sizeof(peer))
		return false;
	return peer.uid == 0 || peer.uid == daemon_uid;
}

bool sp_connection_open(struct sp_connection *connection_r, const char *path, uid_t daemon_uid,
    int64_t deadline_ms, const char **why_r)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t length = path != NULL ? strlen(path) : 0;

	*connection_r = (struct sp_connection){.fd = -1, .deadline_ms = deadline_ms};
	if (length == 0 || length >= sizeof(address.sun_path)) {
		*why_r = "no usable path to sendpassd's socket";
		return false;
	}
	memcpy(address.sun_path, path, length + 1);
	int fd = move_above_standard_fds(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
	connection_r->fd = fd;
	if (fd < 0) {
		*why_r = "cannot make a socket";
		return false;
	}
	int error = connect_until(fd, &address, deadline_ms);
	if (error != 0) {
		*why_r = connect_failure(error);
		return false;
	}
	if (!made_by(fd, daemon_uid)) {
		*why_r = "sendpassd's socket belongs to somebody else";
		return false;
	}
	return true;
}

/* False, with errno ETIMEDOUT, when the deadline has passed, even if the peer is
 * ready: one that trickles must not keep us for ever. */
static bool wait_for(const struct sp_connection *connection, short events)
{
	struct pollfd wanted = {.fd = connection->fd, .events = events};

	for (;;) {
		int left = sp_remaining_ms(connection->deadline_ms);
		int ready = left > 0 ? poll(&wanted, 1, left) : 0;
		if (ready > 0)
			return true;
		if (ready == 0 && left == 0) {
			errno = ETIMEDOUT;
			return false;
		}
		if (ready < 0 && errno != EINTR)
			return false;
	}
}

static const char *stream_failure(int error)
{
	return error == ETIMEDOUT ? "no answer from sendpassd in time"
				  : "the connection to sendpassd broke";
}

bool sp_connection_send(
    struct sp_connection *connection, const char *bytes, size_t length, const char **why_r)
{
	while (length > 0) {
		if (!wait_for(connection, POLLOUT)) {
			*why_r = stream_failure(errno);
			return false;
		}
		ssize_t sent = send(connection->fd, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent < 0 && errno != EINTR && errno != EAGAIN) {
			*why_r = stream_failure(errno);
			return false;
		}
		if (sent > 0) {
			bytes += sent;
			length -= (size_t)sent;
		}
	}
	return true;
}

static bool receive(struct sp_connection *connection, const char **why_r)
{
	if (!wait_for(connection, POLLIN)) {
		*why_r = stream_failure(errno);
		return false;
	}
	ssize_t got = recv(connection->fd, connection->buffer + connection->filled,
	    sizeof(connection->buffer) - connection->filled, MSG_DONTWAIT);
	if (got == 0) {
		*why_r = "sendpassd closed the connection without an answer";
		return false;
	}
	if (got < 0 && errno != EINTR && errno != EAGAIN) {
		*why_r = stream_failure(errno);
		return false;
	}
	if (got > 0)
		connection->filled += (size_t)got;
	return true;
}

bool sp_connection_read_line(
    struct sp_connection *connection, const char **line_r, size_t *length_r, const char **why_r)
{
	connection->filled -= connection->taken;
	memmove(connection->buffer, connection->buffer + connection->taken, connection->filled);
	connection->taken = 0;
	for (;;) {
		char *end = memchr(connection->buffer, '\n', connection->filled);
		if (end != NULL) {
			*line_r = connection->buffer;
			*length_r = (size_t)(end - connection->buffer);
			connection->taken = *length_r + 1;
			return true;
		}
		if (connection->filled == sizeof(connection->buffer)) {
			*why_r = "sendpassd sent a line that is too long";
			return false;
		}
		if (!receive(connection, why_r))
			return false;
	}
}

void sp_connection_close(struct sp_connection *connection)
{
	if (connection->fd >= 0)
		close(connection->fd);
	explicit_bzero(connection, sizeof(*connection));
	connection->fd = -1;
}
