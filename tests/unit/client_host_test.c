/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/base/clock.h"
#include "lib/client/client.h"
#include "lib/client/connection.h"
#include "tests/unit/fake_sendpassd.h"

#define COUNT(array)   (sizeof(array) / sizeof((array)[0]))
#define LONG_ENOUGH_MS 20000 /* never waited for */
#define SHORT_MS       60

static enum sp_result verify_at(
    const char *path, const char *password, int timeout_ms, const char **why_r)
{
	struct sp_client client = {
	    .socket_path = path, .daemon_uid = getuid(), .timeout_ms = timeout_ms};
	struct sp_secret secret;
	struct sp_client_request request = {.login = "bob", .password = &secret};

	assert_true(sp_secret_set(&secret, password, strlen(password)));
	return sp_client_verify(&client, &request, why_r);
}

/* Takes all places in the queue of a server that does not accept yet. */
static size_t fill_queue(const char *path, int *fds, size_t most)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t count = 0;

	memcpy(address.sun_path, path, strlen(path) + 1);
	while (count < most) {
		int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		assert_true(fd >= 0);
		if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
			assert_int_equal(errno, EAGAIN);
			close(fd);
			return count;
		}
		fds[count++] = fd;
	}
	fail_msg("the queue is longer than expected");
	return 0;
}

static void *release_server(void *server)
{
	fake_sendpassd_release(server);
	return NULL;
}

static void a_full_queue_is_waited_for_until_the_deadline(void **state)
{
	const struct fake_plan plan = {
	    .greeting = FAKE_GREETING, .reply = FAKE_BY_PASSWORD, .held = true};
	struct fake_sendpassd server;
	pthread_t thread;
	const char *why;
	int fds[16];

	(void)state;
	fake_sendpassd_start(&server, &plan);
	size_t count = fill_queue(server.path, fds, COUNT(fds));
	int64_t start = sp_now_ms();
	assert_int_equal(verify_at(server.path, "right", SHORT_MS, &why), SP_UNAVAILABLE);
	assert_true(sp_now_ms() - start >= SHORT_MS);
	assert_non_null(strstr(why, "accepts no connection"));

	assert_int_equal(pthread_create(&thread, NULL, release_server, &server), 0);
	assert_int_equal(verify_at(server.path, "right", LONG_ENOUGH_MS, &why), SP_GRANTED);
	assert_int_equal(pthread_join(thread, NULL), 0);
	while (count > 0)
		close(fds[--count]);
	fake_sendpassd_forget(&server);
}

static volatile sig_atomic_t alarms;

static void count_alarm(int signal_number)
{
	(void)signal_number;
	alarms++;
}

static void interrupt_us(bool often)
{
	const struct itimerval timer = {.it_interval = {.tv_usec = often ? 1000 : 0},
	    .it_value = {.tv_usec = often ? 1000 : 0}};

	assert_int_equal(setitimer(ITIMER_REAL, &timer, NULL), 0);
}

/* Waits in vain, interrupted all the time. */
static void assert_deadline_is_kept(const struct fake_plan *plan, const char *wanted_why)
{
	struct fake_sendpassd server;
	const char *why;
	size_t count = 0;
	int fds[16];

	fake_sendpassd_start(&server, plan);
	if (plan->held)
		count = fill_queue(server.path, fds, COUNT(fds));
	interrupt_us(true);
	int64_t start = sp_now_ms();
	enum sp_result result = verify_at(server.path, "right", SHORT_MS, &why);
	int64_t took = sp_now_ms() - start;
	interrupt_us(false);
	assert_int_equal(result, SP_UNAVAILABLE);
	assert_true(took >= SHORT_MS && took < LONG_ENOUGH_MS);
	assert_non_null(strstr(why, wanted_why));
	while (count > 0)
		close(fds[--count]);
	fake_sendpassd_forget(&server);
}

static void a_hosts_signals_neither_fail_nor_prolong_a_request(void **state)
{
	const struct fake_plan answering = {
	    .greeting = FAKE_GREETING, .reply = FAKE_BY_PASSWORD, .byte_by_byte = true};
	const struct fake_plan silent = {.greeting = ""}, held = {.held = true};
	struct sigaction counting = {.sa_handler = count_alarm}, before, after;
	struct fake_sendpassd server;
	const char *why;

	(void)state;
	assert_int_equal(sigaction(SIGALRM, &counting, &before), 0);
	alarms = 0;
	fake_sendpassd_start(&server, &answering);
	interrupt_us(true);
	for (int i = 0; i < 200; i++)
		assert_int_equal(verify_at(server.path, "right", LONG_ENOUGH_MS, &why), SP_GRANTED);
	interrupt_us(false);
	fake_sendpassd_forget(&server);
	assert_deadline_is_kept(&silent, "in time");
	assert_deadline_is_kept(&held, "accepts no connection");
	assert_true(alarms > 0);

	assert_int_equal(sigaction(SIGALRM, &before, &after), 0);
	assert_ptr_equal(after.sa_handler, count_alarm);
	assert_int_equal(sigaction(SIGPIPE, NULL, &after), 0);
	assert_ptr_equal(after.sa_handler, SIG_DFL);
}

/* Returns 0 if a connection made with fds 0 to 2 closed stays clear of them. */
static int connect_without_standard_fds(const char *path)
{
	struct sp_connection connection;
	const char *why;

	for (int fd = 0; fd <= 2; fd++)
		close(fd);
	if (!sp_connection_open(&connection, path, getuid(), sp_now_ms() + LONG_ENOUGH_MS, &why))
		return 1;
	if (connection.fd <= 2 || fcntl(connection.fd, F_GETFD) != FD_CLOEXEC)
		return 2;
	for (int fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			return 3;
	}
	sp_connection_close(&connection);
	return verify_at(path, "right", LONG_ENOUGH_MS, &why) == SP_GRANTED ? 0 : 4;
}

/* What a host prints must not reach the server, nor a password the terminal. */
static void a_password_never_takes_a_standard_fd(void **state)
{
	const struct fake_plan plan = {.greeting = FAKE_GREETING, .reply = FAKE_BY_PASSWORD};
	struct fake_sendpassd server;
	int status;

	(void)state;
	fake_sendpassd_start(&server, &plan);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(connect_without_standard_fds(server.path));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	fake_sendpassd_forget(&server);
}

static void children_of_a_host_do_not_disturb_each_other(void **state)
{
	const struct fake_plan plan = {
	    .greeting = FAKE_GREETING, .reply = FAKE_BY_PASSWORD, .together = 8};
	struct fake_sendpassd server;
	pid_t pids[8];
	const char *why;
	int status;

	(void)state;
	fake_sendpassd_start(&server, &plan);
	for (size_t i = 0; i < COUNT(pids); i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if (pids[i] == 0) {
			const char *password = i % 2 == 0 ? "right" : "wrong";
			enum sp_result wanted = i % 2 == 0 ? SP_GRANTED : SP_DENIED;
			_exit(verify_at(server.path, password, LONG_ENOUGH_MS, &why) != wanted);
		}
	}
	for (size_t i = 0; i < COUNT(pids); i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	fake_sendpassd_forget(&server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_full_queue_is_waited_for_until_the_deadline),
	    cmocka_unit_test(a_hosts_signals_neither_fail_nor_prolong_a_request),
	    cmocka_unit_test(a_password_never_takes_a_standard_fd),
	    cmocka_unit_test(children_of_a_host_do_not_disturb_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
