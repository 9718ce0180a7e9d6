/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/client/policy_client.h"

#include <string.h>

#include "lib/base/text.h"

#define ANSWER_LINES_MAX 16

static const char protocol_violation[] = "sendpassd's answer is none of a policy door";

/* A line end in a value would begin another attribute. */
static bool is_one_line(const char *value)
{
	return strpbrk(value, "\r\n") == NULL;
}

static bool print_question(struct sp_text *out, const struct sp_policy_question *question)
{
	if (!is_one_line(question->client_address) || !is_one_line(question->queue_id) ||
	    !is_one_line(question->login) || !is_one_line(question->header) ||
	    !is_one_line(question->mailbox))
		return false;
	sp_text_add(out, "request=" SP_POLICY_HEADER_KIND "\n");
	sp_text_addf(out, "client_address=%s\n", question->client_address);
	sp_text_addf(out, "client_port=%u\n", (unsigned)question->client_port);
	sp_text_addf(out, "queue_id=%s\n", question->queue_id);
	sp_text_addf(out, "sasl_username=%s\n", question->login);
	sp_text_addf(out, "sendpass_header=%s\n", question->header);
	sp_text_addf(out, "sender=%s\n\n", question->mailbox);
	return !out->overflow;
}

static bool take(char *field, size_t size, const char *value, size_t length)
{
	if (field[0] != '\0' || length >= size || memchr(value, '\0', length) != NULL)
		return false;
	memcpy(field, value, length);
	field[length] = '\0';
	return true;
}

/* What later versions may add is passed over. */
static bool take_line(struct sp_policy_verdict *verdict, const char *line, size_t length)
{
	const struct {
		const char *name;
		char *field;
		size_t size;
	} fields[] = {
	    {"action=", verdict->action, sizeof(verdict->action)},
	    {"sendpass_reason=", verdict->reason, sizeof(verdict->reason)},
	    {"sendpass_id=", verdict->id, sizeof(verdict->id)},
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		size_t name = strlen(fields[i].name);
		if (length >= name && memcmp(line, fields[i].name, name) == 0)
			return take(fields[i].field, fields[i].size, line + name, length - name);
	}
	return true;
}

static bool read_answer(
    struct sp_connection *connection, struct sp_policy_verdict *verdict, const char **why_r)
{
	const char *line;
	size_t length;

	for (int i = 0; i < ANSWER_LINES_MAX; i++) {
		if (!sp_connection_read_line(connection, &line, &length, why_r))
			return false;
		*why_r = protocol_violation;
		if (length == 0)
			return verdict->action[0] != '\0';
		if (!take_line(verdict, line, length))
			return false;
	}
	return false;
}

bool sp_policy_client_ask(struct sp_connection *connection,
    const struct sp_policy_question *question, struct sp_policy_verdict *verdict_r,
    const char **why_r)
{
	char buffer[SP_POLICY_REQUEST_MAX];
	struct sp_text out;

	*verdict_r = (struct sp_policy_verdict){0};
	sp_text_init(&out, buffer, sizeof(buffer));
	if (!print_question(&out, question)) {
		*why_r = "login, mailbox or queue id cannot be sent as one line";
		return false;
	}
	if (!sp_connection_send(connection, out.bytes, out.length, why_r) ||
	    !read_answer(connection, verdict_r, why_r))
		return false;
	*why_r = NULL;
	return true;
}
