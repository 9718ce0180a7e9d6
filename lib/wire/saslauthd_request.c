/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/wire/saslauthd_request.h"

#include <string.h>

#include "lib/base/text.h"
#include "lib/wire/address.h"

#define FIELDS             5
#define FIELDS_OF_RELEASES 4

enum { LOGIN, PASSWORD, SERVICE, REALM, ADDRESS };

struct field {
	const char *bytes;
	size_t length;
};

/* Splits bytes into fields; *count_r is how many are whole. */
static enum sp_saslauthd_status split(const char *bytes, size_t length,
    struct field fields_r[FIELDS], size_t *count_r, const char **why_r)
{
	*count_r = 0;
	while (length > 0) {
		*why_r = "bytes after the last field";
		if (*count_r == FIELDS)
			return SP_SASLAUTHD_BAD;
		if (length < 2)
			return SP_SASLAUTHD_PARTIAL;
		size_t size = (size_t)(unsigned char)bytes[0] << 8 | (unsigned char)bytes[1];
		*why_r = "a field over its limit";
		if (size > SP_SASLAUTHD_FIELD_MAX)
			return SP_SASLAUTHD_BAD;
		if (size > length - 2)
			return SP_SASLAUTHD_PARTIAL;
		*why_r = "a NUL in a field";
		if (memchr(bytes + 2, '\0', size) != NULL)
			return SP_SASLAUTHD_BAD;
		fields_r[(*count_r)++] = (struct field){bytes + 2, size};
		bytes += 2 + size;
		length -= 2 + size;
	}
	return *count_r >= FIELDS_OF_RELEASES ? SP_SASLAUTHD_COMPLETE : SP_SASLAUTHD_PARTIAL;
}

static bool copy(struct sp_text *to, const struct field *field)
{
	sp_text_add_n(to, field->bytes, field->length);
	return !to->overflow;
}

/* libsasl2 takes the realm off the login at its last '@'; here it is put back. */
static bool join_login(
    const struct field *login, const struct field *realm, char login_r[SP_LOGIN_MAX + 1])
{
	struct sp_text text;

	sp_text_init(&text, login_r, SP_LOGIN_MAX + 1);
	if (!copy(&text, login))
		return false;
	if (realm->length == 0)
		return true;
	sp_text_add(&text, "@");
	return copy(&text, realm);
}

static bool fill(const struct field *fields, size_t count, struct sp_saslauthd_request *request,
    const char **why_r)
{
	struct sp_text service;

	sp_text_init(&service, request->service, sizeof(request->service));
	*why_r = "login and realm are too long";
	if (!join_login(&fields[LOGIN], &fields[REALM], request->login))
		return false;
	*why_r = "the service is too long, or no printable UTF-8";
	if (!copy(&service, &fields[SERVICE]) ||
	    !sp_text_is_printable_utf8(service.bytes, service.length))
		return false;
	*why_r = "the password cannot be taken";
	if (!sp_secret_set(&request->password, fields[PASSWORD].bytes, fields[PASSWORD].length))
		return false;
	if (count > ADDRESS) /* for the log: what is no address is no reason to refuse */
		sp_endpoint_copy(fields[ADDRESS].bytes, fields[ADDRESS].length, request->address,
		    &request->port);
	*why_r = NULL;
	return true;
}

enum sp_saslauthd_status sp_saslauthd_parse(
    const char *bytes, size_t length, struct sp_saslauthd_request *request_r, const char **why_r)
{
	struct field fields[FIELDS];
	size_t count;
	enum sp_saslauthd_status status = split(bytes, length, fields, &count, why_r);

	explicit_bzero(request_r, sizeof(*request_r));
	if (status == SP_SASLAUTHD_COMPLETE && !fill(fields, count, request_r, why_r)) {
		explicit_bzero(request_r, sizeof(*request_r));
		return SP_SASLAUTHD_BAD;
	}
	return status;
}

size_t sp_saslauthd_print_reply(enum sp_result result, char reply_r[SP_SASLAUTHD_REPLY_MAX])
{
	switch (result) {
	case SP_GRANTED:
		memcpy(reply_r, "\0\2OK", 4);
		return 4;
	case SP_DENIED:
		memcpy(reply_r, "\0\2NO", 4);
		return 4;
	case SP_UNAVAILABLE:
		break;
	}
	memcpy(reply_r, "\0\0", 2);
	return 2;
}
