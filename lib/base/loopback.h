/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * loopback.h - TCP ports that only processes of this host can reach
 */
#ifndef SP_BASE_LOOPBACK_H
#define SP_BASE_LOOPBACK_H

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "sendpass/attributes.h"

/* An address of 127.0.0.0/8 (RFC 1122, section 3.2.1.3) or ::1 (RFC 4291, section
 * 2.5.3), with a port. */
struct sp_loopback {
	socklen_t length; /* of the address; 0: none */
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	};
};

/* With its NUL. */
#define SP_LOOPBACK_TEXT_MAX 32

/* Reads "127.0.0.1:10031" or "[::1]:10031". On false *why_r is static text that
 * goes on after the name of what text was given for. */
SP_NODISCARD bool sp_loopback_parse(
    const char *text, struct sp_loopback *loopback_r, const char **why_r);

/* False if the address is of another kind. */
SP_NODISCARD bool sp_loopback_take(const struct sockaddr *address, struct sp_loopback *loopback_r);

/* The one way to write it, which sp_loopback_parse() reads. */
void sp_loopback_print(const struct sp_loopback *loopback, char text_r[SP_LOOPBACK_TEXT_MAX]);

#endif
