/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * auth_exchange.h - the server's side of one auth connection, without the socket
 *
 * Lines go in; replies and complete attempts come out. Many requests may be
 * under way at once, told apart by their ids; what one of them gets wrong is
 * refused for that one.
 */
#ifndef SP_DAEMON_AUTH_EXCHANGE_H
#define SP_DAEMON_AUTH_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/text.h"
#include "lib/policy/attempt.h"
#include "sendpass/attributes.h"
#include "sendpass/verdict.h"

struct sp_auth_exchange;

/* NULL when there is no memory. */
struct sp_auth_exchange *sp_auth_exchange_new(void);
void sp_auth_exchange_free(struct sp_auth_exchange **exchange);

enum sp_exchange_step {
	SP_EXCHANGE_CLOSE = 0, /* the peer does not speak the protocol, or memory is out */
	SP_EXCHANGE_NOTHING,   /* nothing to do but to send what is in out */
	SP_EXCHANGE_ATTEMPT,   /* *id_r and *request_r are filled: judge it */
};

/* Takes one line, LF not with it. Room of SP_LINE_MAX in out suffices. *why_r is static
 * text with SP_EXCHANGE_CLOSE. The caller wipes request_r->password. */
SP_NODISCARD enum sp_exchange_step sp_auth_exchange_line(struct sp_auth_exchange *exchange,
    const char *line, size_t length, struct sp_text *out, uint32_t *id_r,
    struct sp_attempt_request *request_r, const char **why_r);

/* Writes the answer to the attempt `id` of that login. False when the answer is
 * to close the connection, which is how clients before minor version 2 are told
 * to try later. */
SP_NODISCARD bool sp_auth_exchange_answer(const struct sp_auth_exchange *exchange, uint32_t id,
    const char *login, enum sp_result result, struct sp_text *out);

#endif
