/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/wire/auth_field.h"
#include "lib/wire/auth_line.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define LINE(text)   .line = (text), .length = sizeof(text) - 1

/* A copy of exactly length bytes, so that the sanitizer sees a read beyond. */
static void parse_request(const char *line, size_t length, struct sp_auth_request *request_r)
{
	char *exact = malloc(length > 0 ? length : 1);

	assert_non_null(exact);
	memcpy(exact, line, length);
	sp_auth_request_parse(exact, length, request_r);
	free(exact);
}

static void only_numeric_addresses_are_kept(void **state)
{
	static const struct {
		const char *address;
		bool kept;
	} cases[] = {
	    {"192.0.2.1", true},
	    {"2001:db8::1", true},
	    {"::ffff:192.0.2.1", true},
	    {"::", true},
	    {"fe80::1%2", true},
	    {"fe80::1%wlan0", true},
	    {"NULL", false},
	    {"unknown", false},
	    {"", false},
	    {"192.0.2.1 ", false},
	    {"192.0.2.256", false},
	    {"192.0.2", false},
	    {"0x7f.0.0.1", false},
	    {"[::1]", false},
	    {"IPv6:::1", false},
	    {"192.0.2.1%eth0", false},
	    {"fe80::1%", false},
	    {"fe80::1%a b", false},
	    {"%eth0", false},
	    {"mail.example.org", false},
	    {"192.0.2.1;25", false},
	    {"/run/socket", false},
	    {"fe80::1%\001t", false},
	};
	struct sp_auth_request found;
	char line[128];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		int length = snprintf(line, sizeof(line), "AUTH\t1\tPLAIN\trip=%s\tlip=%s",
		    cases[i].address, cases[i].address);
		print_message("  %s\n", cases[i].address);
		parse_request(line, (size_t)length, &found);
		assert_int_equal(found.kind, SP_AUTH_REQUEST_AUTH);
		assert_string_equal(found.remote_address, cases[i].kept ? cases[i].address : "");
		assert_string_equal(found.local_address, cases[i].kept ? cases[i].address : "");
	}
}

static void an_unreadable_port_is_no_port(void **state)
{
	static const struct {
		const char *port;
		uint16_t expected;
	} cases[] = {{"25", 25}, {"65535", 65535}, {"0", 0}, {"65536", 0}, {"-1", 0}, {"", 0},
	    {"smtp", 0}, {"25 ", 0}};
	struct sp_auth_request found;
	char line[64];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		int length =
		    snprintf(line, sizeof(line), "AUTH\t1\tPLAIN\trport=%s", cases[i].port);
		parse_request(line, (size_t)length, &found);
		assert_int_equal(found.kind, SP_AUTH_REQUEST_AUTH);
		assert_int_equal(found.remote_port, cases[i].expected);
	}
}

static void fields_at_their_limit_pass_and_one_byte_more_is_refused(void **state)
{
	static const struct {
		const char *before;
		size_t limit;
	} cases[] = {
	    {"AUTH\t3\t", SP_MECHANISM_MAX},
	    {"AUTH\t3\tPLAIN\tclient_mech=", SP_MECHANISM_MAX},
	    {"AUTH\t3\tPLAIN\tservice=", SP_SERVICE_MAX},
	    {"AUTH\t3\tPLAIN\trip=", SP_ADDRESS_MAX},
	    {"AUTH\t3\tPLAIN\tlip=", SP_ADDRESS_MAX},
	    {"AUTH\t3\tPLAIN\tresp=", SP_SECRET_MAX},
	    {"CONT\t3\t", SP_SECRET_MAX},
	};
	struct sp_auth_request found;
	char line[SP_LINE_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		size_t length = strlen(cases[i].before);
		memcpy(line, cases[i].before, length);
		memset(line + length, 'A', cases[i].limit + 1);
		parse_request(line, length + cases[i].limit, &found);
		assert_int_not_equal(found.kind, SP_AUTH_REQUEST_BAD);
		parse_request(line, length + cases[i].limit + 1, &found);
		assert_int_equal(found.kind, SP_AUTH_REQUEST_BAD);
		assert_true(found.has_id && found.id == 3);
	}
}

static void lines_at_their_limit_pass_and_more_is_refused(void **state)
{
	struct sp_auth_request found;
	char line[SP_LINE_MAX + 1];

	(void)state;
	memset(line, 'x', sizeof(line));
	memcpy(line, "AUTH\t3\tPLAIN\tx", 14);
	parse_request(line, SP_LINE_MAX, &found);
	assert_int_equal(found.kind, SP_AUTH_REQUEST_AUTH);
	parse_request(line, SP_LINE_MAX + 1, &found);
	assert_int_equal(found.kind, SP_AUTH_REQUEST_BAD);
	assert_true(found.has_id && found.id == 3);

	size_t length = 12; /* three fields so far */
	memset(line + length, '\t', SP_AUTH_FIELDS_MAX);
	parse_request(line, length + SP_AUTH_FIELDS_MAX - 3, &found);
	assert_int_equal(found.kind, SP_AUTH_REQUEST_AUTH);
	parse_request(line, length + SP_AUTH_FIELDS_MAX - 2, &found);
	assert_int_equal(found.kind, SP_AUTH_REQUEST_BAD);
	assert_true(found.has_id && found.id == 3);
}

