/* SPDX-License-Identifier: BSD-2-Clause */
/* A whole connection at an auth door: no line of a client's makes a verdict, each attempt gets
 * one answer, and only the verdict itself says OK. */
#include "daemon/auth_exchange.h"
#include "fuzz/fuzz.h"
#include "lib/wire/auth_line.h"

/* The exchanges that wait for the client's next message, as the door's replies have it. */
struct waiting {
	size_t count;
	uint32_t ids[8]; /* oldest first */
};

static bool forget(struct waiting *waiting, uint32_t id)
{
	for (size_t i = 0; i < waiting->count; i++) {
		if (waiting->ids[i] == id) {
			memmove(waiting->ids + i, waiting->ids + i + 1,
			    (--waiting->count - i) * sizeof(id));
			return true;
		}
	}
	return false;
}

static void remember(struct waiting *waiting, uint32_t id)
{
	if (waiting->count == sizeof(waiting->ids) / sizeof(waiting->ids[0]))
		forget(waiting, waiting->ids[0]);
	waiting->ids[waiting->count++] = id;
}

/* An id that waits is not begun again, and one that does not is not continued. */
static void hold_turn(struct waiting *waiting, const char *line, size_t length,
    enum sp_exchange_step step, const struct sp_attempt_request *request)
{
	struct sp_auth_request parsed;

	sp_auth_request_parse(line, length, &parsed);
	bool has_waited = parsed.has_id && forget(waiting, parsed.id);
	if (parsed.kind == SP_AUTH_REQUEST_AUTH && has_waited)
		FUZZ_PROMISE(step == SP_EXCHANGE_CLOSE);
	if (parsed.kind == SP_AUTH_REQUEST_CONT && !has_waited)
		FUZZ_PROMISE(step == SP_EXCHANGE_ATTEMPT && request->malformed != NULL);
	if (parsed.kind == SP_AUTH_REQUEST_BAD)
		FUZZ_PROMISE(step == SP_EXCHANGE_CLOSE || request->malformed != NULL);
	sp_secret_wipe(&parsed.response);
}

/* The kind of the one line in text, which has no other. */
static enum sp_auth_reply_kind read_reply(const struct sp_text *text, uint32_t id)
{
	struct sp_auth_reply reply;

	FUZZ_PROMISE(!text->overflow && text->length > 0);
	FUZZ_PROMISE(memchr(text->bytes, '\n', text->length) == text->bytes + text->length - 1);
	sp_auth_reply_parse(text->bytes, text->length - 1, &reply);
	FUZZ_PROMISE(reply.id == id);
	return reply.kind;
}

static void hold_answers(
    const struct sp_auth_exchange *exchange, uint32_t id, const struct sp_attempt_request *request)
{
	char bytes[SP_LINE_MAX];
	struct sp_text out;

	sp_text_init(&out, bytes, sizeof(bytes));
	FUZZ_PROMISE(sp_auth_exchange_answer(exchange, id, request->login, SP_GRANTED, &out));
	FUZZ_PROMISE(read_reply(&out, id) == SP_AUTH_REPLY_OK);
	sp_text_init(&out, bytes, sizeof(bytes));
	FUZZ_PROMISE(sp_auth_exchange_answer(exchange, id, request->login, SP_DENIED, &out));
	FUZZ_PROMISE(read_reply(&out, id) == SP_AUTH_REPLY_FAIL);
	sp_text_init(&out, bytes, sizeof(bytes));
	if (sp_auth_exchange_answer(exchange, id, request->login, SP_UNAVAILABLE, &out))
		FUZZ_PROMISE(read_reply(&out, id) == SP_AUTH_REPLY_TEMPORARY);
	else
		FUZZ_PROMISE(out.length == 0);
}

static void hold_attempt(const struct sp_attempt_request *request)
{
	FUZZ_PROMISE(strnlen(request->login, sizeof(request->login)) <= SP_LOGIN_MAX);
	FUZZ_PROMISE(strnlen(request->service, sizeof(request->service)) <= SP_SERVICE_MAX);
	FUZZ_PROMISE(strnlen(request->address, sizeof(request->address)) <= SP_ADDRESS_MAX);
	FUZZ_PROMISE(strnlen(request->mechanism, sizeof(request->mechanism)) <= SP_MECHANISM_MAX);
	FUZZ_PROMISE(strlen(request->password.bytes) == request->password.length);
}

static enum sp_exchange_step take_line(
    struct sp_auth_exchange *exchange, struct waiting *waiting, const char *line, size_t length)
{
	struct sp_attempt_request request;
	char bytes[SP_LINE_MAX];
	struct sp_text out;
	const char *why;
	uint32_t id;

	sp_text_init(&out, bytes, sizeof(bytes));
	enum sp_exchange_step step =
	    sp_auth_exchange_line(exchange, line, length, &out, &id, &request, &why);
	FUZZ_PROMISE((step == SP_EXCHANGE_CLOSE) == (why != NULL));
	hold_turn(waiting, line, length, step, &request);
	if (step == SP_EXCHANGE_ATTEMPT) {
		FUZZ_PROMISE(out.length == 0);
		hold_attempt(&request);
		hold_answers(exchange, id, &request);
	} else if (out.length > 0) {
		FUZZ_PROMISE(read_reply(&out, id) == SP_AUTH_REPLY_CONT);
		remember(waiting, id);
	}
	sp_secret_wipe(&request.password);
	return step;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sp_auth_exchange *exchange = sp_auth_exchange_new();
	struct waiting waiting = {0};
	const char *at = (const char *)data, *end = at + size, *line;

	FUZZ_PROMISE(exchange != NULL);
	while ((line = memchr(at, '\n', (size_t)(end - at))) != NULL) {
		/* a copy of its own size, so that a sanitizer sees a step too far */
		size_t length = (size_t)(line - at);
		char *copy = malloc(length + (length == 0));
		FUZZ_PROMISE(copy != NULL);
		memcpy(copy, at, length);
		enum sp_exchange_step step = take_line(exchange, &waiting, copy, length);
		free(copy);
		if (step == SP_EXCHANGE_CLOSE)
			break;
		at = line + 1;
	}
	sp_auth_exchange_free(&exchange);
	return 0;
}
