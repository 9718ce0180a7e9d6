/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/process/service_manager.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/number.h"

/* A manager that reads nothing holds the event loop up for no longer. */
static const struct timeval send_timeout = {.tv_usec = 250000};

static uint64_t number_from(const char *variable)
{
	const char *text = getenv(variable);
	uint64_t number = 0;

	if (text == NULL || !sp_parse_number(text, 0, INT64_MAX, &number))
		return 0;
	return number;
}

/* An absolute path, or with '@' first a name in Linux's abstract space. */
static int connect_to(const char *place)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t length = strlen(place);

	if ((place[0] != '/' && place[0] != '@') || length < 2 ||
	    length >= sizeof(address.sun_path))
		return -1;
	memcpy(address.sun_path, place, length);
	if (place[0] == '@')
		address.sun_path[0] = '\0';
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
	if (connect(fd, (const struct sockaddr *)&address, size) != 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &send_timeout, sizeof(send_timeout)) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

void sp_service_manager_find(struct sp_service_manager *manager_r)
{
	const char *place = getenv("NOTIFY_SOCKET");

	*manager_r = (struct sp_service_manager){.fd = -1};
	if (place != NULL)
		manager_r->fd = connect_to(place);
	const char *whose = getenv("WATCHDOG_PID");
	if (manager_r->fd >= 0 &&
	    (whose == NULL || number_from("WATCHDOG_PID") == (uint64_t)getpid()))
		manager_r->watchdog_us = (int64_t)number_from("WATCHDOG_USEC");
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
}

static void tell(const struct sp_service_manager *manager, const char *state)
{
	if (manager->fd >= 0)
		(void)send(manager->fd, state, strlen(state), MSG_NOSIGNAL);
}

void sp_service_manager_tell_ready(const struct sp_service_manager *manager)
{
	tell(manager, "READY=1");
}

void sp_service_manager_tell_reloading(const struct sp_service_manager *manager)
{
	char state[64];
	/* the monotonic time is for Type=notify-reload, systemd 253 and later */
	snprintf(state, sizeof(state), "RELOADING=1\nMONOTONIC_USEC=%" PRId64, sp_now_us());
	tell(manager, state);
}

void sp_service_manager_tell_stopping(const struct sp_service_manager *manager)
{
	tell(manager, "STOPPING=1");
}

void sp_service_manager_tell_alive(const struct sp_service_manager *manager)
{
	tell(manager, "WATCHDOG=1");
}

void sp_service_manager_close(struct sp_service_manager *manager)
{
	if (manager->fd >= 0)
		close(manager->fd);
	manager->fd = -1;
}
