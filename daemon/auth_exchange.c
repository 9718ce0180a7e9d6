/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/auth_exchange.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "lib/wire/auth_line.h"
#include "lib/wire/sasl_message.h"

/* Exchanges of one connection that wait for the client's next message. Mail
 * servers forget some of them, when their own client goes: the oldest makes room. */
#define WAITING_MAX 8

enum awaited { AWAIT_PLAIN, AWAIT_USERNAME, AWAIT_PASSWORD };

struct waiting {
	uint32_t id;
	enum awaited awaited;
	struct sp_attempt_request request;
	TAILQ_ENTRY(waiting) next;
};

TAILQ_HEAD(waiting_list, waiting);

struct sp_auth_exchange {
	uint32_t minor; /* the client's */
	size_t count;
	struct waiting_list waiting; /* oldest first */
};

/* One line under work. */
struct turn {
	struct sp_auth_exchange *exchange;
	struct sp_text *out;
	struct sp_attempt_request *request;
	const char **why_r;
};

struct sp_auth_exchange *sp_auth_exchange_new(void)
{
	struct sp_auth_exchange *exchange = calloc(1, sizeof(*exchange));

	if (exchange != NULL)
		TAILQ_INIT(&exchange->waiting);
	return exchange;
}

static void forget(struct sp_auth_exchange *exchange, struct waiting *waiting)
{
	TAILQ_REMOVE(&exchange->waiting, waiting, next);
	exchange->count--;
	explicit_bzero(waiting, sizeof(*waiting));
	free(waiting);
}

void sp_auth_exchange_free(struct sp_auth_exchange **exchange)
{
	struct waiting *waiting;

	if (exchange == NULL || *exchange == NULL)
		return;
	while ((waiting = TAILQ_FIRST(&(*exchange)->waiting)) != NULL)
		forget(*exchange, waiting);
	free(*exchange);
	*exchange = NULL;
}

static struct waiting *find_waiting(struct sp_auth_exchange *exchange, uint32_t id)
{
	struct waiting *waiting;

	TAILQ_FOREACH(waiting, &exchange->waiting, next)
	{
		if (waiting->id == id)
			return waiting;
	}
	return NULL;
}

static enum sp_exchange_step close_with(struct turn *turn, const char *why)
{
	*turn->why_r = why;
	return SP_EXCHANGE_CLOSE;
}

static enum sp_exchange_step malformed(struct turn *turn, const char *why)
{
	turn->request->malformed = why;
	return SP_EXCHANGE_ATTEMPT;
}

/* Sends the challenge and keeps the request until the client's next message. */
static enum sp_exchange_step await(
    struct turn *turn, uint32_t id, enum awaited awaited, const char *challenge)
{
	struct sp_auth_exchange *exchange = turn->exchange;
	struct waiting *waiting = calloc(1, sizeof(*waiting));

	if (waiting == NULL)
		return close_with(turn, "out of memory");
	if (exchange->count == WAITING_MAX)
		forget(exchange, TAILQ_FIRST(&exchange->waiting));
	waiting->id = id;
	waiting->awaited = awaited;
	waiting->request = *turn->request;
	TAILQ_INSERT_TAIL(&exchange->waiting, waiting, next);
	exchange->count++;
	sp_auth_print_cont(turn->out, id, challenge);
	return SP_EXCHANGE_NOTHING;
}

static enum sp_exchange_step take_plain(struct turn *turn, const struct sp_secret *response)
{
	switch (sp_sasl_plain_parse(response, turn->request->login, &turn->request->password)) {
	case SP_SASL_OK:
		return SP_EXCHANGE_ATTEMPT;
	case SP_SASL_FOREIGN_ID:
		return malformed(turn, "asks to act as another user");
	case SP_SASL_BAD:
		break;
	}
	return malformed(turn, "not a PLAIN message");
}

static enum sp_exchange_step take_username(
    struct turn *turn, uint32_t id, const struct sp_secret *response)
{
	struct sp_secret login;
	enum sp_exchange_step step;

	if (!sp_sasl_login_parse(response, &login) || login.length > SP_LOGIN_MAX) {
		step = malformed(turn, "not a user name of LOGIN");
	} else {
		memcpy(turn->request->login, login.bytes, login.length + 1);
		step = await(turn, id, AWAIT_PASSWORD, "Password:");
	}
	sp_secret_wipe(&login);
	return step;
}

static enum sp_exchange_step take_password(struct turn *turn, const struct sp_secret *response)
{
	if (!sp_sasl_login_parse(response, &turn->request->password))
		return malformed(turn, "not a password of LOGIN");
	return SP_EXCHANGE_ATTEMPT;
}

/* Postfix and Exim say `secured` or mean that there is no TLS; our own clients,
 * who sit inside a mail server that does not tell them, say it or mean nothing. */
static enum sp_tls tls_of(
    const struct sp_auth_exchange *exchange, const struct sp_auth_request *line)
{
	if (line->secured)
		return SP_TLS_YES;
	return exchange->minor >= SP_AUTH_MINOR_TEMP ? SP_TLS_UNKNOWN : SP_TLS_NO;
}

