/* SPDX-License-Identifier: BSD-2-Clause */
#include "tool/run_program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/clock.h"

#define DEADLINE_MS 10000

enum { OUTPUT, ERRORS, STREAM_COUNT };

/* One run. Our ends of the two pipes, and what came by them. */
struct program {
	pid_t pid;
	int64_t deadline_ms;
	int ours[STREAM_COUNT], theirs[STREAM_COUNT]; /* -1: closed */
	char *text[STREAM_COUNT];
	size_t length[STREAM_COUNT];
};

bool sp_program_find(const char *name, char path_r[SP_PROGRAM_PATH_MAX])
{
	static const char *const directories[] = {
	    "/usr/local/sbin", "/usr/sbin", "/usr/local/bin", "/usr/bin"};

	for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++) {
		snprintf(path_r, SP_PROGRAM_PATH_MAX, "%s/%s", directories[i], name);
		if (access(path_r, X_OK) == 0)
			return true;
	}
	return false;
}

static void close_end(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static bool open_pipes(struct program *program)
{
	for (int i = 0; i < STREAM_COUNT; i++) {
		int ends[2];
		if (pipe2(ends, O_CLOEXEC) != 0)
			return false;
		program->ours[i] = ends[0];
		program->theirs[i] = ends[1];
		program->text[i] = calloc(1, SP_PROGRAM_OUTPUT_MAX + 1);
		if (program->text[i] == NULL)
			return false;
	}
	return true;
}

/* In a process group of its own, so that what it starts can be ended with it. */
static bool start(struct program *program, const char *const *arguments)
{
	static char *const environment[] = {
	    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGPIPE);
	if (posix_spawn_file_actions_init(&actions) != 0)
		return false;
	if (posix_spawnattr_init(&attributes) != 0) {
		posix_spawn_file_actions_destroy(&actions);
		return false;
	}
	bool ok =
	    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0) ==
		0 &&
	    posix_spawn_file_actions_adddup2(&actions, program->theirs[OUTPUT], STDOUT_FILENO) ==
		0 &&
	    posix_spawn_file_actions_adddup2(&actions, program->theirs[ERRORS], STDERR_FILENO) ==
		0 &&
	    posix_spawnattr_setsigdefault(&attributes, &signals) == 0 &&
	    posix_spawnattr_setpgroup(&attributes, 0) == 0 &&
	    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP) ==
		0 &&
	    posix_spawn(&program->pid, arguments[0], &actions, &attributes,
		(char *const *)arguments, environment) == 0;
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return ok;
}

/* Takes what is there. False if it is too much. */
static bool take(struct program *program, int stream)
{
	size_t left = SP_PROGRAM_OUTPUT_MAX - program->length[stream];

	if (left == 0)
		return false;
	ssize_t got =
	    read(program->ours[stream], program->text[stream] + program->length[stream], left);
	if (got > 0)
		program->length[stream] += (size_t)got;
	else if (got == 0 || errno != EINTR)
		close_end(&program->ours[stream]);
	return true;
}

/* Until both streams have ended. NULL, or static text. */
static const char *read_all(struct program *program)
{
	while (program->ours[OUTPUT] >= 0 || program->ours[ERRORS] >= 0) {
		struct pollfd ready[STREAM_COUNT] = {
		    {.fd = program->ours[OUTPUT], .events = POLLIN},
		    {.fd = program->ours[ERRORS], .events = POLLIN},
		};
		int count = poll(ready, STREAM_COUNT, sp_remaining_ms(program->deadline_ms));
		if (count == 0)
			return "it does not end";
		if (count < 0 && errno != EINTR)
			return "poll failed";
		for (int i = 0; i < STREAM_COUNT && count > 0; i++) {
			if (ready[i].revents != 0 && !take(program, i))
				return "it says too much";
		}
	}
	return NULL;
}

/* Streams end before the process does, so this does not wait for long; what has
 * closed them and goes on is ended. */
static const char *reap(struct program *program, bool now, int *status_r)
{
	siginfo_t information = {0};
	int status;

	while (!now &&
	       waitid(P_PID, (id_t)program->pid, &information, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	       information.si_pid == 0) {
		now = sp_remaining_ms(program->deadline_ms) == 0;
		poll(NULL, 0, 1);
	}
	if (now)
		kill(-program->pid, SIGKILL);
	while (waitpid(program->pid, &status, 0) < 0) {
		if (errno != EINTR)
			return "its end was missed";
	}
	*status_r = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	return now ? "it does not end" : NULL;
}

bool sp_program_run(
    const char *const *arguments, struct sp_program_result *result_r, const char **why_r)
{
	struct program program = {
	    .ours = {-1, -1},
	    .theirs = {-1, -1},
	    .deadline_ms = sp_now_ms() + DEADLINE_MS,
	};

	*result_r = (struct sp_program_result){0};
	*why_r = "it cannot be started";
	bool started = open_pipes(&program) && start(&program, arguments);
	for (int i = 0; i < STREAM_COUNT; i++)
		close_end(&program.theirs[i]);
	if (started) {
		*why_r = read_all(&program);
		const char *end = reap(&program, *why_r != NULL, &result_r->status);
		if (*why_r == NULL)
			*why_r = end;
		/* as posix_spawn(3) may tell of an exec() that failed */
		if (*why_r == NULL && result_r->status == 127)
			*why_r = "it cannot be started";
	}
	for (int i = 0; i < STREAM_COUNT; i++)
		close_end(&program.ours[i]);
	result_r->output = program.text[OUTPUT];
	result_r->errors = program.text[ERRORS];
	return *why_r == NULL;
}

void sp_program_result_free(struct sp_program_result *result)
{
	free(result->output);
	free(result->errors);
	*result = (struct sp_program_result){0};
}
