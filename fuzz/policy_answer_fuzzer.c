/* SPDX-License-Identifier: BSD-2-Clause */
/* What sendpass-milter takes for the policy door's answers: an action is one of those that were
 * sent, whole. Input: all that the door sends. */
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz/fuzz.h"
#include "lib/base/clock.h"
#include "lib/client/policy_client.h"

#define SIZE_MAX_OF_ONE 32768 /* fits into a socket */
#define ASKED_MAX       16

static const struct sp_policy_question question = {
    .client_address = "192.0.2.1",
    .client_port = 40000,
    .queue_id = "4bXyz",
    .login = "alice",
    .header = "From",
    .mailbox = "alice@example.org",
};

/* Of the lines of one answer, one has the name and more than that: this value. */
static void hold_sent(const char *answer, size_t size, const char *name, const char *value)
{
	size_t length = strlen(name), count = 0;

	for (const char *line = answer, *end; line < answer + size; line = end + 1) {
		end = memchr(line, '\n', (size_t)(answer + size - line));
		FUZZ_PROMISE(end != NULL);
		if ((size_t)(end - line) <= length || memcmp(line, name, length) != 0)
			continue;
		FUZZ_PROMISE((size_t)(end - line) == length + strlen(value));
		FUZZ_PROMISE(memcmp(line + length, value, strlen(value)) == 0);
		count++;
	}
	FUZZ_PROMISE(value[0] == '\0' || count == 1);
}

/* Up to and with the empty line that ends the answer. */
static size_t answer_size(const char *sent, size_t size)
{
	const char *end = memmem(sent, size, "\n\n", 2);

	FUZZ_PROMISE(end != NULL && sent[0] != '\n');
	return (size_t)(end - sent) + 2;
}

/* How many bytes the answer had; 0 if none is taken. */
static size_t ask(struct sp_connection *connection, const char *sent, size_t size)
{
	struct sp_policy_verdict verdict;
	const char *why = "stale";

	if (!sp_policy_client_ask(connection, &question, &verdict, &why)) {
		FUZZ_PROMISE(why != NULL && strcmp(why, "stale") != 0);
		return 0;
	}
	FUZZ_PROMISE(why == NULL && verdict.action[0] != '\0');
	size = answer_size(sent, size);
	hold_sent(sent, size, "action=", verdict.action);
	hold_sent(sent, size, "sendpass_reason=", verdict.reason);
	hold_sent(sent, size, "sendpass_id=", verdict.id);
	return size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sp_connection connection;
	int ends[2];

	if (size > SIZE_MAX_OF_ONE)
		return 0;
	FUZZ_PROMISE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
	FUZZ_PROMISE(write(ends[1], data, size) == (ssize_t)size);
	FUZZ_PROMISE(shutdown(ends[1], SHUT_WR) == 0);
	connection = (struct sp_connection){.fd = ends[0], .deadline_ms = sp_now_ms() + 10000};
	size_t at = 0, taken = 1;
	/* nobody takes what is asked out of the socket */
	for (int asked = 0; asked < ASKED_MAX && taken > 0; asked++, at += taken)
		taken = ask(&connection, (const char *)data + at, size - at);
	sp_connection_close(&connection);
	FUZZ_PROMISE(connection.fd == -1);
	close(ends[1]);
	return 0;
}
