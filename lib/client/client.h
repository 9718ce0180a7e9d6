/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * client.h - one request to sendpassd, with a deadline
 *
 * For use inside other people's processes: no globals, no threads, no signals
 * touched, no allocation, every fd CLOEXEC, above 2, and closed. The connection
 * is made for the request and closed after it, so nothing crosses a fork.
 */
#ifndef SP_CLIENT_CLIENT_H
#define SP_CLIENT_CLIENT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/base/secret.h"
#include "sendpass/attributes.h"
#include "sendpass/verdict.h"

struct sp_client {
	const char *socket_path;
	/* The password is sent only to a process whose listening socket was made
	 * by root or by this user (SO_PEERCRED). 0 for root alone. */
	uid_t daemon_uid;
	int timeout_ms; /* for the whole request */
};

/* Strings may be NULL or empty, ports 0, where the host does not know. */
struct sp_client_request {
	const char *login;
	const struct sp_secret *password;
	const char *mechanism;
	const char *service;
	const char *remote_address;
	const char *local_address;
	uint16_t remote_port;
	bool secured;
};

/* SP_GRANTED or SP_DENIED if sendpassd said so, SP_UNAVAILABLE in every other
 * case; *why_r is then static text for the host's log, else NULL. A login or
 * password over the limits, or an empty password, is SP_DENIED without asking. */
SP_NODISCARD enum sp_result sp_client_verify(
    const struct sp_client *client, const struct sp_client_request *request, const char **why_r);

#endif
