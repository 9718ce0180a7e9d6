/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/client/client.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/client/connection.h"
#include "lib/wire/auth_line.h"
#include "lib/wire/sasl_message.h"

/* The only request on its connection. */
#define REQUEST_ID 1

static const char protocol_violation[] = "sendpassd does not speak the auth protocol";

static bool read_reply(
    struct sp_connection *connection, struct sp_auth_reply *reply_r, const char **why_r)
{
	const char *line;
	size_t length;

	if (!sp_connection_read_line(connection, &line, &length, why_r))
		return false;
	sp_auth_reply_parse(line, length, reply_r);
	return true;
}

/* Says hello and reads the server's, up to its DONE. */
static bool greet(struct sp_connection *connection, const char **why_r)
{
	bool right_version = false, has_plain = false;
	struct sp_auth_reply reply;
	struct sp_text hello;
	char buffer[64];

	sp_text_init(&hello, buffer, sizeof(buffer));
	sp_auth_print_client_hello(&hello, (uint32_t)getpid());
	if (!sp_connection_send(connection, hello.bytes, hello.length, why_r))
		return false;
	for (;;) {
		if (!read_reply(connection, &reply, why_r))
			return false;
		switch (reply.kind) {
		case SP_AUTH_REPLY_VERSION:
			right_version = reply.major == SP_AUTH_MAJOR;
			break;
		case SP_AUTH_REPLY_MECH:
			has_plain = has_plain || strcmp(reply.mechanism, "PLAIN") == 0;
			break;
		case SP_AUTH_REPLY_OTHER:
			break;
		case SP_AUTH_REPLY_DONE:
			if (right_version && has_plain)
				return true;
			*why_r =
			    right_version ? "sendpassd does not offer PLAIN" : protocol_violation;
			return false;
		case SP_AUTH_REPLY_BAD:
		case SP_AUTH_REPLY_OK:
		case SP_AUTH_REPLY_FAIL:
		case SP_AUTH_REPLY_TEMPORARY:
		case SP_AUTH_REPLY_CONT:
			*why_r = protocol_violation;
			return false;
		}
	}
}

static bool offer(
    struct sp_connection *connection, const struct sp_client_request *request, const char **why_r)
{
	struct sp_secret message;
	struct sp_auth_offer fields = {
	    .id = REQUEST_ID,
	    .client_mechanism = request->mechanism,
	    .service = request->service,
	    .remote_address = request->remote_address,
	    .local_address = request->local_address,
	    .remote_port = request->remote_port,
	    .secured = request->secured,
	    .response = &message,
	};
	char buffer[SP_LINE_MAX];
	struct sp_text line;
	bool sent = false;

	sp_text_init(&line, buffer, sizeof(buffer));
	if (sp_sasl_plain_print(request->login, request->password, &message))
		sp_auth_print_offer(&line, &fields);
	if (line.length > 0 && !line.overflow)
		sent = sp_connection_send(connection, line.bytes, line.length, why_r);
	else
		*why_r = "the request does not fit a line";
	sp_secret_wipe(&message);
	explicit_bzero(buffer, sizeof(buffer));
	return sent;
}

static enum sp_result read_verdict(struct sp_connection *connection, const char **why_r)
{
	struct sp_auth_reply reply;

	do {
		if (!read_reply(connection, &reply, why_r))
			return SP_UNAVAILABLE;
	} while (reply.kind == SP_AUTH_REPLY_OTHER);

	*why_r = protocol_violation;
	if (reply.id != REQUEST_ID)
		return SP_UNAVAILABLE;
	switch (reply.kind) {
	case SP_AUTH_REPLY_OK:
		*why_r = NULL;
		return SP_GRANTED;
	case SP_AUTH_REPLY_FAIL:
		*why_r = NULL;
		return SP_DENIED;
	case SP_AUTH_REPLY_TEMPORARY:
		*why_r = "sendpassd cannot tell at present: see its log";
		return SP_UNAVAILABLE;
	case SP_AUTH_REPLY_BAD:
	case SP_AUTH_REPLY_VERSION:
	case SP_AUTH_REPLY_MECH:
	case SP_AUTH_REPLY_DONE:
	case SP_AUTH_REPLY_CONT:
	case SP_AUTH_REPLY_OTHER:
		break;
	}
	return SP_UNAVAILABLE;
}

static bool fits(const char *text, size_t limit)
{
	return text == NULL || strnlen(text, limit + 1) <= limit;
}

static enum sp_result ask(
    const struct sp_client *client, const struct sp_client_request *request, const char **why_r)
{
	struct sp_connection connection;
	enum sp_result result = SP_UNAVAILABLE;
	int64_t deadline_ms = sp_now_ms() + client->timeout_ms;

	/* sendpassd would refuse these fields, and its no would be about the password. */
	if (!fits(request->service, SP_SERVICE_MAX) ||
	    !fits(request->mechanism, SP_MECHANISM_MAX) ||
	    !fits(request->remote_address, SP_ADDRESS_MAX) ||
	    !fits(request->local_address, SP_ADDRESS_MAX)) {
		*why_r = "service, mechanism or address is too long";
		return SP_UNAVAILABLE;
	}
	if (sp_connection_open(
		&connection, client->socket_path, client->daemon_uid, deadline_ms, why_r) &&
	    greet(&connection, why_r) && offer(&connection, request, why_r))
		result = read_verdict(&connection, why_r);
	sp_connection_close(&connection);
	return result;
}

enum sp_result sp_client_verify(
    const struct sp_client *client, const struct sp_client_request *request, const char **why_r)
{
	int saved_errno = errno;
	enum sp_result result = SP_DENIED;

	*why_r = NULL;
	if (request->login != NULL && request->login[0] != '\0' &&
	    fits(request->login, SP_LOGIN_MAX) && request->password->length > 0 &&
	    request->password->length <= SP_PASSWORD_MAX)
		result = ask(client, request, why_r);
	errno = saved_errno;
	return result;
}
