/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/text.h"
#include "milter/header_senders.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct sp_header_senders senders;
static const char *why;

static bool read_header(const char *value)
{
	/* a copy of its own size, so that a sanitizer sees a step too far */
	char *copy = strdup(value);

	assert_non_null(copy);
	why = "stale";
	bool ok = sp_header_senders_read(copy, &senders, &why);
	free(copy);
	return ok;
}

/* What is wanted: the mailboxes with blanks between them. */
static const struct {
	const char *value, *mailboxes;
} readable[] = {
    {"alice@example.org", "alice@example.org"},
    {"<alice@example.org>", "alice@example.org"},
    {"Alice <alice@example.org>", "alice@example.org"},
    {"Dr. Alice B. <alice@example.org>", "alice@example.org"},
    {"\"B., Alice\" <alice@example.org>", "alice@example.org"},
    {"\"boss@corp.org\" <alice@example.org>", "alice@example.org"},
    {"\"boss\\\"@corp.org\" <alice@example.org>", "alice@example.org"},
    {"\"a (b\" <alice@example.org>", "alice@example.org"},
    {"alice@example.org (Alice)", "alice@example.org"},
    {"alice@example.org (a (b \\) \") c)", "alice@example.org"},
    {"=?utf-8?q?Boss?= <alice@example.org>", "alice@example.org"},
    {"=?utf-8?b?Ym9zc0Bjb3JwLm9yZw==?= <alice@example.org>", "alice@example.org"},
    {"=?utf-8?q?boss=40corp.org=3E?= <alice@example.org>", "alice@example.org"},
    {"=?x?y?z?= =?utf-8?q?broken <alice@example.org>", "alice@example.org"},
    {"J\xc3\xb6rg <alice@example.org>", "alice@example.org"},
    {"J\xf6rg <alice@example.org>", "alice@example.org"},
    {"\xc3\xa4lice@example.org", "\xc3\xa4lice@example.org"},
    {"alice@ex\xc3\xa4mple.org", "alice@ex\xc3\xa4mple.org"},
    {"alice@xn--exmple-cua.org", "alice@xn--exmple-cua.org"},
    {"alice+tag@EXAMPLE.org", "alice+tag@EXAMPLE.org"},
    {"alice%corp.org@example.org", "alice%corp.org@example.org"},
    {"alice@example", "alice@example"},
    {"alice@[192.0.2.1]", "alice@[192.0.2.1]"},
    {"\"al\"@example.org", "\"al\"@example.org"},
    {" \t alice@example.org\t", "alice@example.org"},
    {"Alice\r\n <alice@example.org>", "alice@example.org"},
    {"Alice\n\t<alice@example.org>", "alice@example.org"},
    {"a@x.org, B <b@x.org>", "a@x.org b@x.org"},
    {"a@x.org,, b@x.org,", "a@x.org b@x.org"},
    {"boss@corp.org, <alice@example.org>", "boss@corp.org alice@example.org"},
    {"boss@corp.org, B. <alice@example.org>", "boss@corp.org alice@example.org"},
    {"g: a@x.org, <b@x.org>;, c@x.org", "a@x.org b@x.org c@x.org"},
    {"g:;, a@x.org", "a@x.org"},
};

static void every_mailbox_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(readable); i++) {
		char found[1024];
		struct sp_text text;
		if (!read_header(readable[i].value))
			fail_msg("%s: %s", readable[i].value, why);
		assert_null(why);
		sp_text_init(&text, found, sizeof(found));
		for (size_t at = 0; at < senders.count; at++)
			sp_text_addf(&text, "%s%s", at > 0 ? " " : "", senders.mailboxes[at]);
		assert_string_equal(found, readable[i].mailboxes);
	}
}

#define NONE      "holds no address"
#define NO_DOMAIN "holds an address without a domain"
#define UNSURE    "cannot be read as addresses"
#define CONTROLS  "holds control characters"