static void take_facts(struct turn *turn, const struct sp_auth_request *line)
{
	struct sp_attempt_request *request = turn->request;
	const char *mechanism =
	    line->client_mechanism[0] != '\0' ? line->client_mechanism : line->mechanism;

	memcpy(request->mechanism, mechanism, sizeof(request->mechanism));
	memcpy(request->service, line->service, sizeof(request->service));
	memcpy(request->address, line->remote_address, sizeof(request->address));
	request->port = line->remote_port;
	request->tls = tls_of(turn->exchange, line);
}

static enum sp_exchange_step begin(struct turn *turn, const struct sp_auth_request *line)
{
	/* Before minor version 2, an empty resp= means that there was none. */
	bool responded = line->has_response &&
			 (line->response.length > 0 || turn->exchange->minor >= SP_AUTH_MINOR_TEMP);

	take_facts(turn, line);
	if (find_waiting(turn->exchange, line->id) != NULL)
		return close_with(turn, "an id that is in use");
	if (strcmp(line->mechanism, "PLAIN") == 0)
		return responded ? take_plain(turn, &line->response)
				 : await(turn, line->id, AWAIT_PLAIN, "");
	if (strcmp(line->mechanism, "LOGIN") == 0)
		return responded ? take_username(turn, line->id, &line->response)
				 : await(turn, line->id, AWAIT_USERNAME, "Username:");
	return malformed(turn, "an unknown mechanism");
}

static enum sp_exchange_step go_on(struct turn *turn, const struct sp_auth_request *line)
{
	struct waiting *waiting = find_waiting(turn->exchange, line->id);

	if (waiting == NULL)
		return malformed(turn, "continues no exchange");
	enum awaited awaited = waiting->awaited;
	*turn->request = waiting->request;
	forget(turn->exchange, waiting);
	if (line->kind == SP_AUTH_REQUEST_BAD)
		return malformed(turn, line->why);
	switch (awaited) {
	case AWAIT_PLAIN:
		return take_plain(turn, &line->response);
	case AWAIT_USERNAME:
		return take_username(turn, line->id, &line->response);
	case AWAIT_PASSWORD:
		return take_password(turn, &line->response);
	}
	return close_with(turn, "an exchange in no known state");
}

static enum sp_exchange_step refuse_bad(struct turn *turn, const struct sp_auth_request *line)
{
	if (!line->has_id)
		return close_with(turn, line->why);
	if (find_waiting(turn->exchange, line->id) != NULL)
		return go_on(turn, line);
	take_facts(turn, line);
	return malformed(turn, line->why);
}

static enum sp_exchange_step take_version(struct turn *turn, const struct sp_auth_request *line)
{
	if (line->major != SP_AUTH_MAJOR)
		return close_with(turn, "another major version of the protocol");
	turn->exchange->minor = line->minor;
	return SP_EXCHANGE_NOTHING;
}

static enum sp_exchange_step cancel(struct turn *turn, const struct sp_auth_request *line)
{
	struct waiting *waiting = find_waiting(turn->exchange, line->id);

	if (waiting != NULL)
		forget(turn->exchange, waiting);
	return SP_EXCHANGE_NOTHING;
}

static enum sp_exchange_step take_line(struct turn *turn, const struct sp_auth_request *line)
{
	switch (line->kind) {
	case SP_AUTH_REQUEST_VERSION:
		return take_version(turn, line);
	case SP_AUTH_REQUEST_AUTH:
		return begin(turn, line);
	case SP_AUTH_REQUEST_CONT:
		return go_on(turn, line);
	case SP_AUTH_REQUEST_CANCEL:
		return cancel(turn, line);
	case SP_AUTH_REQUEST_CPID:
	case SP_AUTH_REQUEST_UNKNOWN:
		return SP_EXCHANGE_NOTHING;
	case SP_AUTH_REQUEST_BAD:
		break;
	}
	return refuse_bad(turn, line);
}

enum sp_exchange_step sp_auth_exchange_line(struct sp_auth_exchange *exchange, const char *line,
    size_t length, struct sp_text *out, uint32_t *id_r, struct sp_attempt_request *request_r,
    const char **why_r)
{
	struct turn turn = {exchange, out, request_r, why_r};
	struct sp_auth_request parsed;

	*why_r = NULL;
	explicit_bzero(request_r, sizeof(*request_r));
	sp_auth_request_parse(line, length, &parsed);
	*id_r = parsed.id;
	enum sp_exchange_step step = take_line(&turn, &parsed);
	sp_secret_wipe(&parsed.response);
	return step;
}

bool sp_auth_exchange_answer(const struct sp_auth_exchange *exchange, uint32_t id,
    const char *login, enum sp_result result, struct sp_text *out)
{
	switch (result) {
	case SP_GRANTED:
		sp_auth_print_ok(out, id, login);
		return true;
	case SP_DENIED:
		sp_auth_print_fail(out, id, NULL);
		return true;
	case SP_UNAVAILABLE:
		break;
	}
	if (exchange->minor < SP_AUTH_MINOR_TEMP)
		return false;
	sp_auth_print_temporary(out, id, NULL);
	return true;
}
