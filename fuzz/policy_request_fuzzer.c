/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests at the policy door, one after the other: each holds what its lines say. */
#include "fuzz/fuzz.h"
#include "lib/wire/policy_request.h"

static void hold_same(const struct sp_policy_request *a, const struct sp_policy_request *b)
{
	FUZZ_PROMISE(a->stage == b->stage && strcmp(a->state, b->state) == 0);
	FUZZ_PROMISE(strcmp(a->header, b->header) == 0 && strcmp(a->login, b->login) == 0);
	FUZZ_PROMISE(strcmp(a->client_address, b->client_address) == 0);
	FUZZ_PROMISE(a->client_port == b->client_port);
	FUZZ_PROMISE(strcmp(a->sender, b->sender) == 0);
	FUZZ_PROMISE(strcmp(a->recipient, b->recipient) == 0);
	FUZZ_PROMISE(a->recipient_count == b->recipient_count);
	FUZZ_PROMISE(strcmp(a->instance, b->instance) == 0);
	FUZZ_PROMISE(strcmp(a->queue_id, b->queue_id) == 0);
}

/* The attribute's value as the lines have it, or "": it is there once at most. The caller
 * frees it. */
static char *value_of(const char *bytes, size_t used, const char *name)
{
	const char *end = bytes + used, *line = bytes;
	size_t length = strlen(name);
	char *value = NULL;

	while (line < end) {
		const char *next = (const char *)memchr(line, '\n', (size_t)(end - line)) + 1;
		if ((size_t)(next - line) > length + 1 && memcmp(line, name, length) == 0 &&
		    line[length] == '=') {
			FUZZ_PROMISE(value == NULL);
			value = fuzz_text(
			    (const uint8_t *)line + length + 1, (size_t)(next - line) - length - 2);
			FUZZ_PROMISE(line + length + 1 + strlen(value) + 1 == next);
		}
		line = next;
	}
	return value != NULL ? value : fuzz_text((const uint8_t *)"", 0);
}

static void hold_text(const char *bytes, size_t used, const char *name, const char *text)
{
	char *value = value_of(bytes, used, name);

	FUZZ_PROMISE(strcmp(value, text) == 0);
	free(value);
}

static void hold_number(const char *bytes, size_t used, const char *name, uint32_t number)
{
	char *value = value_of(bytes, used, name);

	FUZZ_PROMISE(number == 0 || strtoul(value, NULL, 10) == number);
	free(value);
}

#define HOLD_TEXT(name, field)                                                                     \
	(FUZZ_PROMISE(strnlen(request->field, sizeof(request->field)) < sizeof(request->field)),   \
	    hold_text(bytes, used, name, request->field))

static void hold_complete(const char *bytes, size_t used, const struct sp_policy_request *request)
{
	if (request->stage == SP_POLICY_HEADER)
		FUZZ_PROMISE(request->login[0] != '\0' && request->sender[0] != '\0' &&
			     request->header[0] != '\0');
	else
		HOLD_TEXT("protocol_state", state);
	HOLD_TEXT("sendpass_header", header);
	HOLD_TEXT("sasl_username", login);
	HOLD_TEXT("sender", sender);
	HOLD_TEXT("recipient", recipient);
	HOLD_TEXT("instance", instance);
	HOLD_TEXT("queue_id", queue_id);
	if (request->client_address[0] != '\0')
		HOLD_TEXT("client_address", client_address);
	hold_number(bytes, used, "client_port", request->client_port);
	hold_number(bytes, used, "recipient_count", request->recipient_count);
}

/* The request's bytes alone, and all of them but the last. */
static void hold_bounds(const char *bytes, size_t used, const struct sp_policy_request *request)
{
	static struct sp_policy_request part;
	size_t part_used;
	const char *why;

	FUZZ_PROMISE(bytes[used - 1] == '\n');
	FUZZ_PROMISE(
	    sp_policy_parse(bytes, used - 1, &part, &part_used, &why) == SP_POLICY_PARTIAL);
	FUZZ_PROMISE(sp_policy_parse(bytes, used, &part, &part_used, &why) == SP_POLICY_COMPLETE);
	FUZZ_PROMISE(part_used == used);
	hold_same(request, &part);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sp_policy_request request;
	const char *bytes = (const char *)data, *why = NULL;
	enum sp_policy_status status;
	size_t used;

	while (
	    (status = sp_policy_parse(bytes, size, &request, &used, &why)) == SP_POLICY_COMPLETE) {
		FUZZ_PROMISE(used > 0 && used <= size && used <= SP_POLICY_REQUEST_MAX);
		hold_bounds(bytes, used, &request);
		hold_complete(bytes, used, &request);
		bytes += used;
		size -= used;
	}
	FUZZ_PROMISE(status == SP_POLICY_PARTIAL || why != NULL);
	FUZZ_PROMISE(status == SP_POLICY_BAD || size <= SP_POLICY_REQUEST_MAX);
	return 0;
}
