/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/wire/policy_request.h"

#include <stdbool.h>
#include <string.h>

#include "lib/base/number.h"
#include "lib/wire/address.h"

static const struct text_row {
	const char *name;
	size_t offset, size;
} texts[] = {
#define TEXT_ROW(name, field)                                                                      \
	{                                                                                          \
		name, offsetof(struct sp_policy_request, field),                                   \
		    sizeof(((struct sp_policy_request *)NULL)->field)                              \
	}
    TEXT_ROW("protocol_state", state),
    TEXT_ROW("sendpass_header", header),
    TEXT_ROW("sasl_username", login),
    TEXT_ROW("sender", sender),
    TEXT_ROW("recipient", recipient),
    TEXT_ROW("instance", instance),
    TEXT_ROW("queue_id", queue_id),
#undef TEXT_ROW
};

enum { TEXTS = sizeof(texts) / sizeof(texts[0]), KIND = TEXTS, ADDRESS, PORT, COUNT };

static const struct {
	const char *name;
	enum sp_policy_stage stage;
} stages[] = {
    {"MAIL", SP_POLICY_MAIL},
    {"RCPT", SP_POLICY_RCPT},
    {"DATA", SP_POLICY_DATA},
    {"BDAT", SP_POLICY_DATA},
    {"END-OF-MESSAGE", SP_POLICY_END_OF_MESSAGE},
};

struct reading {
	struct sp_policy_request *request;
	unsigned seen; /* a bit for each attribute of ours */
	bool of_header;
	const char **why_r;
};

struct value {
	const char *bytes;
	size_t length;
};

static bool fail(struct reading *reading, const char *why)
{
	*reading->why_r = why;
	return false;
}

static bool is(const struct value *value, const char *text)
{
	return value->length == strlen(text) && memcmp(value->bytes, text, value->length) == 0;
}

static int attribute_named(const struct value *name)
{
	for (int i = 0; i < TEXTS; i++) {
		if (is(name, texts[i].name))
			return i;
	}
	if (is(name, "request"))
		return KIND;
	if (is(name, "client_address"))
		return ADDRESS;
	if (is(name, "client_port"))
		return PORT;
	return is(name, "recipient_count") ? COUNT : -1;
}

/* An address or a port that Postfix does not know reads as absent. */
static bool take_value(struct reading *reading, int attribute, const struct value *value)
{
	struct sp_policy_request *request = reading->request;
	uint64_t number;

	switch (attribute) {
	case KIND:
		reading->of_header = is(value, SP_POLICY_HEADER_KIND);
		return reading->of_header || is(value, "smtpd_access_policy") ||
		       fail(reading, "another kind of request");
	case ADDRESS:
		(void)sp_address_copy(value->bytes, value->length, request->client_address);
		return true;
	case PORT:
		if (sp_parse_number_n(value->bytes, value->length, 1, UINT16_MAX, &number))
			request->client_port = (uint16_t)number;
		return true;
	case COUNT:
		if (!sp_parse_number_n(value->bytes, value->length, 0, 1000000, &number))
			return fail(reading, "recipient_count is no number");
		request->recipient_count = (uint32_t)number;
		return true;
	}
	if (value->length >= texts[attribute].size)
		return fail(reading, "an attribute is too long");
	memcpy((char *)request + texts[attribute].offset, value->bytes, value->length);
	return true;
}

static bool take_line(struct reading *reading, const char *line, size_t length)
{
	const char *equals = memchr(line, '=', length);

	if (memchr(line, '\0', length) != NULL)
		return fail(reading, "a NUL");
	if (equals == NULL)
		return fail(reading, "a line without =");
	struct value name = {line, (size_t)(equals - line)};
	struct value value = {equals + 1, length - name.length - 1};
	int attribute = attribute_named(&name);
	if (attribute < 0)
		return true;
	if ((reading->seen & 1U << attribute) != 0)
		return fail(reading, "an attribute is given twice");
	reading->seen |= 1U << attribute;
	return take_value(reading, attribute, &value);
}

static bool finish_header(struct reading *reading)
{
	struct sp_policy_request *request = reading->request;

	if (strcmp(request->header, "From") != 0 && strcmp(request->header, "Sender") != 0)
		return fail(reading, "sendpass_header= is neither From nor Sender");
	if (request->login[0] == '\0' || request->sender[0] == '\0')
		return fail(reading, "a header's mailbox without sasl_username or sender");
	request->stage = SP_POLICY_HEADER;
	memcpy(request->state, "HEADER", sizeof("HEADER"));
	return true;
}

static bool finish(struct reading *reading)
{
	struct sp_policy_request *request = reading->request;

	if ((reading->seen & 1U << KIND) == 0)
		return fail(reading, "no request= in it");
	if (reading->of_header)
		return finish_header(reading);
	for (size_t i = 0; i < sizeof(stages) / sizeof(stages[0]); i++) {
		if (strcmp(request->state, stages[i].name) == 0)
			request->stage = stages[i].stage;
	}
	return true;
}

enum sp_policy_status sp_policy_parse(const char *bytes, size_t length,
    struct sp_policy_request *request_r, size_t *used_r, const char **why_r)
{
	struct reading reading = {.request = request_r, .why_r = why_r};
	size_t at = 0;

	memset(request_r, 0, sizeof(*request_r));
	*used_r = 0;
	for (;;) {
		size_t left = length - at;
		const char *end = memchr(bytes + at, '\n', left);
		size_t line = end != NULL ? (size_t)(end - bytes) - at : left;
		*why_r = "a line is too long";
		if (line > SP_POLICY_LINE_MAX)
			return SP_POLICY_BAD;
		*why_r = "the request is too long";
		if (at + line >= SP_POLICY_REQUEST_MAX)
			return SP_POLICY_BAD;
		*why_r = NULL;
		if (end == NULL)
			return SP_POLICY_PARTIAL;
		at += line + 1;
		if (line == 0)
			break;
		if (!take_line(&reading, end - line, line))
			return SP_POLICY_BAD;
	}
	*used_r = at;
	return finish(&reading) ? SP_POLICY_COMPLETE : SP_POLICY_BAD;
}
