/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/guest_faults.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/fake_sendpassd.h"
#include "tests/unit/guest.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct fake_sendpassd server;
static void *module;
static struct faults *plan; /* inside the loaded module */

static void start(void)
{
	static const struct fake_plan answering = {
	    .greeting = FAKE_GREETING, .reply = FAKE_BY_PASSWORD};

	fake_sendpassd_start(&server, &answering);
	guest.start(server.path);
	module = dlopen(guest.path, RTLD_NOW);
	assert_non_null(module);
	plan = dlsym(module, "faults");
	assert_non_null(plan);
	assert_int_equal(guest.attempt("right"), guest.granted); /* the first one opens more */
}

static void stop(void)
{
	assert_int_equal(dlclose(module), 0);
	guest.stop();
	fake_sendpassd_forget(&server);
}

/* The result, with the nth such call failing. *struck_r tells if there was an nth. */
static int attempt_with(const struct fault_case *fault, unsigned nth, bool *struck_r)
{
	unsigned open_before = count_open_files();

	memset(plan, 0, sizeof(*plan));
	plan->call = fault->call;
	plan->error = fault->error;
	plan->nth = nth;
	int result = guest.attempt("right");
	*struck_r = plan->seen[fault->call] >= nth;
	plan->call = FAULT_NONE;
	assert_int_equal(count_open_files(), open_before);
	return result;
}

static void try_every_call(const struct fault_case *fault, int wanted)
{
	bool struck = true;
	unsigned nth = 1;

	for (; struck; nth++) {
		int result = attempt_with(fault, nth, &struck);
		if (result != (struck ? wanted : guest.granted))
			fail_msg("call %d, the %u. time, error %d: %d", (int)fault->call, nth,
			    fault->error, result);
		assert_int_equal(guest.attempt("right"), guest.granted);
	}
	assert_true(nth > 2); /* or there was no such call */
}

void every_fault_fails_the_attempt(const struct fault_case *cases, size_t count)
{
	start();
	for (size_t i = 0; i < count; i++)
		try_every_call(
		    &cases[i], cases[i].result != 0 ? cases[i].result : guest.unavailable);
	stop();
}

void every_fault_is_overcome(const struct fault_case *cases, size_t count)
{
	start();
	for (size_t i = 0; i < count; i++)
		try_every_call(&cases[i], guest.granted);
	stop();
}

void no_fault_of_libc_lets_anybody_in(void **state)
{
	static const struct fault_case cases[] = {
	    {FAULT_SOCKET, EMFILE, 0},
	    {FAULT_SOCKET, ENOMEM, 0},
	    {FAULT_SETSOCKOPT, ENOPROTOOPT, 0},
	    {FAULT_CONNECT, ECONNREFUSED, 0},
	    {FAULT_CONNECT, EACCES, 0},
	    {FAULT_CONNECT, ENOENT, 0},
	    {FAULT_CONNECT, EAGAIN, 0},
	    {FAULT_GETSOCKOPT, ENOPROTOOPT, 0},
	    {FAULT_POLL, ENOMEM, 0},
	    {FAULT_SEND, EPIPE, 0},
	    {FAULT_SEND, ENOBUFS, 0},
	    {FAULT_RECV, ECONNRESET, 0},
	    {FAULT_RECV, FAULT_END, 0},
	};

	(void)state;
	every_fault_fails_the_attempt(cases, COUNT(cases));
}

/* fcntl(2) is called only where a low number has to be moved up. */
void no_fault_of_a_moved_fd_lets_anybody_in(void **state)
{
	static const struct fault_case fault = {FAULT_FCNTL, EMFILE, 0};

	(void)state;
	int kept = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 100);
	assert_true(kept >= 0);
	start();
	close(STDIN_FILENO);
	try_every_call(&fault, guest.unavailable);
	assert_int_equal(dup2(kept, STDIN_FILENO), STDIN_FILENO);
	close(kept);
	stop();
}

void interruptions_and_short_transfers_are_overcome(void **state)
{
	static const struct fault_case cases[] = {
	    {FAULT_CONNECT, EINTR, 0},
	    {FAULT_POLL, EINTR, 0},
	    {FAULT_POLL, FAULT_END, 0}, /* with time left */
	    {FAULT_SEND, EINTR, 0},
	    {FAULT_SEND, EAGAIN, 0},
	    {FAULT_SEND, FAULT_SHORT, 0},
	    {FAULT_RECV, EINTR, 0},
	    {FAULT_RECV, EAGAIN, 0},
	    {FAULT_RECV, FAULT_SHORT, 0},
	};

	(void)state;
	every_fault_is_overcome(cases, COUNT(cases));
}

void before_the_peer_is_known_nothing_is_sent(void **state)
{
	static const struct fault_case fault = {FAULT_GETSOCKOPT, ENOPROTOOPT, 0};
	bool struck;

	(void)state;
	start();
	unsigned requests = server.log->requests;
	assert_int_equal(attempt_with(&fault, 1, &struck), guest.unavailable);
	assert_true(struck);
	assert_int_equal(plan->seen[FAULT_SEND], 0);
	assert_int_equal(server.log->requests, requests);
	stop();
}

void no_send_can_raise_a_signal(void **state)
{
	(void)state;
	start();
	assert_int_equal(guest.attempt("right"), guest.granted);
	assert_true(plan->seen[FAULT_SEND] > 0);
	assert_false(plan->unsafe_send);
	stop();
}
