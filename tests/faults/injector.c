/* SPDX-License-Identifier: BSD-2-Clause */
/* Not to be built with sanitizers: malloc(3) is called before theirs are ready; nor
 * with _FORTIFY_SOURCE, which gives some of these names a body. */
#include "tests/faults/injector.h"

#include <argon2.h>
#include <assert.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static struct fault_plan own;
SP_EXPORT struct fault_plan *faults = &own;

static const int errors[] = {
#define ERROR(function, error) error,
    FAULT_FUNCTIONS(ERROR)
#undef ERROR
};

/* Calls that the injector makes itself are not counted. */
static _Thread_local bool inside;

static bool ever_struck;

static void *next(const char *name)
{
	inside = true;
	void *found = dlsym(RTLD_NEXT, name);
	inside = false;
	if (found == NULL)
		abort();
	return found;
}

/* The function that stands behind ours. */
#define NEXT(function)                                                                             \
	static __typeof__(function) *real;                                                         \
	if (real == NULL)                                                                          \
	real = (__typeof__(real))next(#function)

/* Counts the call, and sets errno if it is to fail. */
static bool strikes(enum fault_function function)
{
	struct fault_plan *plan = faults;
	int32_t mine = (int32_t)function + 1;

	if (inside || __atomic_load_n(&plan->armed, __ATOMIC_ACQUIRE) == 0 ||
	    (plan->only != 0 && plan->only != mine))
		return false;
	uint32_t seen = __atomic_add_fetch(&plan->seen, 1, __ATOMIC_RELAXED);
	if (seen == plan->nth)
		__atomic_store_n(&plan->struck, mine, __ATOMIC_RELAXED);
	else if (plan->kind != FAULT_EVER || seen < plan->nth ||
		 __atomic_load_n(&plan->struck, __ATOMIC_RELAXED) != mine)
		return false;
	ever_struck = true;
	errno = errors[function];
	return true;
}

#define FAILS(function) strikes(FAULT_OF_##function)

/* What a read or a write that fails returns; with FAULT_ENDING it is a result. */
static ssize_t no_bytes(void)
{
	return faults->kind == FAULT_ENDING ? 0 : -1;
}

__attribute__((constructor)) static void share_the_plan(void)
{
	const char *path = getenv("SP_FAULTS");

	if (path == NULL)
		return;
	inside = true;
	int fd = open(path, O_RDWR | O_CLOEXEC);
	void *shared =
	    mmap(NULL, sizeof(struct fault_plan), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (fd < 0 || shared == MAP_FAILED)
		abort();
	close(fd);
	faults = shared;
	inside = false;
}

/* ---- memory ---- */

SP_EXPORT void *malloc(size_t size)
{
	NEXT(malloc);
	return FAILS(malloc) ? NULL : real(size);
}

SP_EXPORT void *calloc(size_t count, size_t size)
{
	NEXT(calloc);
	return FAILS(calloc) ? NULL : real(count, size);
}

SP_EXPORT void *realloc(void *old, size_t size)
{
	NEXT(realloc);
	return FAILS(realloc) ? NULL : real(old, size);
}

SP_EXPORT void *mmap(void *at, size_t length, int protection, int flags, int fd, off_t offset)
{
	NEXT(mmap);
	return FAILS(mmap) ? MAP_FAILED : real(at, length, protection, flags, fd, offset);
}

/* ---- files and sockets ---- */

SP_EXPORT int open(const char *path, int flags, ...)
{
	va_list arguments;

	va_start(arguments, flags);
	mode_t mode = (flags & (O_CREAT | __O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
	va_end(arguments);
	NEXT(open);
	return FAILS(open) ? -1 : real(path, flags, mode);
}

/* Every command takes one word or none. */
SP_EXPORT int fcntl(int fd, int command, ...)
{
	va_list arguments;

	va_start(arguments, command);
	void *argument = va_arg(arguments, void *);
	va_end(arguments);
	NEXT(fcntl);
	return FAILS(fcntl) ? -1 : real(fd, command, argument);
}

SP_EXPORT int socket(int domain, int type, int protocol)
{
	NEXT(socket);
	return FAILS(socket) ? -1 : real(domain, type, protocol);
}

SP_EXPORT int setsockopt(int fd, int level, int name, const void *value, socklen_t length)
{
	NEXT(setsockopt);
	return FAILS(setsockopt) ? -1 : real(fd, level, name, value, length);
}

SP_EXPORT int getsockopt(int fd, int level, int name, void *value, socklen_t *length)
{
	NEXT(getsockopt);
	return FAILS(getsockopt) ? -1 : real(fd, level, name, value, length);
}

SP_EXPORT int connect(int fd, const struct sockaddr *address, socklen_t length)
{
	NEXT(connect);
	return FAILS(connect) ? -1 : real(fd, address, length);
}

SP_EXPORT int accept4(int fd, struct sockaddr *address, socklen_t *length, int flags)
{
	NEXT(accept4);
	return FAILS(accept4) ? -1 : real(fd, address, length, flags);
}

SP_EXPORT int poll(struct pollfd *fds, nfds_t count, int timeout)
{
	NEXT(poll);
	return FAILS(poll) ? -1 : real(fds, count, timeout);
}

SP_EXPORT int epoll_ctl(int set, int operation, int fd, struct epoll_event *event)
{
	NEXT(epoll_ctl);
	return FAILS(epoll_ctl) ? -1 : real(set, operation, fd, event);
}

SP_EXPORT ssize_t read(int fd, void *bytes, size_t length)
{
	NEXT(read);
	return FAILS(read) ? no_bytes() : real(fd, bytes, length);
}

SP_EXPORT ssize_t readv(int fd, const struct iovec *parts, int count)
{
	NEXT(readv);
	return FAILS(readv) ? no_bytes() : real(fd, parts, count);
}

SP_EXPORT ssize_t recv(int fd, void *bytes, size_t length, int flags)
{
	NEXT(recv);
	return FAILS(recv) ? no_bytes() : real(fd, bytes, length, flags);
}

SP_EXPORT ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
	NEXT(recvmsg);
	return FAILS(recvmsg) ? no_bytes() : real(fd, message, flags);
}

/* A short one, or none. */
#define WRITES(function, length, call)                                                             \
	NEXT(function);                                                                            \
	if (FAILS(function)) {                                                                     \
		if (faults->kind != FAULT_ENDING || (length) == 0)                                 \
			return -1;                                                                 \
		(length) = 1;                                                                      \
	}                                                                                          \
	return call

SP_EXPORT ssize_t write(int fd, const void *bytes, size_t length)
{
	WRITES(write, length, real(fd, bytes, length));
}

SP_EXPORT ssize_t send(int fd, const void *bytes, size_t length, int flags)
{
	WRITES(send, length, real(fd, bytes, length, flags));
}

SP_EXPORT ssize_t sendto(int fd, const void *bytes, size_t length, int flags,
    const struct sockaddr *address, socklen_t address_length)
{
	WRITES(sendto, length, real(fd, bytes, length, flags, address, address_length));
}

SP_EXPORT ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset)
{
	WRITES(pwrite, length, real(fd, bytes, length, offset));
}

SP_EXPORT ssize_t writev(int fd, const struct iovec *parts, int count)
{
	NEXT(writev);
	return FAILS(writev) ? -1 : real(fd, parts, count);
}

SP_EXPORT ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	NEXT(sendmsg);
	return FAILS(sendmsg) ? -1 : real(fd, message, flags);
}

SP_EXPORT int fdatasync(int fd)
{
	NEXT(fdatasync);
	return FAILS(fdatasync) ? -1 : real(fd);
}

/* ---- the rest ---- */

SP_EXPORT ssize_t getrandom(void *bytes, size_t length, unsigned flags)
{
	NEXT(getrandom);
	return FAILS(getrandom) ? -1 : real(bytes, length, flags);
}

SP_EXPORT int pthread_create(
    pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *argument)
{
	NEXT(pthread_create);
	return FAILS(pthread_create) ? EAGAIN : real(thread, attributes, run, argument);
}

SP_EXPORT int argon2_ctx(argon2_context *context, argon2_type type)
{
	NEXT(argon2_ctx);
	return FAILS(argon2_ctx) ? ARGON2_MEMORY_ALLOCATION_ERROR : real(context, type);
}

/* What cannot be asked for memory without ending the process, as libldap in places,
 * is not worth a page of assert(3)'s. */
SP_EXPORT void __assert_fail(
    const char *claim, const char *file, unsigned line, const char *function)
{
	NEXT(__assert_fail);
	if (!ever_struck)
		real(claim, file, line, function);
	faults->gave_up = 1;
	abort();
}

SP_EXPORT time_t time(time_t *time_r)
{
	NEXT(time);
	time_t now = real(NULL) + faults->clock_s;
	if (time_r != NULL)
		*time_r = now;
	return now;
}

SP_EXPORT int clock_gettime(clockid_t clock, struct timespec *now_r)
{
	NEXT(clock_gettime);
	int result = real(clock, now_r);
	if (clock == CLOCK_REALTIME)
		now_r->tv_sec += faults->clock_s;
	return result;
}

SP_EXPORT int gettimeofday(struct timeval *now_r, void *zone)
{
	NEXT(gettimeofday);
	int result = real(now_r, zone);
	now_r->tv_sec += faults->clock_s;
	return result;
}