static const struct {
	const char *value, *why;
} unreadable[] = {
    {"", NONE},
    {" \t", NONE},
    {"g:;", NONE},
    {"undisclosed-recipients:;", NONE},
    {"g:(alice@example.org);", NONE},
    {"<>", UNSURE},
    {"(alice@example.org)", UNSURE},
    {"alice", NO_DOMAIN},
    {"Alice, B. <alice@example.org>", NO_DOMAIN},
    {"<alice@example.org>, boss", NO_DOMAIN},
    {"=?utf-8?q?alice=40example.org?=", NO_DOMAIN},
    /* another address beside the one that is found */
    {"boss@corp.org <alice@example.org>", UNSURE},
    {"alice@example.org <boss@corp.org>", UNSURE},
    {"<alice@example.org> <boss@corp.org>", UNSURE},
    {"<alice@example.org><boss@corp.org>", UNSURE},
    {"alice@example.org boss@corp.org", UNSURE},
    {"alice@example.org; boss@corp.org", UNSURE},
    {"Alice <alice@example.org>; Boss <boss@corp.org>", UNSURE},
    {"<boss@corp.org>alice@example.org", UNSURE},
    {"Alice <alice@example.org> boss@corp.org", UNSURE},
    {"Alice <alice@example.org> Boss", UNSURE},
    {"alice@example.org, boss@corp.org;", UNSURE},
    {"alice@example.org@corp.org", UNSURE},
    {"alice@example.org\\,<boss@corp.org>", UNSURE},
    {"[boss@corp.org],<alice@example.org>", UNSURE},
    {"\\boss@corp.org <alice@example.org>", UNSURE},
    {"'boss@corp.org' <alice@example.org>", UNSURE},
    {"boss@corp.org/x@example.org", UNSURE},
    {"boss@corp.org:alice@example.org", UNSURE},
    /* what GMime drops without a word */
    {"<@corp.org:alice@example.org>", UNSURE},
    {"<@corp.org,@b.org:alice@example.org>", UNSURE},
    {"<(\")@corp.org:(\")alice@example.org>", UNSURE},
    {"\"\\\"\" <@corp.org:alice@example.org>", UNSURE},
    {"boss(@corp.org)@example.org", UNSURE},
    {"alice@example.org (boss@corp.org)", UNSURE},
    {"=?utf-8?q?=40?= <@corp.org:alice@example.org>", UNSURE},
    /* what other readers may see apart */
    {"alice @ example . org", UNSURE},
    {"alice(x)@example.org", UNSURE},
    {"alice@\r\n example.org", UNSURE},
    {"\"boss@corp.org\"@example.org", UNSURE},
    {"alice@xn--a.org", UNSURE},
    /* encoded words are no addresses */
    {"<=?utf-8?q?alice?=@example.org>", UNSURE},
    {"=?utf-8?q?alice?=@example.org", UNSURE},
    {"=?utf-8?q?Alice_<boss@corp.org>?= <alice@example.org>", UNSURE},
    {"=?utf-8?Q?boss@corp.org,?= alice@example.org", UNSURE},
    {"=?utf-8?q?Alice@work?= <alice@example.org>", UNSURE},
    /* what does not close */
    {"alice@example.org (x", UNSURE},
    {"\"x <alice@example.org>", UNSURE},
    {"Alice \"x <alice@example.org>", UNSURE},
    {"<alice@example.org", UNSURE},
    {"alice@example.org>", UNSURE},
    {"<<alice@example.org>>", UNSURE},
    {"alice@[192.0.2.1", UNSURE},
    {"<boss,alice@example.org>", UNSURE},
    {"<[[,alice@example.org>", UNSURE},
    {"<;alice@example.org>", UNSURE},
    /* no addresses */
    {"alice@", UNSURE},
    {"@example.org", UNSURE},
    {"alice@@example.org", UNSURE},
    {"alice..b@example.org", UNSURE},
    {"alice@example..org", UNSURE},
    {"alice@exa mple.org", UNSURE},
    {"al\\ice@example.org", UNSURE},
    {"<mailto:alice@example.org>", UNSURE},
    {"\xe4lice@example.org", UNSURE},
    {"alice@example.org\xc2\xa0<boss@corp.org>", UNSURE},
    {"alice@example.org\xc2\x85", UNSURE},
    {"g: h: a@x.org;;", UNSURE},
    /* controls */
    {"alice@example.org\r", CONTROLS},
    {"alice@example.org\rFrom: boss@corp.org", CONTROLS},
    {"alice@example.org\nFrom: boss@corp.org", CONTROLS},
    {"alice@example.org\r\nFrom: boss@corp.org", CONTROLS},
    {"alice@example.org\n", CONTROLS},
    {"alice@example.org\x01", CONTROLS},
    {"\x1b[2J alice@example.org", CONTROLS},
    {"alice\x7f@example.org", CONTROLS},
};

