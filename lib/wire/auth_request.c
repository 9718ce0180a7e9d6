/* SPDX-License-Identifier: BSD-2-Clause */
/* What a client sends: parsed by sendpassd, printed by our own clients. */
#include <string.h>

#include "lib/wire/address.h"
#include "lib/wire/auth_field.h"
#include "lib/wire/auth_line.h"

/* Each reads the fields behind the command. NULL, or what is wrong. */
typedef const char *parse_fn(struct sp_auth_fields *fields, struct sp_auth_request *request_r);

static bool at_end(struct sp_auth_fields *fields)
{
	struct sp_auth_field field;

	return !sp_auth_field_next(fields, &field);
}

static const char *parse_id(struct sp_auth_fields *fields, struct sp_auth_request *request_r)
{
	request_r->has_id = sp_auth_next_number(fields, &request_r->id);
	return request_r->has_id ? NULL : "no request id";
}

static const char *parse_version(struct sp_auth_fields *fields, struct sp_auth_request *request_r)
{
	if (!sp_auth_next_number(fields, &request_r->major) ||
	    !sp_auth_next_number(fields, &request_r->minor))
		return "bad version";
	return NULL;
}

static const char *parse_cpid(struct sp_auth_fields *fields, struct sp_auth_request *request_r)
{
	uint32_t pid;

	(void)request_r;
	return sp_auth_next_number(fields, &pid) && at_end(fields) ? NULL : "bad process id";
}

/* RFC 4422, section 3.1, and what SMTP clients write in lower case. */
static bool copy_mechanism(const struct sp_auth_field *value, char name_r[SP_MECHANISM_MAX + 1])
{
	if (!sp_auth_field_copy(value, name_r, SP_MECHANISM_MAX + 1))
		return false;
	for (char *c = name_r; *c != '\0'; c++) {
		if (*c >= 'a' && *c <= 'z')
			*c = (char)(*c - 'a' + 'A');
		bool allowed =
		    (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') || *c == '-' || *c == '_';
		if (!allowed)
			return false;
	}
	return true;
}

/* A host that does not know an address sends some word ("NULL", "unknown", a
 * path): that is no reason to refuse its client. */
static const char *copy_address(
    const struct sp_auth_field *value, char address_r[SP_ADDRESS_MAX + 1])
{
	char text[SP_ADDRESS_MAX + 1];

	if (!sp_auth_field_copy(value, text, sizeof(text)))
		return "address too long";
	sp_address_copy(text, strlen(text), address_r);
	return NULL;
}

static const char *copy_service(
    const struct sp_auth_field *value, char service_r[SP_SERVICE_MAX + 1])
{
	if (!sp_auth_field_copy(value, service_r, SP_SERVICE_MAX + 1))
		return "service too long";
	return sp_text_is_printable_utf8(service_r, strlen(service_r)) ? NULL : "bad service";
}

static const char *parse_parameter(
    const struct sp_auth_field *field, struct sp_auth_request *request_r)
{
	struct sp_auth_field value;
	uint32_t port;

	if (sp_auth_field_has_key(field, "service=", &value))
		return copy_service(&value, request_r->service);
	if (sp_auth_field_has_key(field, "client_mech=", &value))
		return copy_mechanism(&value, request_r->client_mechanism) ? NULL
									   : "bad client_mech";
	if (sp_auth_field_has_key(field, "rip=", &value))
		return copy_address(&value, request_r->remote_address);
	if (sp_auth_field_has_key(field, "lip=", &value))
		return copy_address(&value, request_r->local_address);
	if (sp_auth_field_has_key(field, "rport=", &value)) {
		bool known = sp_auth_field_number(&value, UINT16_MAX, &port);
		request_r->remote_port = known ? (uint16_t)port : 0;
	}
	if (sp_auth_field_is(field, "secured") || sp_auth_field_has_key(field, "secured=", &value))
		request_r->secured = true;
	return NULL;
}

static const char *copy_response(
    const struct sp_auth_field *value, struct sp_auth_request *request_r)
{
	request_r->has_response = true;
	if (!sp_secret_set(&request_r->response, value->bytes, value->length))
		return "response too long";
	return NULL;
}

static const char *parse_auth(struct sp_auth_fields *fields, struct sp_auth_request *request_r)
{
	struct sp_auth_field field, value;
	const char *why = parse_id(fields, request_r);

	if (why != NULL)
		return why;
	if (!sp_auth_field_next(fields, &field) || field.length == 0 ||
	    !copy_mechanism(&field, request_r->mechanism))
		return "bad mechanism";
	while (why == NULL && sp_auth_field_next(fields, &field)) {
		if (!sp_auth_field_has_key(&field, "resp=", &value)) {
			why = parse_parameter(&field, request_r);
			continue;
		}
		if (!at_end(fields))
			return "resp is not the last field";
		/* "=" is how SMTP writes an empty initial response (RFC 4954, section 4). */
		if (sp_auth_field_is(&value, "="))
			value.length = 0;
		why = copy_response(&value, request_r);
	}
	return why;
}

static const char *parse_cont(struct sp_auth_fields *fields, struct sp_auth_request *request_r)
{
	struct sp_auth_field field;
	const char *why = parse_id(fields, request_r);

	if (why != NULL)
		return why;
	if (!sp_auth_field_next(fields, &field) || !at_end(fields))
		return "not one response";
	return copy_response(&field, request_r);
}

static const char *parse_cancel(struct sp_auth_fields *fields, struct sp_auth_request *request_r)
{
	const char *why = parse_id(fields, request_r);

	if (why != NULL)
		return why;
	return at_end(fields) ? NULL : "fields behind the request id";
}

static const struct {
	const char *command;
	enum sp_auth_request_kind kind;
	parse_fn *parse;
} commands[] = {
    {"VERSION", SP_AUTH_REQUEST_VERSION, parse_version},
    {"CPID", SP_AUTH_REQUEST_CPID, parse_cpid},
    {"AUTH", SP_AUTH_REQUEST_AUTH, parse_auth},
    {"CONT", SP_AUTH_REQUEST_CONT, parse_cont},
    {"CANCEL", SP_AUTH_REQUEST_CANCEL, parse_cancel},
};

void sp_auth_request_parse(const char *line, size_t length, struct sp_auth_request *request_r)
{
	const char *fault = sp_auth_line_fault(line, length);
	struct sp_auth_fields fields;
	struct sp_auth_field command;

	*request_r = (struct sp_auth_request){.kind = SP_AUTH_REQUEST_UNKNOWN};
	sp_auth_fields_start(&fields, line, length);
	if (!sp_auth_field_next(&fields, &command))
		return;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (!sp_auth_field_is(&command, commands[i].command))
			continue;
		/* A faulty line is read too, for its id. */
		request_r->why = commands[i].parse(&fields, request_r);
		request_r->kind = commands[i].kind;
	}
	if (fault != NULL)
		request_r->why = fault;
	if (request_r->why != NULL) {
		request_r->kind = SP_AUTH_REQUEST_BAD;
		sp_secret_wipe(&request_r->response);
	}
}

