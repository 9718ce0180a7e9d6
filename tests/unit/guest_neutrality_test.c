/* SPDX-License-Identifier: BSD-2-Clause */
/* A guest leaves its host's process as it is, and bears what the host does with it. */
#include <dirent.h>
#include <fcntl.h>
#include <locale.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/base/clock.h"
#include "tests/unit/fake_sendpassd.h"
#include "tests/unit/guest.h"
#include "tests/unit/process_state.h"

#define COUNT(array)   (sizeof(array) / sizeof((array)[0]))
#define LONG_ENOUGH_MS 20000 /* never waited for */

static const struct fake_plan answering = {.greeting = FAKE_GREETING, .reply = FAKE_BY_PASSWORD};
static struct fake_sendpassd server;

/* Every outcome that sendpassd can have. */
static void attempt_them_all(void)
{
	assert_int_equal(guest.attempt("right"), guest.granted);
	assert_int_equal(guest.attempt("wrong"), guest.denied);
	assert_int_equal(guest.attempt(""), guest.denied);
	assert_int_equal(guest.attempt("later"), guest.unavailable);
	assert_int_equal(guest.attempt("drop"), guest.unavailable);
}

static volatile sig_atomic_t alarms;

static void count_alarm(int signal_number)
{
	(void)signal_number;
	alarms++;
}

static struct sigaction usual[NSIG];
static char usual_directory[4096];

/* What a guest that sets something back to its default would change. */
static void be_an_unusual_host(void)
{
	struct sigaction action = {.sa_handler = count_alarm, .sa_flags = SA_RESTART};

	sigemptyset(&action.sa_mask);
	sigaddset(&action.sa_mask, SIGUSR2);
	sigaddset(&action.sa_mask, SIGCHLD);
	assert_int_equal(sigprocmask(SIG_BLOCK, &action.sa_mask, NULL), 0);
	for (int number = 1; number < NSIG; number++) /* some are not to be had */
		(void)sigaction(number, &action, &usual[number]);
	assert_non_null(getcwd(usual_directory, sizeof(usual_directory)));
	assert_int_equal(chdir("/usr"), 0);
	umask(0123);
	assert_int_equal(setenv("SENDPASS_SOCKET", "/nowhere", 1), 0);
	assert_non_null(setlocale(LC_ALL, "C.UTF-8"));
}

static void be_usual_again(void)
{
	sigset_t none;

	sigemptyset(&none);
	for (int number = 1; number < NSIG; number++)
		(void)sigaction(number, &usual[number], NULL);
	assert_int_equal(sigprocmask(SIG_SETMASK, &none, NULL), 0);
	assert_int_equal(chdir(usual_directory), 0);
	umask(022);
	unsetenv("SENDPASS_SOCKET");
	assert_non_null(setlocale(LC_ALL, "C"));
}

static void the_process_is_left_as_it_was(void **state)
{
	(void)state;
	fake_sendpassd_start(&server, &answering);
	guest.start(server.path);
	attempt_them_all(); /* libc and the host's library have made what they keep */
	char *plain = process_state();
	attempt_them_all();
	assert_process_state_is(plain);

	be_an_unusual_host();
	char *unusual = process_state();
	attempt_them_all();
	assert_process_state_is(unusual);
	fake_sendpassd_stop(&server);
	unusual = process_state();
	assert_int_equal(guest.attempt("right"), guest.unavailable);
	assert_process_state_is(unusual);
	be_usual_again();
	guest.stop();
	fake_sendpassd_forget(&server);
}

static void nothing_is_left_when_it_is_unloaded(void **state)
{
	(void)state;
	fake_sendpassd_start(&server, &answering);
	char *before = process_state();
	guest.start(server.path);
	attempt_them_all();
	guest.stop();
	assert_process_state_is(before);
	fake_sendpassd_forget(&server);
}

static void wait_for_requests(unsigned count)
{
	int64_t deadline_ms = sp_now_ms() + LONG_ENOUGH_MS;

	while (server.log->requests < count) {
		assert_true(sp_now_ms() < deadline_ms);
		sched_yield();
	}
}

/* The open files of a child that waits for an answer: none of 0 to 2, but some. */
static void assert_standard_fds_are_free(pid_t pid)
{
	char path[64];
	unsigned others = 0;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	DIR *files = opendir(path);
	assert_non_null(files);
	for (struct dirent *entry; (entry = readdir(files)) != NULL;) {
		for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
			char name[8];
			snprintf(name, sizeof(name), "%d", fd);
			assert_string_not_equal(entry->d_name, name);
		}
		others += entry->d_name[0] != '.';
	}
	closedir(files);
	assert_true(others > 0);
}

