/* SPDX-License-Identifier: BSD-2-Clause */
/* From: and Sender: of strangers' messages: each mailbox that is found stands in the header, and
 * no address in it goes unasked. */
#include "fuzz/fuzz.h"
#include "lib/base/text.h"
#include "milter/header_senders.h"

/* What is outside of quoted strings and comments. */
static size_t count_at_signs(const char *value)
{
	size_t count = 0;
	bool quoted = false;

	for (; *value != '\0'; value++) {
		if (*value == '\\' && quoted && value[1] != '\0')
			value++;
		else if (*value == '"')
			quoted = !quoted;
		else if (*value == '@' && !quoted)
			count++;
	}
	return count;
}

/* Angle brackets open and close in turn, with one thing in each. */
static void hold_angles(const char *value)
{
	bool in_angle = false;

	for (; *value != '\0'; value++) {
		if (*value == '<' || *value == '>') {
			FUZZ_PROMISE(in_angle == (*value == '>'));
			in_angle = !in_angle;
		}
		FUZZ_PROMISE(!in_angle || (*value != ',' && *value != ';'));
	}
	FUZZ_PROMISE(!in_angle);
}

static void hold_mailbox(const char *value, const char *mailbox)
{
	const char *at = strchr(mailbox, '@');

	FUZZ_PROMISE(strnlen(mailbox, SP_MAILBOX_MAX + 1) <= SP_MAILBOX_MAX);
	FUZZ_PROMISE(at != NULL && at > mailbox && at[1] != '\0' && strchr(at + 1, '@') == NULL);
	FUZZ_PROMISE(sp_text_is_printable_utf8(mailbox, strlen(mailbox)));
	FUZZ_PROMISE(strstr(value, mailbox) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool is_open;
	static struct sp_header_senders senders;
	char *value = fuzz_text(data, size);
	const char *why = "stale";

	if (!is_open) {
		sp_header_senders_open();
		is_open = atexit(sp_header_senders_close) == 0;
	}
	if (sp_header_senders_read(value, &senders, &why)) {
		FUZZ_PROMISE(why == NULL);
		FUZZ_PROMISE(senders.count >= 1 && senders.count <= SP_HEADER_SENDERS_MAX);
		for (size_t i = 0; i < senders.count; i++)
			hold_mailbox(value, senders.mailboxes[i]);
		/* a parenthesis in a quoted string would begin no comment */
		if (strpbrk(value, "()") == NULL)
			FUZZ_PROMISE(senders.count == count_at_signs(value));
		if (strpbrk(value, "()\"\\") == NULL)
			hold_angles(value);
		FUZZ_PROMISE(strlen(value) <= SP_HEADER_VALUE_MAX);
	} else {
		FUZZ_PROMISE(why != NULL && strcmp(why, "stale") != 0);
	}
	free(value);
	return 0;
}