static void every_byte_survives_escaping(void **state)
{
	char value[256], back[256], buffer[600];
	struct sp_text out;

	(void)state;
	for (int c = 1; c <= 255; c++)
		value[c - 1] = (char)c;
	value[255] = '\0';
	sp_text_init(&out, buffer, sizeof(buffer));
	struct sp_auth_writer writer = sp_auth_line_start(&out, "X");
	sp_auth_add_field(&writer, "", value);
	sp_auth_line_end(&writer);
	assert_false(out.overflow);
	assert_null(sp_auth_line_fault(buffer, out.length - 1));

	struct sp_auth_field field = {.bytes = buffer + 2, .length = out.length - 3};
	assert_true(sp_auth_field_copy(&field, back, sizeof(back)));
	assert_string_equal(back, value);
	assert_false(sp_auth_field_copy(&field, back, sizeof(back) - 1));
	assert_string_equal(back, "");
}

/* Whole lines or nothing, for every size of the buffer. */
static void a_line_that_does_not_fit_is_left_out_whole(void **state)
{
	static const char cookie[33] = "0123456789abcdef0123456789abcdef";
	char whole[512], buffer[512];
	struct sp_text out;

	(void)state;
	sp_text_init(&out, whole, sizeof(whole));
	sp_auth_print_server_hello(&out, 1, 2, cookie);
	sp_auth_print_temporary(&out, 1, "bob");
	assert_false(out.overflow);
	size_t length = out.length;
	for (size_t size = 1; size <= length + 1; size++) {
		sp_text_init(&out, buffer, size);
		sp_auth_print_server_hello(&out, 1, 2, cookie);
		sp_auth_print_temporary(&out, 1, "bob");
		assert_int_equal(out.overflow, size <= length);
		assert_int_equal(strlen(buffer), out.length);
		assert_true(out.length == 0 || buffer[out.length - 1] == '\n');
		for (const char *line = buffer; *line != '\0'; line = strchr(line, '\n') + 1) {
			char alone[64] = {0};
			memcpy(alone, line, (size_t)(strchr(line, '\n') - line) + 1);
			assert_non_null(strstr(whole, alone));
		}
	}
}

static void the_server_speaks_as_postfix_and_exim_expect(void **state)
{
	char buffer[512];
	struct sp_text out;

	(void)state;
	sp_text_init(&out, buffer, sizeof(buffer));
	sp_auth_print_server_hello(&out, 12, 34, "0123456789abcdef0123456789abcdef");
	sp_auth_print_cont(&out, 1, "");
	sp_auth_print_cont(&out, 1, "Username:");
	sp_auth_print_ok(&out, 1, "bob@example.org");
	sp_auth_print_fail(&out, 2, NULL);
	sp_auth_print_fail(&out, 3, "b\tb");
	sp_auth_print_temporary(&out, 4, "bob");
	assert_false(out.overflow);
	assert_string_equal(buffer,
	    "VERSION\t1\t2\nMECH\tPLAIN\tplaintext\nMECH\tLOGIN\tplaintext\nSPID\t12\nCUID\t34\n"
	    "COOKIE\t0123456789abcdef0123456789abcdef\nDONE\n"
	    "CONT\t1\t\nCONT\t1\tVXNlcm5hbWU6\nOK\t1\tuser=bob@example.org\nFAIL\t2\n"
	    "FAIL\t3\tuser=b\001tb\nFAIL\t4\tuser=bob\tcode=temp_fail\ttemp\n");

	char challenge[SP_AUTH_CHALLENGE_MAX + 2] = {0};
	memset(challenge, 'x', SP_AUTH_CHALLENGE_MAX);
	sp_auth_print_cont(&out, 1, challenge);
	assert_false(out.overflow);
	challenge[SP_AUTH_CHALLENGE_MAX] = 'x';
	sp_auth_print_cont(&out, 1, challenge);
	assert_true(out.overflow);
}

