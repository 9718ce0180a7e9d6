/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * saslauthd_request.h - the protocol of saslauthd's unix socket
 *
 * A client connects, sends one request, reads one reply. A request is 4 fields,
 * each a 16-bit big-endian length and that many bytes: login, password, service,
 * realm. An unreleased libsasl2 adds a 5th, the client's "address;port".
 * A reply is one such field: "OK", "NO", or empty, which every client takes for
 * "cannot tell now". Source: cyrus-sasl, saslauthd/ipc_unix.c and lib/checkpw.c.
 */
#ifndef SP_WIRE_SASLAUTHD_REQUEST_H
#define SP_WIRE_SASLAUTHD_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/secret.h"
#include "sendpass/attributes.h"
#include "sendpass/limits.h"
#include "sendpass/verdict.h"

#define SP_SASLAUTHD_FIELD_MAX   1024
#define SP_SASLAUTHD_REQUEST_MAX (5 * (2 + SP_SASLAUTHD_FIELD_MAX))

struct sp_saslauthd_request {
	char login[SP_LOGIN_MAX + 1]; /* login@realm where there is a realm */
	struct sp_secret password;
	char service[SP_SERVICE_MAX + 1];
	char address[SP_ADDRESS_MAX + 1]; /* empty if there was none */
	uint16_t port;
};

enum sp_saslauthd_status {
	SP_SASLAUTHD_BAD = 0,
	SP_SASLAUTHD_PARTIAL,  /* the start of a request */
	SP_SASLAUTHD_COMPLETE, /* 4 fields and nothing more, or 5 */
};

/* Reads what has come so far. request_r is filled on SP_SASLAUTHD_COMPLETE and
 * wiped otherwise; the caller wipes its password. *why_r is static text with
 * SP_SASLAUTHD_BAD: a field over its limit, a NUL, bytes after the 5th field. */
SP_NODISCARD enum sp_saslauthd_status sp_saslauthd_parse(
    const char *bytes, size_t length, struct sp_saslauthd_request *request_r, const char **why_r);

#define SP_SASLAUTHD_REPLY_MAX 4

/* The reply in reply_r; returns its length. */
size_t sp_saslauthd_print_reply(enum sp_result result, char reply_r[SP_SASLAUTHD_REPLY_MAX]);

#endif
