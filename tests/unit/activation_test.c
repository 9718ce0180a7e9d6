/* SPDX-License-Identifier: BSD-2-Clause */
#include <arpa/inet.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/process/activation.h"

#define FIRST_FD 3

static char directory[] = "/tmp/activation_test.XXXXXX";

static int set_up(void **state)
{
	(void)state;
	return mkdtemp(directory) == NULL;
}

static int tear_down(void **state)
{
	(void)state;
	return rmdir(directory);
}

/* A socket at descriptor `at`, bound to a path made of `name`. */
static void put_socket(int at, const char *name, bool listening)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/%s", directory, name);
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) != 0 ||
	    (listening && listen(fd, 1) != 0) || dup2(fd, at) != at)
		_exit(90);
	if (fd != at)
		close(fd);
	unlink(address.sun_path);
}

/* A listening TCP socket at descriptor `at`, on a port of that address; its place. */
static void put_port(int at, const char *host, char place_r[SP_SOCKET_PATH_SIZE])
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t length = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (inet_pton(AF_INET, host, &address.sin_addr) != 1 ||
	    bind(fd, (const struct sockaddr *)&address, length) != 0 || listen(fd, 1) != 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &length) != 0 || dup2(fd, at) != at)
		_exit(90);
	if (fd != at)
		close(fd);
	snprintf(place_r, SP_SOCKET_PATH_SIZE, "inet:%s:%u", host, ntohs(address.sin_port));
}

static void say(const char *pid, const char *count)
{
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", count, 1);
}

static void say_ours(const char *count)
{
	char pid[16];

	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	say(pid, count);
}

/* Descriptors from 3 on are the test's own: each case has a process of its own.
 * The exit status is the number of the line that failed, modulo 256. */
#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition))                                                                  \
			_exit(__LINE__ % 255 + 1);                                                 \
	} while (0)

static void run_alone(void (*test)(void))
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		for (int fd = FIRST_FD; fd < 64; fd++)
			close(fd);
		test();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void take_two(void)
{
	struct sp_activation activation;
	const char *why;
	char path[SP_SOCKET_PATH_SIZE];

	put_socket(FIRST_FD, "auth", true);
	put_socket(FIRST_FD + 1, "mux", true);
	say_ours("2");
	CHECK(sp_activation_take(&activation, &why) && why == NULL && activation.count == 2);
	CHECK((fcntl(FIRST_FD, F_GETFD) & FD_CLOEXEC) != 0);
	CHECK((fcntl(FIRST_FD, F_GETFL) & O_NONBLOCK) != 0);
	snprintf(path, sizeof(path), "%s/mux", directory);
	CHECK(sp_activation_claim(&activation, path) == FIRST_FD + 1);
	CHECK(sp_activation_claim(&activation, path) == -1);
	snprintf(path, sizeof(path), "%s/auth", directory);
	CHECK(strcmp(sp_activation_unclaimed(&activation), path) == 0);
	sp_activation_close(&activation);
	CHECK(fcntl(FIRST_FD, F_GETFD) == -1 && fcntl(FIRST_FD + 1, F_GETFD) != -1);
	CHECK(sp_activation_unclaimed(&activation) == NULL);
}

static void take_nothing(void)
{
	struct sp_activation activation;
	const char *why;

	put_socket(FIRST_FD, "auth", true);
	unsetenv("LISTEN_FDS");
	CHECK(sp_activation_take(&activation, &why) && activation.count == 0);
	say("1", "1"); /* meant for another process */
	CHECK(sp_activation_take(&activation, &why) && activation.count == 0);
	say_ours("no number");
	CHECK(sp_activation_take(&activation, &why) && activation.count == 0);
}

static void take_a_port(void)
{
	struct sp_activation activation;
	const char *why;
	char place[SP_SOCKET_PATH_SIZE];

	put_port(FIRST_FD, "127.0.0.1", place);
	say_ours("1");
	CHECK(sp_activation_take(&activation, &why) && activation.count == 1);
	CHECK((fcntl(FIRST_FD, F_GETFD) & FD_CLOEXEC) != 0);
	CHECK((fcntl(FIRST_FD, F_GETFL) & O_NONBLOCK) != 0);
	CHECK(sp_activation_claim(&activation, place + strlen("inet:")) == -1);
	CHECK(sp_activation_claim(&activation, place) == FIRST_FD);
}

static void refuse_a_port_that_others_reach(void)
{
	struct sp_activation activation;
	const char *why;
	char place[SP_SOCKET_PATH_SIZE];

	put_port(FIRST_FD, "0.0.0.0", place);
	say_ours("1");
	CHECK(!sp_activation_take(&activation, &why) && strstr(why, "loopback") != NULL);
}

static void refuse(void)
{
	struct sp_activation activation;
	const char *why;

	say_ours("1");
	CHECK(!sp_activation_take(&activation, &why) && why != NULL); /* nothing open at 3 */
	put_socket(FIRST_FD, "auth", false);
	CHECK(!sp_activation_take(&activation, &why) && why != NULL); /* does not listen */
	CHECK(open("/dev/null", O_RDONLY) == FIRST_FD + 1);
	say_ours("17");
	CHECK(!sp_activation_take(&activation, &why) && strstr(why, "too many") != NULL);
}

static void passed_sockets_are_known_by_their_paths(void **state)
{
	(void)state;
	run_alone(take_two);
}

static void a_passed_port_of_loopback_is_known_by_its_address(void **state)
{
	(void)state;
	run_alone(take_a_port);
}

static void a_passed_port_that_other_hosts_reach_is_refused(void **state)
{
	(void)state;
	run_alone(refuse_a_port_that_others_reach);
}

static void without_sockets_for_this_process_none_are_taken(void **state)
{
	(void)state;
	run_alone(take_nothing);
}

static void what_is_no_listening_socket_is_refused(void **state)
{
	(void)state;
	run_alone(refuse);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(passed_sockets_are_known_by_their_paths),
	    cmocka_unit_test(a_passed_port_of_loopback_is_known_by_its_address),
	    cmocka_unit_test(a_passed_port_that_other_hosts_reach_is_refused),
	    cmocka_unit_test(without_sockets_for_this_process_none_are_taken),
	    cmocka_unit_test(what_is_no_listening_socket_is_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