/* What the host prints must not reach the server, nor the password a terminal. */
static void closed_standard_fds_are_not_taken(void **state)
{
	struct fake_plan plan = answering;
	int status;

	(void)state;
	plan.together = 2;
	fake_sendpassd_start(&server, &plan);
	guest.start(server.path);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(STDIN_FILENO);
		close(STDOUT_FILENO);
		close(STDERR_FILENO);
		if (guest.attempt("right") != guest.granted)
			_exit(1);
		for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
			if (fcntl(fd, F_GETFD) >= 0)
				_exit(2);
		}
		_exit(0);
	}
	wait_for_requests(1);
	assert_standard_fds_are_free(pid);
	assert_int_equal(guest.attempt("right"), guest.granted); /* which lets the child go on */
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	guest.stop();
	fake_sendpassd_forget(&server);
}

static void a_peer_that_hangs_up_kills_nobody(void **state)
{
	static const struct fake_plan plans[] = {
	    {.greeting = NULL},
	    {.greeting = FAKE_GREETING, .reply = NULL},
	};
	struct sigaction action;

	(void)state;
	assert_int_equal(sigaction(SIGPIPE, NULL, &action), 0);
	assert_ptr_equal(action.sa_handler, SIG_DFL);
	for (size_t i = 0; i < COUNT(plans); i++) {
		fake_sendpassd_start(&server, &plans[i]);
		guest.start(server.path);
		for (int round = 0; round < 200; round++)
			assert_int_equal(guest.attempt("right"), guest.unavailable);
		guest.stop();
		fake_sendpassd_forget(&server);
	}
}

static void a_storm_of_signals_changes_no_answer(void **state)
{
	const struct itimerval often = {{0, 1000}, {0, 1000}}, never = {{0, 0}, {0, 0}};
	struct sigaction counting = {.sa_handler = count_alarm};
	struct fake_plan plan = answering;

	(void)state;
	plan.byte_by_byte = true;
	fake_sendpassd_start(&server, &plan);
	guest.start(server.path);
	unsigned open_before = count_open_files();
	assert_int_equal(sigaction(SIGALRM, &counting, NULL), 0);
	alarms = 0;
	assert_int_equal(setitimer(ITIMER_REAL, &often, NULL), 0);
	for (int round = 0; round < 200; round++)
		attempt_them_all();
	assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
	/* The handler stays: under valgrind a signal may come late. */
	print_message("1000 attempts, %d signals\n", (int)alarms);
	assert_true(alarms > 0);
	assert_int_equal(count_open_files(), open_before);
	guest.stop();
	fake_sendpassd_forget(&server);
}

#define CHILDREN 50

/* The server answers nobody before all have asked. */
static void children_of_one_start_ask_side_by_side(void **state)
{
	struct fake_plan plan = answering;
	pid_t pids[CHILDREN];
	int status;

	(void)state;
	plan.together = CHILDREN;
	fake_sendpassd_start(&server, &plan);
	guest.start(server.path);
	for (int i = 0; i < CHILDREN; i++) {
		bool is_right = i % 2 == 0;
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if (pids[i] == 0)
			_exit(guest.attempt(is_right ? "right" : "wrong") ==
				      (is_right ? guest.granted : guest.denied)
				  ? 0
				  : 1);
	}
	for (int i = 0; i < CHILDREN; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(guest.attempt("right"), guest.granted);
	guest.stop();
	fake_sendpassd_stop(&server);
	assert_int_equal(server.log->requests, CHILDREN + 1);
	fake_sendpassd_forget(&server);
}

static void a_strangers_socket_gets_no_byte(void **state)
{
	struct fake_plan plan = answering;

	(void)state;
	if (getuid() != 0) {
		print_message("needs root, to listen as somebody else\n");
		skip();
	}
	plan.uid = 65534;
	fake_sendpassd_start(&server, &plan);
	guest.start(server.path);
	assert_int_equal(guest.attempt("right"), guest.unavailable);
	guest.stop();
	fake_sendpassd_stop(&server);
	assert_int_equal(server.log->connections, 1);
	assert_int_equal(server.log->bytes, 0);
	fake_sendpassd_forget(&server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    /* First, when it is the first time for everything. */
	    cmocka_unit_test(nothing_is_left_when_it_is_unloaded),
	    cmocka_unit_test(the_process_is_left_as_it_was),
	    cmocka_unit_test(closed_standard_fds_are_not_taken),
	    cmocka_unit_test(a_peer_that_hangs_up_kills_nobody),
	    cmocka_unit_test(a_storm_of_signals_changes_no_answer),
	    cmocka_unit_test(children_of_one_start_ask_side_by_side),
	    cmocka_unit_test(a_strangers_socket_gets_no_byte),
	};

	return cmocka_run_group_tests_name(guest.name, tests, NULL, NULL);
}
