/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/wire/saslauthd_request.h"

struct frame {
	char bytes[8192];
	size_t length;
};

static void add_n(struct frame *frame, const char *bytes, size_t length)
{
	frame->bytes[frame->length++] = (char)(length >> 8);
	frame->bytes[frame->length++] = (char)(length & 0xff);
	memcpy(frame->bytes + frame->length, bytes, length);
	frame->length += length;
}

static void add(struct frame *frame, const char *text)
{
	add_n(frame, text, strlen(text));
}

static struct frame frame_of(const char *login, const char *password, const char *service,
    const char *realm, const char *address)
{
	struct frame frame = {.length = 0};

	add(&frame, login);
	add(&frame, password);
	add(&frame, service);
	add(&frame, realm);
	if (address != NULL)
		add(&frame, address);
	return frame;
}

static enum sp_saslauthd_status parse(
    const struct frame *frame, struct sp_saslauthd_request *request, const char **why)
{
	/* A copy of its own, so that a sanitizer sees any read past the end. */
	char *bytes = test_malloc(frame->length + 1);

	memcpy(bytes, frame->bytes, frame->length);
	enum sp_saslauthd_status status = sp_saslauthd_parse(bytes, frame->length, request, why);
	test_free(bytes);
	return status;
}

static void login_and_realm_are_joined_and_the_address_is_read(void **state)
{
	static const struct {
		const char *name, *login, *realm, *address, *joined, *ip;
		uint16_t port;
	} cases[] = {
	    {"no realm", "bob@example.org", "", NULL, "bob@example.org", "", 0},
	    {"realm", "bob", "example.org", NULL, "bob@example.org", "", 0},
	    {"realm and at", "bob@a", "b", NULL, "bob@a@b", "", 0},
	    {"address", "bob", "", "192.0.2.7;51232", "bob", "192.0.2.7", 51232},
	    {"IPv6", "bob", "", "2001:db8::7;25", "bob", "2001:db8::7", 25},
	    {"no port", "bob", "", "192.0.2.7", "bob", "192.0.2.7", 0},
	    {"bad port", "bob", "", "192.0.2.7;70000", "bob", "192.0.2.7", 0},
	    {"no address", "bob", "", "unknown;1", "bob", "", 0},
	    {"empty address", "bob", "", "", "bob", "", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct frame frame =
		    frame_of(cases[i].login, "pw", "smtp", cases[i].realm, cases[i].address);
		struct sp_saslauthd_request request;
		const char *why;
		if (parse(&frame, &request, &why) != SP_SASLAUTHD_COMPLETE ||
		    strcmp(request.login, cases[i].joined) != 0 ||
		    strcmp(request.address, cases[i].ip) != 0 || request.port != cases[i].port ||
		    strcmp(request.password.bytes, "pw") != 0 ||
		    strcmp(request.service, "smtp") != 0)
			fail_msg("%s: login %s, address %s, port %d", cases[i].name, request.login,
			    request.address, request.port);
	}
}

static void a_request_cut_anywhere_is_partial_until_its_4th_field(void **state)
{
	struct frame frame = frame_of("bob", "pw", "smtp", "", "192.0.2.7;1");
	size_t four = frame.length - 2 - strlen("192.0.2.7;1"), whole = frame.length;
	struct sp_saslauthd_request request;
	const char *why;

	(void)state;
	for (frame.length = 0; frame.length <= whole; frame.length++) {
		enum sp_saslauthd_status expected = frame.length == four || frame.length == whole
							? SP_SASLAUTHD_COMPLETE
							: SP_SASLAUTHD_PARTIAL;
		if (parse(&frame, &request, &why) != expected)
			fail_msg("cut at %zu", frame.length);
	}
}

static void what_is_over_its_limit_is_refused_and_not_cut(void **state)
{
	static char long_text[2048];
	static const struct {
		size_t login, password, service, realm;
		enum sp_saslauthd_status status;
	} cases[] = {
	    {SP_LOGIN_MAX, 1, 1, 0, SP_SASLAUTHD_COMPLETE},
	    {SP_LOGIN_MAX + 1, 1, 1, 0, SP_SASLAUTHD_BAD},
	    {SP_LOGIN_MAX - 2, 1, 1, 1, SP_SASLAUTHD_COMPLETE},
	    {SP_LOGIN_MAX - 1, 1, 1, 1, SP_SASLAUTHD_BAD},
	    {1, SP_SASLAUTHD_FIELD_MAX, 1, 0, SP_SASLAUTHD_COMPLETE},
	    {1, SP_SASLAUTHD_FIELD_MAX + 1, 1, 0, SP_SASLAUTHD_BAD},
	    {1, 1, SP_SERVICE_MAX, 0, SP_SASLAUTHD_COMPLETE},
	    {1, 1, SP_SERVICE_MAX + 1, 0, SP_SASLAUTHD_BAD},
	    {0, 0, 0, 0, SP_SASLAUTHD_COMPLETE},
	};
	struct sp_saslauthd_request request;
	const char *why;

	(void)state;
	memset(long_text, 'x', sizeof(long_text));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct frame frame = {.length = 0};
		add_n(&frame, long_text, cases[i].login);
		add_n(&frame, long_text, cases[i].password);
		add_n(&frame, long_text, cases[i].service);
		add_n(&frame, long_text, cases[i].realm);
		if (parse(&frame, &request, &why) != cases[i].status)
			fail_msg("case %zu", i);
		if (cases[i].status == SP_SASLAUTHD_BAD && why == NULL)
			fail_msg("case %zu gives no reason", i);
	}
}

static void a_field_over_its_limit_is_refused_before_it_has_come(void **state)
{
	struct frame frame = {.bytes = "\xff\xff", .length = 2};
	struct sp_saslauthd_request request;
	const char *why;

	(void)state;
	assert_int_equal(parse(&frame, &request, &why), SP_SASLAUTHD_BAD);
}

static void nul_bytes_and_glued_requests_are_refused(void **state)
{
	struct frame nul = {.length = 0}, glued = frame_of("bob", "pw", "smtp", "", "");
	struct sp_saslauthd_request request;
	const char *why;

	(void)state;
	add_n(&nul, "bo\0b", 4);
	assert_int_equal(parse(&nul, &request, &why), SP_SASLAUTHD_BAD);
	add(&glued, "bob");
	assert_int_equal(parse(&glued, &request, &why), SP_SASLAUTHD_BAD);
}

static void replies_are_what_every_client_understands(void **state)
{
	char reply[SP_SASLAUTHD_REPLY_MAX];

	(void)state;
	assert_int_equal(sp_saslauthd_print_reply(SP_GRANTED, reply), 4);
	assert_memory_equal(reply, "\0\2OK", 4);
	assert_int_equal(sp_saslauthd_print_reply(SP_DENIED, reply), 4);
	assert_memory_equal(reply, "\0\2NO", 4);
	assert_int_equal(sp_saslauthd_print_reply(SP_UNAVAILABLE, reply), 2);
	assert_memory_equal(reply, "\0\0", 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(login_and_realm_are_joined_and_the_address_is_read),
	    cmocka_unit_test(a_request_cut_anywhere_is_partial_until_its_4th_field),
	    cmocka_unit_test(what_is_over_its_limit_is_refused_and_not_cut),
	    cmocka_unit_test(a_field_over_its_limit_is_refused_before_it_has_come),
	    cmocka_unit_test(nul_bytes_and_glued_requests_are_refused),
	    cmocka_unit_test(replies_are_what_every_client_understands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
