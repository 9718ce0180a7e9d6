/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/fake_sendpassd.h"

#include <dirent.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/wire/sasl_message.h"

/* Of the server's process. */
static struct fake_sendpassd *self;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static unsigned running;

static bool say(int fd, const char *text)
{
	size_t length = strlen(text), step = self->plan.byte_by_byte ? 1 : length;

	for (size_t at = 0; at < length; at += step) {
		if (send(fd, text + at, step, MSG_NOSIGNAL) != (ssize_t)step)
			return false;
	}
	return true;
}

static void write_down(struct sp_auth_request *request, struct sp_secret *password_r)
{
	struct fake_log *record = self->log;
	char login[SP_LOGIN_MAX + 1];

	if (sp_sasl_plain_parse(&request->response, login, password_r) != SP_SASL_OK)
		snprintf(login, sizeof(login), "(no PLAIN message)");
	sp_secret_wipe(&request->response);
	pthread_mutex_lock(&lock);
	record->request = *request;
	memcpy(record->login, login, sizeof(login));
	record->requests++;
	pthread_cond_broadcast(&changed);
	while (record->requests < self->plan.together)
		pthread_cond_wait(&changed, &lock);
	pthread_mutex_unlock(&lock);
}

/* False ends the conversation. */
static bool answer(int fd, struct sp_auth_request *request)
{
	struct sp_secret password;
	struct sp_text text;
	char buffer[2048];

	write_down(request, &password);
	if (self->plan.reply == NULL)
		return false;
	if (strcmp(self->plan.reply, FAKE_BY_PASSWORD) != 0)
		return say(fd, self->plan.reply);
	sp_text_init(&text, buffer, sizeof(buffer));
	if (strcmp(password.bytes, "drop") == 0)
		return false;
	if (strcmp(password.bytes, "right") == 0)
		sp_auth_print_ok(&text, request->id, "somebody");
	else if (strcmp(password.bytes, "later") == 0)
		sp_auth_print_temporary(&text, request->id, NULL);
	else
		sp_auth_print_fail(&text, request->id, NULL);
	return say(fd, buffer);
}

static void converse(int fd, FILE *in)
{
	struct sp_auth_request request;
	char *line = NULL;
	size_t size = 0;
	ssize_t length;

	if (self->plan.greeting == NULL || !say(fd, self->plan.greeting))
		return;
	while (self->plan.endless && say(fd, self->plan.greeting))
		;
	while ((length = getline(&line, &size, in)) > 0) {
		self->log->bytes += (size_t)length;
		if (line[length - 1] != '\n')
			break;
		sp_auth_request_parse(line, (size_t)length - 1, &request);
		if (request.kind == SP_AUTH_REQUEST_AUTH && !answer(fd, &request))
			break;
	}
	free(line);
}

static void *run_conversation(void *argument)
{
	int fd = (int)(intptr_t)argument;

	FILE *in = fdopen(fd, "r");
	if (in == NULL)
		_exit(7);
	converse(fd, in);
	fclose(in);
	pthread_mutex_lock(&lock);
	running--;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
	return NULL;
}

static void accept_one(int listener)
{
	pthread_t thread;
	int fd = accept(listener, NULL, NULL);

	if (fd < 0)
		_exit(2);
	self->log->connections++;
	pthread_mutex_lock(&lock);
	running++;
	pthread_mutex_unlock(&lock);
	if (pthread_create(&thread, NULL, run_conversation, (void *)(intptr_t)fd) != 0 ||
	    pthread_detach(thread) != 0)
		_exit(3);
}

static void serve(int listener, int control)
{
	struct pollfd wanted[] = {
	    {.fd = control, .events = POLLIN}, {.fd = listener, .events = POLLIN}};
	bool held = self->plan.held;
	char byte;

	for (;;) {
		if (poll(wanted, held ? 1 : 2, -1) < 0)
			_exit(4);
		if (wanted[0].revents != 0) {
			if (read(control, &byte, 1) != 1)
				break;
			held = false;
		} else if (wanted[1].revents != 0) {
			accept_one(listener);
		}
	}
	while (poll(&wanted[1], 1, 0) > 0) /* who came before the end is heard */
		accept_one(listener);
	close(listener);
	pthread_mutex_lock(&lock);
	while (running > 0)
		pthread_cond_wait(&changed, &lock);
	pthread_mutex_unlock(&lock);
}

static void run_server(struct fake_sendpassd *server, int listener, int control)
{
	uid_t uid = server->plan.uid;

	self = server;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (uid != 0 && setuid(uid) < 0)
		_exit(5);
	/* SO_PEERCRED tells who called listen(2). */
	if (listen(listener, server->plan.held ? 0 : 64) < 0 || write(control, "", 1) != 1)
		_exit(6);
	serve(listener, control);
	raise(SIGKILL); /* before a leak checker takes ending threads for lost ones */
}

void fake_sendpassd_start(struct fake_sendpassd *server_r, const struct fake_plan *plan)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int control[2];
	char byte;

	*server_r =
	    (struct fake_sendpassd){.directory = "/tmp/fake-sendpassd.XXXXXX", .plan = *plan};
	assert_non_null(mkdtemp(server_r->directory));
	snprintf(server_r->path, sizeof(server_r->path), "%s/auth", server_r->directory);
	server_r->log = mmap(NULL, sizeof(struct fake_log), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(server_r->log != MAP_FAILED);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, control), 0);
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(listener >= 0);
	memcpy(address.sun_path, server_r->path, strlen(server_r->path) + 1);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	server_r->pid = fork();
	assert_true(server_r->pid >= 0);
	if (server_r->pid == 0) {
		close(control[0]);
		run_server(server_r, listener, control[1]);
	}
	close(listener);
	close(control[1]);
	server_r->control = control[0];
	assert_int_equal(read(control[0], &byte, 1), 1);
}

void fake_sendpassd_release(struct fake_sendpassd *server)
{
	assert_int_equal(write(server->control, "", 1), 1);
}

void fake_sendpassd_stop(struct fake_sendpassd *server)
{
	int status;

	if (server->pid <= 0)
		return;
	/* Other children may hold a copy of this end. */
	shutdown(server->control, SHUT_RDWR);
	close(server->control);
	assert_int_equal(waitpid(server->pid, &status, 0), server->pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	server->pid = 0;
	unlink(server->path);
	assert_int_equal(rmdir(server->directory), 0);
}

void fake_sendpassd_forget(struct fake_sendpassd *server)
{
	fake_sendpassd_stop(server);
	if (server->log != NULL)
		munmap(server->log, sizeof(*server->log));
	server->log = NULL;
}

unsigned count_open_files(void)
{
	DIR *files = opendir("/proc/self/fd");
	unsigned count = 0;

	assert_non_null(files);
	while (readdir(files) != NULL)
		count++;
	closedir(files);
	return count;
}
