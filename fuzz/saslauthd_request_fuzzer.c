/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames of saslauthd's socket: complete ones say the same when they are written again. */
#include "fuzz/fuzz.h"
#include "lib/base/text.h"
#include "lib/wire/saslauthd_request.h"

static void add_field(uint8_t *frame, size_t *length, const char *text)
{
	size_t size = strlen(text);

	frame[(*length)++] = (uint8_t)(size >> 8);
	frame[(*length)++] = (uint8_t)size;
	memcpy(frame + *length, text, size);
	*length += size;
}

/* The next field, which holds no NUL, as a string that the caller frees. */
static char *next_field(const uint8_t **at)
{
	size_t size = (size_t)(*at)[0] << 8 | (*at)[1];
	char *text = fuzz_text(*at + 2, size);

	FUZZ_PROMISE(strlen(text) == size);
	*at += 2 + size;
	return text;
}

static void hold_fields(const struct sp_saslauthd_request *request, const uint8_t *at)
{
	char *login = next_field(&at), *password = next_field(&at);
	char *service = next_field(&at), *realm = next_field(&at);
	size_t length = strlen(login);

	FUZZ_PROMISE(strcmp(password, request->password.bytes) == 0);
	FUZZ_PROMISE(strcmp(service, request->service) == 0);
	FUZZ_PROMISE(strncmp(login, request->login, length) == 0);
	if (realm[0] != '\0')
		FUZZ_PROMISE(request->login[length++] == '@');
	FUZZ_PROMISE(strcmp(realm, request->login + length) == 0);
	free(login);
	free(password);
	free(service);
	free(realm);
}

static void hold_complete(const struct sp_saslauthd_request *request)
{
	uint8_t frame[SP_SASLAUTHD_REQUEST_MAX];
	struct sp_saslauthd_request again;
	size_t length = 0;
	const char *why;

	FUZZ_PROMISE(strnlen(request->login, sizeof(request->login)) <= SP_LOGIN_MAX);
	FUZZ_PROMISE(strnlen(request->service, sizeof(request->service)) <= SP_SERVICE_MAX);
	FUZZ_PROMISE(strnlen(request->address, sizeof(request->address)) <= SP_ADDRESS_MAX);
	FUZZ_PROMISE(sp_text_is_printable_utf8(request->service, strlen(request->service)));
	FUZZ_PROMISE(request->password.length <= SP_SASLAUTHD_FIELD_MAX);
	FUZZ_PROMISE(strlen(request->password.bytes) == request->password.length);
	FUZZ_PROMISE(request->port == 0 || request->address[0] != '\0');
	add_field(frame, &length, request->login);
	add_field(frame, &length, request->password.bytes);
	add_field(frame, &length, request->service);
	add_field(frame, &length, "");
	FUZZ_PROMISE(
	    sp_saslauthd_parse((char *)frame, length, &again, &why) == SP_SASLAUTHD_COMPLETE);
	FUZZ_PROMISE(strcmp(again.login, request->login) == 0);
	FUZZ_PROMISE(strcmp(again.password.bytes, request->password.bytes) == 0);
	FUZZ_PROMISE(strcmp(again.service, request->service) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct sp_saslauthd_request wiped;
	const char *bytes = (const char *)data, *why = NULL;
	struct sp_saslauthd_request request, part;
	enum sp_saslauthd_status status = sp_saslauthd_parse(bytes, size, &request, &why);

	if (status != SP_SASLAUTHD_COMPLETE) {
		FUZZ_PROMISE(status != SP_SASLAUTHD_BAD || why != NULL);
		FUZZ_PROMISE(memcmp(&request, &wiped, sizeof(wiped)) == 0);
	}
	/* As it trickles in. */
	for (size_t i = 1; i <= 8 && status != SP_SASLAUTHD_BAD; i++)
		FUZZ_PROMISE(
		    sp_saslauthd_parse(bytes, size * i / 9, &part, &why) != SP_SASLAUTHD_BAD ||
		    status == SP_SASLAUTHD_PARTIAL);
	if (status == SP_SASLAUTHD_COMPLETE) {
		hold_complete(&request);
		hold_fields(&request, data);
	}
	return 0;
}
