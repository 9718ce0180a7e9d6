/* SPDX-License-Identifier: BSD-2-Clause */
/* One line that claims to be sendpassd's, read inside a mail server: only an OK is an OK. */
#include "fuzz/fuzz.h"
#include "lib/base/number.h"
#include "lib/base/text.h"
#include "lib/wire/auth_line.h"

static bool begins_with(const char *line, size_t size, const char *text)
{
	return size >= strlen(text) && memcmp(line, text, strlen(text)) == 0;
}

/* Zeros before a number are allowed. */
static void hold_id(const char *digits, const char *end, uint32_t id)
{
	const char *tab = memchr(digits, '\t', (size_t)(end - digits));
	uint64_t number = 0;

	if (tab == NULL)
		tab = end;
	while (digits + 1 < tab && *digits == '0')
		digits++;
	FUZZ_PROMISE(sp_parse_number_n(digits, (size_t)(tab - digits), 0, UINT32_MAX, &number) &&
		     number == id);
}

static void hold_verdict(const char *line, size_t size, const struct sp_auth_reply *reply)
{
	bool is_temporary = memmem(line, size, "\ttemp", 5) != NULL ||
			    memmem(line, size, "\tcode=temp_fail", 15) != NULL;

	switch (reply->kind) {
	case SP_AUTH_REPLY_OK:
		FUZZ_PROMISE(begins_with(line, size, "OK\t"));
		hold_id(line + 3, line + size, reply->id);
		break;
	case SP_AUTH_REPLY_TEMPORARY:
		FUZZ_PROMISE(is_temporary);
		/* fallthrough */
	case SP_AUTH_REPLY_FAIL:
		FUZZ_PROMISE(begins_with(line, size, "FAIL\t"));
		hold_id(line + 5, line + size, reply->id);
		break;
	case SP_AUTH_REPLY_CONT:
		FUZZ_PROMISE(begins_with(line, size, "CONT\t"));
		hold_id(line + 5, line + size, reply->id);
		break;
	case SP_AUTH_REPLY_BAD:
	case SP_AUTH_REPLY_VERSION:
	case SP_AUTH_REPLY_MECH:
	case SP_AUTH_REPLY_DONE:
	case SP_AUTH_REPLY_OTHER:
		break;
	}
}

/* Any login in an OK: one line, and it reads as one. */
static void hold_printing(const uint8_t *data, size_t size)
{
	char line[SP_LINE_MAX], *user = fuzz_text(data, size);
	struct sp_auth_reply reply;
	struct sp_text out;

	sp_text_init(&out, line, sizeof(line));
	sp_auth_print_ok(&out, 7, user);
	if (out.overflow) {
		FUZZ_PROMISE(out.length == 0 && strlen(user) > SP_LOGIN_MAX);
	} else {
		FUZZ_PROMISE(strchr(line, '\n') == line + out.length - 1);
		sp_auth_reply_parse(line, out.length - 1, &reply);
		FUZZ_PROMISE(reply.kind == SP_AUTH_REPLY_OK && reply.id == 7);
	}
	free(user);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *line = (const char *)data;
	struct sp_auth_reply reply;

	sp_auth_reply_parse(line, size, &reply);
	if (size > SP_LINE_MAX || memchr(line, '\0', size) != NULL ||
	    memchr(line, '\n', size) != NULL || memchr(line, '\r', size) != NULL)
		FUZZ_PROMISE(reply.kind == SP_AUTH_REPLY_BAD);
	FUZZ_PROMISE(strnlen(reply.mechanism, sizeof(reply.mechanism)) < sizeof(reply.mechanism));
	hold_verdict(line, size, &reply);
	hold_printing(data, size);
	return 0;
}
