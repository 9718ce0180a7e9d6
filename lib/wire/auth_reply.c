/* SPDX-License-Identifier: BSD-2-Clause */
/* What a server sends: parsed by our own clients, printed by sendpassd. */
#include <string.h>

#include "lib/base/base64.h"
#include "lib/wire/auth_field.h"
#include "lib/wire/auth_line.h"

/* Each reads the fields behind the command. The kind it returns stands. */
typedef enum sp_auth_reply_kind parse_fn(
    struct sp_auth_fields *fields, struct sp_auth_reply *reply_r);

static enum sp_auth_reply_kind parse_version(
    struct sp_auth_fields *fields, struct sp_auth_reply *reply_r)
{
	return sp_auth_next_number(fields, &reply_r->major) ? SP_AUTH_REPLY_VERSION
							    : SP_AUTH_REPLY_BAD;
}

static enum sp_auth_reply_kind parse_mech(
    struct sp_auth_fields *fields, struct sp_auth_reply *reply_r)
{
	struct sp_auth_field name;

	if (!sp_auth_field_next(fields, &name) || name.length == 0 ||
	    !sp_auth_field_copy(&name, reply_r->mechanism, sizeof(reply_r->mechanism)))
		return SP_AUTH_REPLY_BAD;
	return SP_AUTH_REPLY_MECH;
}

static enum sp_auth_reply_kind parse_done(
    struct sp_auth_fields *fields, struct sp_auth_reply *reply_r)
{
	(void)fields, (void)reply_r;
	return SP_AUTH_REPLY_DONE;
}

static enum sp_auth_reply_kind parse_ok(
    struct sp_auth_fields *fields, struct sp_auth_reply *reply_r)
{
	return sp_auth_next_number(fields, &reply_r->id) ? SP_AUTH_REPLY_OK : SP_AUTH_REPLY_BAD;
}

static enum sp_auth_reply_kind parse_fail(
    struct sp_auth_fields *fields, struct sp_auth_reply *reply_r)
{
	enum sp_auth_reply_kind kind = SP_AUTH_REPLY_FAIL;
	struct sp_auth_field field;

	if (!sp_auth_next_number(fields, &reply_r->id))
		return SP_AUTH_REPLY_BAD;
	while (sp_auth_field_next(fields, &field)) {
		if (sp_auth_field_is(&field, "temp") || sp_auth_field_is(&field, "code=temp_fail"))
			kind = SP_AUTH_REPLY_TEMPORARY;
	}
	return kind;
}

static enum sp_auth_reply_kind parse_cont(
    struct sp_auth_fields *fields, struct sp_auth_reply *reply_r)
{
	return sp_auth_next_number(fields, &reply_r->id) ? SP_AUTH_REPLY_CONT : SP_AUTH_REPLY_BAD;
}

static const struct {
	const char *command;
	parse_fn *parse;
} commands[] = {
    {"VERSION", parse_version},
    {"MECH", parse_mech},
    {"DONE", parse_done},
    {"OK", parse_ok},
    {"FAIL", parse_fail},
    {"CONT", parse_cont},
};

void sp_auth_reply_parse(const char *line, size_t length, struct sp_auth_reply *reply_r)
{
	struct sp_auth_fields fields;
	struct sp_auth_field command;

	*reply_r = (struct sp_auth_reply){.kind = SP_AUTH_REPLY_BAD};
	if (sp_auth_line_fault(line, length) != NULL)
		return;
	sp_auth_fields_start(&fields, line, length);
	if (!sp_auth_field_next(&fields, &command))
		return;
	reply_r->kind = SP_AUTH_REPLY_OTHER;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (sp_auth_field_is(&command, commands[i].command))
			reply_r->kind = commands[i].parse(&fields, reply_r);
	}
}

static void print_mechanism(struct sp_text *out, const char *name)
{
	struct sp_auth_writer writer = sp_auth_line_start(out, "MECH");

	sp_auth_add_field(&writer, "", name);
	sp_auth_add_field(&writer, "plaintext", "");
	sp_auth_line_end(&writer);
}

static void print_numbered(struct sp_text *out, const char *command, uint32_t number)
{
	struct sp_auth_writer writer = sp_auth_line_start(out, command);

	sp_auth_add_number(&writer, number);
	sp_auth_line_end(&writer);
}

void sp_auth_print_server_hello(
    struct sp_text *out, uint32_t pid, uint32_t connection, const char cookie[static 33])
{
	struct sp_auth_writer writer = sp_auth_line_start(out, "VERSION");

	sp_auth_add_number(&writer, SP_AUTH_MAJOR);
	sp_auth_add_number(&writer, SP_AUTH_MINOR);
	sp_auth_line_end(&writer);
	/* Before SPID, or Postfix and Exim take us for another kind of server. */
	print_mechanism(out, "PLAIN");
	print_mechanism(out, "LOGIN");
	print_numbered(out, "SPID", pid);
	print_numbered(out, "CUID", connection);
	writer = sp_auth_line_start(out, "COOKIE");
	sp_auth_add_field(&writer, "", cookie);
	sp_auth_line_end(&writer);
	writer = sp_auth_line_start(out, "DONE");
	sp_auth_line_end(&writer);
}

void sp_auth_print_cont(struct sp_text *out, uint32_t id, const char *challenge)
{
	char encoded[SP_BASE64_SIZE(SP_AUTH_CHALLENGE_MAX)];

	if (!sp_base64_encode(
		challenge, strlen(challenge), SP_BASE64_PADDED, encoded, sizeof(encoded))) {
		out->overflow = true;
		return;
	}
	struct sp_auth_writer writer = sp_auth_line_start(out, "CONT");
	sp_auth_add_number(&writer, id);
	sp_auth_add_field(&writer, "", encoded);
	sp_auth_line_end(&writer);
}

static struct sp_auth_writer start_verdict(
    struct sp_text *out, const char *command, uint32_t id, const char *user)
{
	struct sp_auth_writer writer = sp_auth_line_start(out, command);

	sp_auth_add_number(&writer, id);
	if (user != NULL)
		sp_auth_add_field(&writer, "user=", user);
	return writer;
}

void sp_auth_print_ok(struct sp_text *out, uint32_t id, const char *user)
{
	struct sp_auth_writer writer = start_verdict(out, "OK", id, user);

	sp_auth_line_end(&writer);
}

void sp_auth_print_fail(struct sp_text *out, uint32_t id, const char *user)
{
	struct sp_auth_writer writer = start_verdict(out, "FAIL", id, user);

	sp_auth_line_end(&writer);
}

void sp_auth_print_temporary(struct sp_text *out, uint32_t id, const char *user)
{
	struct sp_auth_writer writer = start_verdict(out, "FAIL", id, user);

	sp_auth_add_field(&writer, "code=", "temp_fail");
	sp_auth_add_field(&writer, "temp", "");
	sp_auth_line_end(&writer);
}
