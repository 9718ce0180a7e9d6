/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * service_manager.h - telling systemd, or who speaks like it, how we are
 *
 * The protocol of sd_notify(3): datagrams of NAME=value lines to the unix socket
 * in NOTIFY_SOCKET. Written out here, as sockets are taken over in activation.h:
 * libsystemd would bring its own libraries into the process that holds the
 * directory's secret. Without a service manager nothing is sent.
 */
#ifndef SP_PROCESS_SERVICE_MANAGER_H
#define SP_PROCESS_SERVICE_MANAGER_H

#include <stdint.h>

struct sp_service_manager {
	int fd; /* connected; -1: there is none */
	/* Who is silent for longer than this is restarted; 0: no watchdog. */
	int64_t watchdog_us;
};

/* Connects to the manager that the environment names, and takes it out of the
 * environment. As root: the socket may be root's alone. */
void sp_service_manager_find(struct sp_service_manager *manager_r);

void sp_service_manager_tell_ready(const struct sp_service_manager *manager);
/* The configuration is being read again; sp_service_manager_tell_ready() ends it. */
void sp_service_manager_tell_reloading(const struct sp_service_manager *manager);
void sp_service_manager_tell_stopping(const struct sp_service_manager *manager);
void sp_service_manager_tell_alive(const struct sp_service_manager *manager);

void sp_service_manager_close(struct sp_service_manager *manager);

#endif
