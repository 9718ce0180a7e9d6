/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/fake_saslauthd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

static bool read_field(int fd, char *text_r, size_t size)
{
	unsigned char length[2];

	if (recv(fd, length, 2, MSG_WAITALL) != 2)
		return false;
	size_t count = (size_t)length[0] << 8 | length[1];
	if (count >= size || (count > 0 && recv(fd, text_r, count, MSG_WAITALL) != (ssize_t)count))
		return false;
	text_r[count] = '\0';
	return true;
}

static void *run(void *argument)
{
	struct fake_saslauthd *server = argument;
	char fields[4][256] = {{0}};
	int fd;

	while ((fd = accept(server->listener, NULL, NULL)) >= 0) {
		for (size_t i = 0; i < 4 && read_field(fd, fields[i], 256); i++)
			;
		server->asked++;
		const char *reply = strcmp(fields[1], "mailbox") == 0 ? "\0\2OK" : "\0\2NO";
		(void)!send(fd, reply, 4, MSG_NOSIGNAL);
		close(fd);
	}
	return NULL;
}

void fake_saslauthd_start(struct fake_saslauthd *server)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	memcpy(server->directory, "/tmp/fake-saslauthd.XXXXXX", 27);
	assert_non_null(mkdtemp(server->directory));
	snprintf(server->path, sizeof(server->path), "%s/mux", server->directory);
	memcpy(address.sun_path, server->path, strlen(server->path) + 1);
	server->asked = 0;
	server->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(server->listener >= 0);
	assert_int_equal(bind(server->listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(server->listener, 8), 0);
	assert_int_equal(pthread_create(&server->thread, NULL, run, server), 0);
}

void fake_saslauthd_stop(struct fake_saslauthd *server)
{
	shutdown(server->listener, SHUT_RDWR);
	assert_int_equal(pthread_join(server->thread, NULL), 0);
	close(server->listener);
	unlink(server->path);
	assert_int_equal(rmdir(server->directory), 0);
}
