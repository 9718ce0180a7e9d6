/* SPDX-License-Identifier: BSD-2-Clause */
/* One line of a client of the auth protocol: bounded fields, and what our own clients print
 * reads as it was meant. */
#include <arpa/inet.h>

#include "fuzz/fuzz.h"
#include "lib/base/text.h"
#include "lib/wire/auth_line.h"

static bool is_numeric(const char *address)
{
	char bare[SP_ADDRESS_MAX + 1];
	struct in6_addr binary;

	snprintf(bare, sizeof(bare), "%.*s", (int)strcspn(address, "%"), address);
	return inet_pton(AF_INET, bare, &binary) == 1 || inet_pton(AF_INET6, bare, &binary) == 1;
}

static void hold_address(const char *address, size_t size)
{
	FUZZ_PROMISE(strnlen(address, size) < size);
	FUZZ_PROMISE(address[0] == '\0' || is_numeric(address));
}

static void hold_mechanism(const char *name)
{
	FUZZ_PROMISE(strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == strlen(name));
	FUZZ_PROMISE(strlen(name) <= SP_MECHANISM_MAX);
}

static void hold_offer(const struct sp_auth_request *request)
{
	struct sp_auth_offer offer = {.id = request->id,
	    .client_mechanism = request->client_mechanism,
	    .service = request->service,
	    .remote_address = request->remote_address,
	    .local_address = request->local_address,
	    .remote_port = request->remote_port,
	    .secured = request->secured,
	    .response = &request->response};
	struct sp_auth_request again;
	char line[SP_LINE_MAX];
	struct sp_text out;

	sp_text_init(&out, line, sizeof(line));
	sp_auth_print_offer(&out, &offer);
	FUZZ_PROMISE(!out.overflow && strchr(line, '\n') == line + out.length - 1);
	sp_auth_request_parse(line, out.length - 1, &again);
	FUZZ_PROMISE(again.kind == SP_AUTH_REQUEST_AUTH && again.id == request->id);
	FUZZ_PROMISE(strcmp(again.mechanism, "PLAIN") == 0);
	FUZZ_PROMISE(strcmp(again.client_mechanism, request->client_mechanism) == 0);
	FUZZ_PROMISE(strcmp(again.service, request->service) == 0);
	FUZZ_PROMISE(strcmp(again.remote_address, request->remote_address) == 0);
	FUZZ_PROMISE(strcmp(again.local_address, request->local_address) == 0);
	FUZZ_PROMISE(again.remote_port == request->remote_port);
	FUZZ_PROMISE(again.secured == request->secured && again.has_response);
	FUZZ_PROMISE(strcmp(again.response.bytes, request->response.bytes) == 0);
}

/* Nothing stands behind the response. */
static void hold_response(const char *line, size_t size, const struct sp_auth_request *request)
{
	size_t length = request->response.length;
	const char *tab = memrchr(line, '\t', size);

	FUZZ_PROMISE(length <= size && tab != NULL);
	FUZZ_PROMISE(
	    length == 0 || memcmp(line + size - length, request->response.bytes, length) == 0);
	if (request->kind == SP_AUTH_REQUEST_AUTH && request->has_response)
		FUZZ_PROMISE(line + size - tab > 5 && memcmp(tab + 1, "resp=", 5) == 0);
}

/* The last rport= of the line. */
static void hold_port(const char *line, size_t size, uint16_t port)
{
	char *text = fuzz_text((const uint8_t *)line, size);
	const char *key = "\trport=", *last = NULL;

	for (const char *at = text; (at = strstr(at, key)) != NULL; at++)
		last = at + strlen(key);
	FUZZ_PROMISE(port == 0 || (last != NULL && strtoul(last, NULL, 10) == port));
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *line = (const char *)data;
	struct sp_auth_request request;

	sp_auth_request_parse(line, size, &request);
	FUZZ_PROMISE((request.kind == SP_AUTH_REQUEST_BAD) == (request.why != NULL));
	FUZZ_PROMISE(request.response.length <= SP_SECRET_MAX);
	FUZZ_PROMISE(strlen(request.response.bytes) == request.response.length);
	if (size > SP_LINE_MAX || memchr(line, '\0', size) != NULL ||
	    memchr(line, '\n', size) != NULL)
		FUZZ_PROMISE(request.kind == SP_AUTH_REQUEST_BAD);
	if (request.kind == SP_AUTH_REQUEST_BAD) {
		FUZZ_PROMISE(request.response.length == 0);
		return 0;
	}
	hold_mechanism(request.mechanism);
	hold_mechanism(request.client_mechanism);
	hold_address(request.remote_address, sizeof(request.remote_address));
	hold_address(request.local_address, sizeof(request.local_address));
	FUZZ_PROMISE(sp_text_is_printable_utf8(request.service, strlen(request.service)));
	FUZZ_PROMISE(strlen(request.service) <= SP_SERVICE_MAX);
	if (request.has_response)
		hold_response(line, size, &request);
	if (request.kind == SP_AUTH_REQUEST_AUTH) {
		FUZZ_PROMISE(request.has_id && request.mechanism[0] != '\0');
		hold_port(line, size, request.remote_port);
		/* base64 has no escapes, and ours is printed as base64 */
		if (strchr(request.response.bytes, '\x01') == NULL)
			hold_offer(&request);
	}
	return 0;
}