void sp_auth_print_client_hello(struct sp_text *out, uint32_t pid)
{
	struct sp_auth_writer writer = sp_auth_line_start(out, "VERSION");

	sp_auth_add_number(&writer, SP_AUTH_MAJOR);
	sp_auth_add_number(&writer, SP_AUTH_MINOR);
	sp_auth_line_end(&writer);
	writer = sp_auth_line_start(out, "CPID");
	sp_auth_add_number(&writer, pid);
	sp_auth_line_end(&writer);
}

static void add_known(struct sp_auth_writer *writer, const char *key, const char *value)
{
	if (value != NULL && *value != '\0')
		sp_auth_add_field(writer, key, value);
}

void sp_auth_print_offer(struct sp_text *out, const struct sp_auth_offer *offer)
{
	struct sp_auth_writer writer = sp_auth_line_start(out, "AUTH");

	sp_auth_add_number(&writer, offer->id);
	sp_auth_add_field(&writer, "", "PLAIN");
	add_known(&writer, "service=", offer->service);
	add_known(&writer, "client_mech=", offer->client_mechanism);
	add_known(&writer, "lip=", offer->local_address);
	add_known(&writer, "rip=", offer->remote_address);
	if (offer->remote_port != 0) {
		sp_auth_add_field(&writer, "rport=", "");
		sp_text_addf(out, "%u", (unsigned)offer->remote_port);
	}
	if (offer->secured)
		sp_auth_add_field(&writer, "secured", "");
	sp_auth_add_field(&writer, "resp=", offer->response->bytes);
	sp_auth_line_end(&writer);
}
