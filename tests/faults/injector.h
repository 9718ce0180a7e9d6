/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * injector.h - makes the nth library call of a whole process fail
 *
 * These functions stand before libc's of the same names, for our code and for every
 * library: linked into a test program, or loaded into sendpassd by LD_PRELOAD. There
 * the plan is the file that SP_FAULTS names, mapped and shared with the test.
 *
 * Calls are counted while `armed` is not 0. The nth of them fails, whichever function
 * it is, in the way that is likely for that function. What frees, closes or cannot
 * fail is not counted.
 */
#ifndef SP_TESTS_INJECTOR_H
#define SP_TESTS_INJECTOR_H

#include <stdint.h>

#include "sendpass/attributes.h"

/* X(function, errno of its failure). The tests of sendpassd read this list, too. */
#define FAULT_FUNCTIONS(X)                                                                         \
	X(malloc, ENOMEM)                                                                          \
	X(calloc, ENOMEM)                                                                          \
	X(realloc, ENOMEM)                                                                         \
	X(mmap, ENOMEM)                                                                            \
	X(open, EMFILE)                                                                            \
	X(socket, EMFILE)                                                                          \
	X(fcntl, EINVAL)                                                                           \
	X(setsockopt, ENOPROTOOPT)                                                                 \
	X(getsockopt, ENOBUFS)                                                                     \
	X(connect, ECONNREFUSED)                                                                   \
	X(accept4, EMFILE)                                                                         \
	X(poll, ENOMEM)                                                                            \
	X(epoll_ctl, ENOMEM)                                                                       \
	X(read, ECONNRESET)                                                                        \
	X(readv, ECONNRESET)                                                                       \
	X(recv, ECONNRESET)                                                                        \
	X(recvmsg, ECONNRESET)                                                                     \
	X(write, EPIPE)                                                                            \
	X(writev, EPIPE)                                                                           \
	X(send, EPIPE)                                                                             \
	X(sendto, EPIPE)                                                                           \
	X(sendmsg, EPIPE)                                                                          \
	X(pwrite, ENOSPC)                                                                          \
	X(fdatasync, EIO)                                                                          \
	X(getrandom, EIO)                                                                          \
	X(pthread_create, EAGAIN)                                                                  \
	X(argon2_ctx, ENOMEM)

enum fault_function {
#define FAULT_CONSTANT(function, error) FAULT_OF_##function,
	FAULT_FUNCTIONS(FAULT_CONSTANT)
#undef FAULT_CONSTANT
	    FAULT_FUNCTION_COUNT
};

/* How it fails. */
enum fault_kind {
	FAULT_ONCE,   /* with its errno */
	FAULT_EVER,   /* so does each later call of that function */
	FAULT_ENDING, /* reads return 0, writes take one byte; anything else as FAULT_ONCE */
	FAULT_KINDS
};

/* Numbers as the test of sendpassd packs them. */
struct fault_plan {
	int32_t armed;
	uint32_t nth; /* from 1 */
	int32_t kind;
	uint32_t seen;
	int32_t struck;  /* the function that failed, plus 1; 0: none so far */
	int32_t clock_s; /* armed or not: the calendar's clock is so many seconds off */
	int32_t gave_up; /* a library ended the process by assert(3), rather than fail */
	int32_t only;    /* the function, plus 1, of which alone calls are counted; 0: of all */
};

/* Of SP_FAULTS where that is set. A test program may have it point elsewhere. */
SP_EXPORT extern struct fault_plan *faults;

#endif
