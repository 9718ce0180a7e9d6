/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/faults.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/socket.h>

SP_EXPORT struct faults faults;

/* Names and types are the linker's and libc's. */
void *__real_malloc(size_t size);
int __real_socket(int domain, int type, int protocol);
int __real_fcntl(int fd, int command, ...);
int __real_setsockopt(int fd, int level, int name, const void *value, socklen_t length);
int __real_getsockopt(int fd, int level, int name, void *value, socklen_t *length);
int __real_connect(int fd, const struct sockaddr *address, socklen_t length);
int __real_poll(struct pollfd *fds, nfds_t count, int timeout);
ssize_t __real_send(int fd, const void *bytes, size_t length, int flags);
ssize_t __real_recv(int fd, void *bytes, size_t length, int flags);
void *__wrap_malloc(size_t size);
int __wrap_socket(int domain, int type, int protocol);
int __wrap_fcntl(int fd, int command, ...);
int __wrap_setsockopt(int fd, int level, int name, const void *value, socklen_t length);
int __wrap_getsockopt(int fd, int level, int name, void *value, socklen_t *length);
int __wrap_connect(int fd, const struct sockaddr *address, socklen_t length);
int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout);
ssize_t __wrap_send(int fd, const void *bytes, size_t length, int flags);
ssize_t __wrap_recv(int fd, void *bytes, size_t length, int flags);

bool fault_strikes(enum fault_call call)
{
	unsigned seen = ++faults.seen[call];

	return faults.call == call &&
	       (faults.error == FAULT_SHORT ? seen >= faults.nth : seen == faults.nth);
}

/* For calls that fail with -1 and errno. */
static bool fails(enum fault_call call)
{
	if (!fault_strikes(call))
		return false;
	errno = faults.error;
	return true;
}

void *__wrap_malloc(size_t size)
{
	return fails(FAULT_MALLOC) ? NULL : __real_malloc(size);
}

int __wrap_socket(int domain, int type, int protocol)
{
	return fails(FAULT_SOCKET) ? -1 : __real_socket(domain, type, protocol);
}

/* Of the commands, the guests know those with a number alone. */
int __wrap_fcntl(int fd, int command, ...)
{
	va_list arguments;

	va_start(arguments, command);
	int number = va_arg(arguments, int);
	va_end(arguments);
	return fails(FAULT_FCNTL) ? -1 : __real_fcntl(fd, command, number);
}

int __wrap_setsockopt(int fd, int level, int name, const void *value, socklen_t length)
{
	return fails(FAULT_SETSOCKOPT) ? -1 : __real_setsockopt(fd, level, name, value, length);
}

int __wrap_getsockopt(int fd, int level, int name, void *value, socklen_t *length)
{
	return fails(FAULT_GETSOCKOPT) ? -1 : __real_getsockopt(fd, level, name, value, length);
}

int __wrap_connect(int fd, const struct sockaddr *address, socklen_t length)
{
	return fails(FAULT_CONNECT) ? -1 : __real_connect(fd, address, length);
}

int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout)
{
	if (fails(FAULT_POLL))
		return faults.error == FAULT_END ? 0 : -1;
	return __real_poll(fds, count, timeout);
}

ssize_t __wrap_send(int fd, const void *bytes, size_t length, int flags)
{
	faults.unsafe_send = faults.unsafe_send || (flags & MSG_NOSIGNAL) == 0;
	if (fails(FAULT_SEND)) {
		if (faults.error != FAULT_SHORT)
			return -1;
		length = 1;
	}
	return __real_send(fd, bytes, length, flags);
}

ssize_t __wrap_recv(int fd, void *bytes, size_t length, int flags)
{
	if (fails(FAULT_RECV)) {
		if (faults.error != FAULT_SHORT)
			return faults.error == FAULT_END ? 0 : -1;
		length = 1;
	}
	return __real_recv(fd, bytes, length, flags);
}