static const struct {
	const char *name;
	const char *line;
	size_t length;
	struct sp_auth_reply expected;
} replies[] = {
    {"version", LINE("VERSION\t1\t2"), {.kind = SP_AUTH_REPLY_VERSION, .major = 1}},
    {"version without minor", LINE("VERSION\t1"), {.kind = SP_AUTH_REPLY_VERSION, .major = 1}},
    {"no version", LINE("VERSION\t"), {.kind = SP_AUTH_REPLY_BAD}},
    {"mechanism", LINE("MECH\tPLAIN\tplaintext"),
	{.kind = SP_AUTH_REPLY_MECH, .mechanism = "PLAIN"}},
    {"mechanism alone", LINE("MECH\tX"), {.kind = SP_AUTH_REPLY_MECH, .mechanism = "X"}},
    {"no mechanism", LINE("MECH"), {.kind = SP_AUTH_REPLY_BAD}},
    {"empty mechanism", LINE("MECH\t\tplaintext"), {.kind = SP_AUTH_REPLY_BAD}},
    {"mechanism of 21", LINE("MECH\tABCDEFGHIJKLMNOPQRSTU"), {.kind = SP_AUTH_REPLY_BAD}},
    {"done", LINE("DONE"), {.kind = SP_AUTH_REPLY_DONE}},
    {"granted", LINE("OK\t1\tuser=bob"), {.kind = SP_AUTH_REPLY_OK, .id = 1}},
    {"granted to nobody in particular", LINE("OK\t1"), {.kind = SP_AUTH_REPLY_OK, .id = 1}},
    {"granted without id", LINE("OK"), {.kind = SP_AUTH_REPLY_BAD}},
    {"granted with a strange id", LINE("OK\t1x\tuser=bob"), {.kind = SP_AUTH_REPLY_BAD}},
    {"granted with a large id", LINE("OK\t4294967297\tuser=x"), {.kind = SP_AUTH_REPLY_BAD}},
    {"granted with a NUL", LINE("OK\t1\tuser=b\0b"), {.kind = SP_AUTH_REPLY_BAD}},
    {"granted with a bad escape", LINE("OK\t1\tuser=\001"), {.kind = SP_AUTH_REPLY_BAD}},
    {"denied", LINE("FAIL\t2\tuser=bob"), {.kind = SP_AUTH_REPLY_FAIL, .id = 2}},
    {"denied, with a reason", LINE("FAIL\t2\treason=no\tcode=user_disabled"),
	{.kind = SP_AUTH_REPLY_FAIL, .id = 2}},
    {"denied, user named temp", LINE("FAIL\t2\tuser=temp"), {.kind = SP_AUTH_REPLY_FAIL, .id = 2}},
    {"denied without id", LINE("FAIL\ttemp"), {.kind = SP_AUTH_REPLY_BAD}},
    {"later, old form", LINE("FAIL\t2\ttemp"), {.kind = SP_AUTH_REPLY_TEMPORARY, .id = 2}},
    {"later, new form", LINE("FAIL\t2\tuser=x\tcode=temp_fail"),
	{.kind = SP_AUTH_REPLY_TEMPORARY, .id = 2}},
    {"challenge", LINE("CONT\t3\tVXNlcm5hbWU6"), {.kind = SP_AUTH_REPLY_CONT, .id = 3}},
    {"challenge without id", LINE("CONT\t\tVXNlcm5hbWU6"), {.kind = SP_AUTH_REPLY_BAD}},
    {"server's pid", LINE("SPID\t1"), {.kind = SP_AUTH_REPLY_OTHER}},
    {"cookie", LINE("COOKIE\tabc"), {.kind = SP_AUTH_REPLY_OTHER}},
    {"a later version's line", LINE("FUTURE"), {.kind = SP_AUTH_REPLY_OTHER}},
    {"empty line", LINE(""), {.kind = SP_AUTH_REPLY_OTHER}},
    {"lower case", LINE("ok\t1\tuser=bob"), {.kind = SP_AUTH_REPLY_OTHER}},
};

static void every_reply_reads_as_what_it_says(void **state)
{
	struct sp_auth_reply found;

	(void)state;
	for (size_t i = 0; i < COUNT(replies); i++) {
		print_message("  %s\n", replies[i].name);
		sp_auth_reply_parse(replies[i].line, replies[i].length, &found);
		assert_int_equal(found.kind, replies[i].expected.kind);
		assert_int_equal(found.id, replies[i].expected.id);
		assert_int_equal(found.major, replies[i].expected.major);
		assert_string_equal(found.mechanism, replies[i].expected.mechanism);
	}
}

/* Cut short, a no may still read as a no and a yes as a yes to the same or a shorter id, but a
 * refusal never turns into a yes. */
static void no_cut_turns_another_reply_into_a_yes(void **state)
{
	struct sp_auth_reply found;

	(void)state;
	for (size_t i = 0; i < COUNT(replies); i++) {
		for (size_t length = 0; length < replies[i].length; length++) {
			char *exact = malloc(length + 1);
			assert_non_null(exact);
			memcpy(exact + 1, replies[i].line, length);
			sp_auth_reply_parse(exact + 1, length, &found);
			free(exact);
			if (memcmp(replies[i].line, "OK\t", 3) != 0)
				assert_int_not_equal(found.kind, SP_AUTH_REPLY_OK);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(only_numeric_addresses_are_kept),
	    cmocka_unit_test(an_unreadable_port_is_no_port),
	    cmocka_unit_test(fields_at_their_limit_pass_and_one_byte_more_is_refused),
	    cmocka_unit_test(lines_at_their_limit_pass_and_more_is_refused),
	    cmocka_unit_test(every_byte_survives_escaping),
	    cmocka_unit_test(a_line_that_does_not_fit_is_left_out_whole),
	    cmocka_unit_test(the_server_speaks_as_postfix_and_exim_expect),
	    cmocka_unit_test(every_reply_reads_as_what_it_says),
	    cmocka_unit_test(no_cut_turns_another_reply_into_a_yes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
