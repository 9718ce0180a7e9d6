/* SPDX-License-Identifier: BSD-2-Clause */
/* What a mail server's own client takes for sendpassd's answer: a yes only behind a greeting of
 * ours, and only if it says OK to our request. Input: all that the server ever sends. */
#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "fuzz/fuzz.h"
#include "lib/client/client.h"
#include "lib/wire/auth_line.h"

static char directory[] = "/tmp/sendpass-fuzz-XXXXXX";
static struct sockaddr_un address = {.sun_family = AF_UNIX};
static int listener = -1;
static const uint8_t *reply;
static size_t reply_size;

static void remove_socket(void)
{
	unlink(address.sun_path);
	rmdir(directory);
}

static void open_listener(void)
{
	FUZZ_PROMISE(mkdtemp(directory) != NULL);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/auth", directory);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	FUZZ_PROMISE(bind(listener, (struct sockaddr *)&address, sizeof(address)) == 0);
	FUZZ_PROMISE(listen(listener, 1) == 0 && atexit(remove_socket) == 0);
}

/* Serves one connection: the reply, whatever is asked, and the end. */
static void *serve(void *context)
{
	char asked[4096];
	int fd = accept(listener, NULL, NULL);

	FUZZ_PROMISE(fd >= 0);
	for (size_t at = 0; at < reply_size;) {
		ssize_t sent = send(fd, reply + at, reply_size - at, MSG_NOSIGNAL);
		if (sent <= 0)
			break;
		at += (size_t)sent;
	}
	shutdown(fd, SHUT_WR);
	while (recv(fd, asked, sizeof(asked), 0) > 0)
		;
	close(fd);
	return context;
}

/* The kind of the first line behind DONE that says anything; its id must be the client's. */
static enum sp_auth_reply_kind first_answer(const char *text, size_t size)
{
	struct sp_auth_reply line;
	bool is_greeted = false;
	const char *end;

	while ((end = memchr(text, '\n', size)) != NULL) {
		sp_auth_reply_parse(text, (size_t)(end - text), &line);
		if (is_greeted && line.kind != SP_AUTH_REPLY_OTHER)
			return line.id == 1 ? line.kind : SP_AUTH_REPLY_BAD;
		is_greeted = is_greeted || line.kind == SP_AUTH_REPLY_DONE;
		size -= (size_t)(end + 1 - text);
		text = end + 1;
	}
	return SP_AUTH_REPLY_BAD;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sp_secret password;
	struct sp_client client = {address.sun_path, 0, 10000};
	struct sp_client_request request = {
	    .login = "alice", .password = &password, .mechanism = "PLAIN", .service = "smtp"};
	const char *why;
	pthread_t server;

	if (listener < 0)
		open_listener();
	client.daemon_uid = getuid();
	FUZZ_PROMISE(sp_secret_set(&password, "secret", 6));
	reply = data;
	reply_size = size;
	FUZZ_PROMISE(pthread_create(&server, NULL, serve, NULL) == 0);
	enum sp_result result = sp_client_verify(&client, &request, &why);
	FUZZ_PROMISE(pthread_join(server, NULL) == 0);
	enum sp_auth_reply_kind answer = first_answer((const char *)data, size);
	FUZZ_PROMISE((result == SP_UNAVAILABLE) == (why != NULL));
	if (result == SP_GRANTED)
		FUZZ_PROMISE(answer == SP_AUTH_REPLY_OK);
	if (result == SP_DENIED)
		FUZZ_PROMISE(answer == SP_AUTH_REPLY_FAIL);
	if (result != SP_UNAVAILABLE) {
		FUZZ_PROMISE(memmem(data, size, "VERSION\t1", 9) != NULL);
		FUZZ_PROMISE(memmem(data, size, "MECH\tPLAIN", 10) != NULL);
	}
	return 0;
}
