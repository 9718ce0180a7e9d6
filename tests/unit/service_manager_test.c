/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/base/clock.h"
#include "lib/process/service_manager.h"

/* A manager's socket, bound to a name of the system's choice in the abstract space. */
static int listen_as_manager(char place_r[sizeof(struct sockaddr_un)])
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	socklen_t length = sizeof(address);
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(sa_family_t)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
	snprintf(place_r, sizeof(struct sockaddr_un), "@%s", address.sun_path + 1);
	return fd;
}

static void set_environment(const char *place, const char *watchdog_us, const char *watchdog_pid)
{
	setenv("NOTIFY_SOCKET", place, 1);
	setenv("WATCHDOG_USEC", watchdog_us, 1);
	if (watchdog_pid == NULL)
		unsetenv("WATCHDOG_PID");
	else
		setenv("WATCHDOG_PID", watchdog_pid, 1);
}

static void assert_heard(int fd, const char *expected)
{
	char text[128];
	ssize_t length = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT);

	assert_true(length >= 0);
	text[length] = '\0';
	assert_string_equal(text, expected);
}

static void each_state_is_one_datagram(void **state)
{
	char place[sizeof(struct sockaddr_un)], text[128];
	struct sp_service_manager manager;
	int fd = listen_as_manager(place);
	int64_t before = sp_now_us();
	long long when;

	(void)state;
	set_environment(place, "3000000", NULL);
	sp_service_manager_find(&manager);
	assert_int_equal(manager.watchdog_us, 3000000);
	sp_service_manager_tell_ready(&manager);
	assert_heard(fd, "READY=1");
	sp_service_manager_tell_alive(&manager);
	assert_heard(fd, "WATCHDOG=1");
	sp_service_manager_tell_stopping(&manager);
	assert_heard(fd, "STOPPING=1");
	sp_service_manager_tell_reloading(&manager);
	ssize_t length = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT);
	assert_true(length > 0);
	text[length] = '\0';
	assert_int_equal(sscanf(text, "RELOADING=1\nMONOTONIC_USEC=%lld", &when), 1);
	assert_in_range(when, before, sp_now_us());
	sp_service_manager_close(&manager);
	assert_int_equal(manager.fd, -1);
	close(fd);
}

static void children_do_not_inherit_the_manager(void **state)
{
	char place[sizeof(struct sockaddr_un)];
	struct sp_service_manager manager;
	int fd = listen_as_manager(place);

	(void)state;
	set_environment(place, "1", "1");
	sp_service_manager_find(&manager);
	assert_null(getenv("NOTIFY_SOCKET"));
	assert_null(getenv("WATCHDOG_USEC"));
	assert_null(getenv("WATCHDOG_PID"));
	sp_service_manager_close(&manager);
	close(fd);
}

static void the_watchdog_is_ours_alone(void **state)
{
	char place[sizeof(struct sockaddr_un)], own[32];
	struct sp_service_manager manager;
	int fd = listen_as_manager(place);
	const struct {
		const char *us, *pid;
		int64_t expected;
	} cases[] = {
	    {"5", own, 5},
	    {"5", NULL, 5},
	    {"5", "1", 0},
	    {"5", "nobody", 0},
	    {"-5", own, 0},
	    {"soon", own, 0},
	};

	(void)state;
	snprintf(own, sizeof(own), "%ld", (long)getpid());
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		set_environment(place, cases[i].us, cases[i].pid);
		sp_service_manager_find(&manager);
		assert_int_equal(manager.watchdog_us, cases[i].expected);
		sp_service_manager_close(&manager);
	}
	close(fd);
}

static void without_a_manager_nothing_is_told(void **state)
{
	char too_long[200];
	struct sp_service_manager manager;

	(void)state;
	memset(too_long, 'x', sizeof(too_long) - 1);
	too_long[0] = '/';
	too_long[sizeof(too_long) - 1] = '\0';
	const char *places[] = {"", "/", "@", "relative", "/nonexistent/notify", too_long};
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		set_environment(places[i], "5", NULL);
		sp_service_manager_find(&manager);
		assert_int_equal(manager.fd, -1);
		assert_int_equal(manager.watchdog_us, 0);
		sp_service_manager_tell_ready(&manager);
		sp_service_manager_close(&manager);
	}
}

static void a_manager_that_reads_nothing_holds_nobody_up(void **state)
{
	char place[sizeof(struct sockaddr_un)];
	struct sp_service_manager manager;
	int fd = listen_as_manager(place);
	int sent = 0;

	(void)state;
	set_environment(place, "0", NULL);
	sp_service_manager_find(&manager);
	/* until the receiver's queue is full */
	while (send(manager.fd, "x", 1, MSG_DONTWAIT) == 1)
		sent++;
	assert_true(sent > 0);
	int64_t began = sp_now_ms();
	sp_service_manager_tell_alive(&manager);
	assert_in_range(sp_now_ms() - began, 0, 5000);
	sp_service_manager_close(&manager);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_state_is_one_datagram),
	    cmocka_unit_test(children_do_not_inherit_the_manager),
	    cmocka_unit_test(the_watchdog_is_ours_alone),
	    cmocka_unit_test(without_a_manager_nothing_is_told),
	    cmocka_unit_test(a_manager_that_reads_nothing_holds_nobody_up),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