static void what_others_may_read_differently_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(unreadable); i++) {
		if (read_header(unreadable[i].value))
			fail_msg("read: %s", unreadable[i].value);
		if (strcmp(why, unreadable[i].why) != 0)
			fail_msg("%s: %s", unreadable[i].value, why);
	}
}

static void numbers_and_lengths_are_bounded(void **state)
{
	char value[SP_HEADER_VALUE_MAX + 2];
	char longest[SP_MAILBOX_MAX + 2];
	struct sp_text text;

	(void)state;
	sp_text_init(&text, value, sizeof(value));
	sp_text_add(&text, "a@x.org");
	for (size_t i = 1; i < SP_HEADER_SENDERS_MAX; i++)
		sp_text_add(&text, ",a@x.org");
	assert_true(read_header(value));
	assert_int_equal(senders.count, SP_HEADER_SENDERS_MAX);
	sp_text_add(&text, ",a@x.org");
	assert_false(read_header(value));
	assert_string_equal(why, "holds more than 16 addresses");

	memset(longest, 'a', sizeof(longest));
	memcpy(longest + SP_MAILBOX_MAX - 6, "@x.org", 7);
	assert_true(read_header(longest));
	memset(longest, 'a', sizeof(longest));
	memcpy(longest + SP_MAILBOX_MAX - 5, "@x.org", 7);
	assert_false(read_header(longest));

	memset(value, ' ', sizeof(value));
	memcpy(value, "a@x.org", 7);
	value[SP_HEADER_VALUE_MAX] = '\0';
	assert_true(read_header(value));
	value[SP_HEADER_VALUE_MAX] = ' ';
	value[SP_HEADER_VALUE_MAX + 1] = '\0';
	assert_false(read_header(value));
	assert_string_equal(why, "is too long");
}

/* As deep as a header can nest, which must not cost the stack. */
static void depth_is_bounded(void **state)
{
	static const char *const pieces[] = {"(", "g:", "\"", "<", "@", ",", ";", "=?", "[", "\\",
	    /* for which GMime's strict mode loses memory each time, as a sanitizer tells */
	    "g>,", "g:a>;", "<,", "\"\":"};
	char value[SP_HEADER_VALUE_MAX + 1];

	(void)state;
	for (size_t i = 0; i < COUNT(pieces); i++) {
		size_t length = strlen(pieces[i]), at = 0;
		for (; at + length <= SP_HEADER_VALUE_MAX; at += length)
			memcpy(value + at, pieces[i], length);
		value[at] = '\0';
		assert_false(read_header(value));
		memcpy(value + at - 7, "a@x.org", 8);
		if (read_header(value))
			assert_string_equal(pieces[i], ",");
	}
}

/* Whatever is read, each mailbox stands in the header, and there is no '@' more than
 * those of the mailboxes, outside of what is quoted. */
static void no_shuffled_header_is_read_too_far(void **state)
{
	static const char *const pieces[] = {"alice@example.org", "boss@corp.org", "<", ">", ",",
	    ";", ":", "\"", "(", ")", "@", " ", "\r\n ", "\\", "=?utf-8?q?x?=", "g", "[", "]", ".",
	    "\xc3\xa4", "xn--4ca"};
	uint32_t seed = 4711;

	(void)state;
	for (int round = 0; round < 50000; round++) {
		char value[512];
		struct sp_text text;
		bool quotes = false;
		size_t signs = 0;
		sp_text_init(&text, value, sizeof(value));
		for (int i = 0; i < 8; i++) {
			seed = seed * 1664525 + 1013904223;
			const char *piece = pieces[(seed >> 16) % COUNT(pieces)];
			quotes = quotes || strchr("\"", piece[0]) != NULL;
			signs += strchr(piece, '@') != NULL;
			sp_text_add(&text, piece);
		}
		if (!read_header(value))
			continue;
		if (!quotes)
			assert_int_equal(signs, senders.count);
		for (size_t i = 0; i < senders.count; i++)
			assert_non_null(strstr(value, senders.mailboxes[i]));
	}
}

static int open_once(void **state)
{
	(void)state;
	sp_header_senders_open();
	return 0;
}

static int close_once(void **state)
{
	(void)state;
	sp_header_senders_close();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_mailbox_is_found),
	    cmocka_unit_test(what_others_may_read_differently_is_refused),
	    cmocka_unit_test(numbers_and_lengths_are_bounded),
	    cmocka_unit_test(depth_is_bounded),
	    cmocka_unit_test(no_shuffled_header_is_read_too_far),
	};

	return cmocka_run_group_tests(tests, open_once, close_once);
}
