/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/alert_runner.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/process/privileges.h"

#define PROCESS_NAME "sendpassd-alert" /* as ps(1) has it; 15 bytes at most */
#define STRINGS_MAX  256

struct request {
	uint32_t timeout_ms; /* 0: command is a user to become */
	uint32_t length;     /* of the strings */
	char command[SP_ALERT_COMMAND_MAX];
	char strings[SP_ALERT_ENVIRONMENT_MAX];
};

/* ---- in the runner ---- */

/* Signals that stop sendpassd are not for us: we end when it has. */
static const int ignored[] = {SIGTERM, SIGINT, SIGHUP, SIGPIPE};
#define IGNORED_COUNT (sizeof(ignored) / sizeof(ignored[0]))

static int set_attributes(posix_spawnattr_t *attributes)
{
	sigset_t none, standard;
	int error;

	sigemptyset(&none);
	sigemptyset(&standard);
	for (size_t i = 0; i < IGNORED_COUNT; i++)
		sigaddset(&standard, ignored[i]);
	error = posix_spawnattr_setsigmask(attributes, &none);
	if (error == 0)
		error = posix_spawnattr_setsigdefault(attributes, &standard);
	if (error == 0)
		error = posix_spawnattr_setpgroup(attributes, 0);
	if (error == 0)
		error = posix_spawnattr_setflags(attributes,
		    POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
	return error;
}

static int set_files(posix_spawn_file_actions_t *actions)
{
	int error = posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDWR, 0);

	if (error == 0)
		error = posix_spawn_file_actions_adddup2(actions, 0, 1);
	if (error == 0)
		error = posix_spawn_file_actions_adddup2(actions, 0, 2);
	if (error == 0)
		error = posix_spawn_file_actions_addclosefrom_np(actions, 3);
	return error;
}

/* An errno, or 0. */
static int spawn(struct request *request, pid_t *pid_r)
{
	char *arguments[] = {request->command, NULL}, *environment[STRINGS_MAX + 1];
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	size_t count = 0;

	for (char *at = request->strings;
	     at < request->strings + request->length && count < STRINGS_MAX; at += strlen(at) + 1)
		environment[count++] = at;
	environment[count] = NULL;
	if (posix_spawn_file_actions_init(&actions) != 0)
		return ENOMEM;
	if (posix_spawnattr_init(&attributes) != 0) {
		posix_spawn_file_actions_destroy(&actions);
		return ENOMEM;
	}
	int error = set_files(&actions);
	if (error == 0)
		error = set_attributes(&attributes);
	if (error == 0)
		error = posix_spawn(
		    pid_r, request->command, &actions, &attributes, arguments, environment);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return error;
}

/* True if it ends in time. It stays a zombie, so that its group is no other's. */
static bool wait_for(pid_t pid, int64_t deadline_ms)
{
	siginfo_t information;
	sigset_t child;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	for (;;) {
		information.si_pid = 0;
		if (waitid(P_PID, (id_t)pid, &information, WEXITED | WNOHANG | WNOWAIT) == 0 &&
		    information.si_pid == pid)
			return true;
		int left_ms = sp_remaining_ms(deadline_ms);
		if (left_ms == 0)
			return false;
		struct timespec left = {left_ms / 1000, (long)(left_ms % 1000) * 1000000};
		sigtimedwait(&child, NULL, &left);
	}
}

static struct sp_alert_outcome run(struct request *request)
{
	pid_t pid;
	int status = 0;
	int error = spawn(request, &pid);

	if (error != 0)
		return (struct sp_alert_outcome){SP_ALERT_NOT_STARTED, error};
	bool in_time = wait_for(pid, sp_now_ms() + request->timeout_ms);
	if (!in_time)
		kill(-pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!in_time)
		return (struct sp_alert_outcome){SP_ALERT_LATE, 0};
	if (WIFSIGNALED(status))
		return (struct sp_alert_outcome){SP_ALERT_KILLED, WTERMSIG(status)};
	return (struct sp_alert_outcome){SP_ALERT_EXITED, WEXITSTATUS(status)};
}

static struct sp_alert_outcome become(const char *user)
{
	const char *why;

	return (struct sp_alert_outcome){
	    sp_privileges_drop(user, &why) ? SP_ALERT_EXITED : SP_ALERT_NOT_STARTED, 0};
}

static _Noreturn void serve(int peer)
{
	static struct request request;

	while (recv(peer, &request, sizeof(request), 0) == (ssize_t)sizeof(request)) {
		struct sp_alert_outcome outcome =
		    request.timeout_ms == 0 ? become(request.command) : run(&request);
		if (send(peer, &outcome, sizeof(outcome), MSG_NOSIGNAL) < 0)
			break;
	}
	_exit(0);
}

static _Noreturn void live(int peer)
{
	sigset_t child;

	prctl(PR_SET_NAME, PROCESS_NAME, 0, 0, 0);
	for (size_t i = 0; i < IGNORED_COUNT; i++)
		signal(ignored[i], SIG_IGN);
	/* whoever started sendpassd may ignore it, and then no end of a child could be waited for
	 */
	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_SETMASK, &child, NULL);
	/* What a service manager passed is sendpassd's. */
	if (dup2(peer, 3) != 3 || close_range(4, ~0U, 0) != 0 || chdir("/") != 0)
		_exit(1);
	serve(3);
}

/* ---- in sendpassd ---- */

int sp_alert_runner_start(void)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return -1;
	pid_t pid = fork();
	if (pid == 0)
		live(ends[1]);
	close(ends[1]);
	if (pid > 0 && fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0)
		return ends[0];
	close(ends[0]);
	return -1;
}

static bool ask(
    int runner, const char *command, uint32_t timeout_ms, const char *strings, size_t length)
{
	struct request request = {.timeout_ms = timeout_ms, .length = (uint32_t)length};
	size_t size = strlen(command) + 1;

	if (size > sizeof(request.command) || length > sizeof(request.strings))
		return false;
	memcpy(request.command, command, size);
	memcpy(request.strings, strings, length);
	return send(runner, &request, sizeof(request), MSG_NOSIGNAL) == (ssize_t)sizeof(request);
}

bool sp_alert_runner_become(int runner, const char *user)
{
	struct pollfd answer = {.fd = runner, .events = POLLIN};
	struct sp_alert_outcome outcome;

	return ask(runner, user, 0, "", 0) && poll(&answer, 1, -1) == 1 &&
	       sp_alert_runner_heard(runner, &outcome) && outcome.end == SP_ALERT_EXITED;
}

bool sp_alert_runner_run(
    int runner, const char *command, uint32_t timeout_ms, const char *strings, size_t length)
{
	return ask(runner, command, timeout_ms, strings, length);
}

bool sp_alert_runner_heard(int runner, struct sp_alert_outcome *outcome_r)
{
	ssize_t got = recv(runner, outcome_r, sizeof(*outcome_r), 0);

	if (got == 0)
		errno = EPIPE;
	return got == (ssize_t)sizeof(*outcome_r);
}
