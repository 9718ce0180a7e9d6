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

struct request_case {
	const char *name;
	const char *line;
	size_t length;
	struct sp_auth_request expected; /* but for the response */
	const char *response;
};

static const struct request_case good_requests[] = {
    {"version", LINE("VERSION\t1\t2"), {.kind = SP_AUTH_REQUEST_VERSION, .major = 1, .minor = 2},
	NULL},
    {"another major version", LINE("VERSION\t2\t0"),
	{.kind = SP_AUTH_REQUEST_VERSION, .major = 2, .minor = 0}, NULL},
    {"version with more to come", LINE("VERSION\t1\t9\tnew"),
	{.kind = SP_AUTH_REQUEST_VERSION, .major = 1, .minor = 9}, NULL},
    {"client's pid", LINE("CPID\t4711"), {.kind = SP_AUTH_REQUEST_CPID}, NULL},
    {"as Postfix sends it",
	LINE("AUTH\t7\tPLAIN\tservice=smtp\tnologin\tlip=192.0.2.1\trip=198.51.100.9\tsecured\t"
	     "resp=AGEAYg=="),
	{.kind = SP_AUTH_REQUEST_AUTH,
	    .has_id = true,
	    .id = 7,
	    .mechanism = "PLAIN",
	    .service = "smtp",
	    .local_address = "192.0.2.1",
	    .remote_address = "198.51.100.9",
	    .secured = true,
	    .has_response = true},
	"AGEAYg=="},
    {"as Exim sends it",
	LINE("AUTH\t1\tLOGIN\tservice=smtp\tsecured\tvalid-client-cert\trip=2001:db8::1\tlip=NULL\t"
	     "nologin\tresp="),
	{.kind = SP_AUTH_REQUEST_AUTH,
	    .has_id = true,
	    .id = 1,
	    .mechanism = "LOGIN",
	    .service = "smtp",
	    .remote_address = "2001:db8::1",
	    .secured = true,
	    .has_response = true},
	""},
    {"as our clients send it",
	LINE("AUTH\t1\tPLAIN\tservice=smtp\tclient_mech=LOGIN\tlip=::1\trip=fe80::1%eth0.2\t"
	     "rport=51232\tresp=AGEAYg=="),
	{.kind = SP_AUTH_REQUEST_AUTH,
	    .has_id = true,
	    .id = 1,
	    .mechanism = "PLAIN",
	    .client_mechanism = "LOGIN",
	    .service = "smtp",
	    .local_address = "::1",
	    .remote_address = "fe80::1%eth0.2",
	    .remote_port = 51232,
	    .has_response = true},
	"AGEAYg=="},
    {"no parameter at all", LINE("AUTH\t4294967295\tPLAIN"),
	{.kind = SP_AUTH_REQUEST_AUTH, .has_id = true, .id = UINT32_MAX, .mechanism = "PLAIN"},
	NULL},
    {"mechanism in lower case", LINE("AUTH\t2\tplain"),
	{.kind = SP_AUTH_REQUEST_AUTH, .has_id = true, .id = 2, .mechanism = "PLAIN"}, NULL},
    {"SMTP's empty initial response", LINE("AUTH\t2\tPLAIN\tresp=="),
	{.kind = SP_AUTH_REQUEST_AUTH,
	    .has_id = true,
	    .id = 2,
	    .mechanism = "PLAIN",
	    .has_response = true},
	""},
    {"secured with a detail", LINE("AUTH\t2\tPLAIN\tsecured=tls"),
	{.kind = SP_AUTH_REQUEST_AUTH,
	    .has_id = true,
	    .id = 2,
	    .mechanism = "PLAIN",
	    .secured = true},
	NULL},
    {"unknown parameters", LINE("AUTH\t2\tPLAIN\tno-penalty\tlport=25\tsecurely\tx=\001t"),
	{.kind = SP_AUTH_REQUEST_AUTH, .has_id = true, .id = 2, .mechanism = "PLAIN"}, NULL},
    {"empty fields", LINE("AUTH\t2\tPLAIN\t\t\tservice="),
	{.kind = SP_AUTH_REQUEST_AUTH, .has_id = true, .id = 2, .mechanism = "PLAIN"}, NULL},
    {"the last of two wins", LINE("AUTH\t2\tPLAIN\trip=192.0.2.1\trip=192.0.2.2"),
	{.kind = SP_AUTH_REQUEST_AUTH,
	    .has_id = true,
	    .id = 2,
	    .mechanism = "PLAIN",
	    .remote_address = "192.0.2.2"},
	NULL},
    {"leading zeros in the id", LINE("AUTH\t007\tPLAIN"),
	{.kind = SP_AUTH_REQUEST_AUTH, .has_id = true, .id = 7, .mechanism = "PLAIN"}, NULL},
    {"continuation", LINE("CONT\t0\tYWJj"),
	{.kind = SP_AUTH_REQUEST_CONT, .has_id = true, .has_response = true}, "YWJj"},
    {"empty continuation", LINE("CONT\t3\t"),
	{.kind = SP_AUTH_REQUEST_CONT, .has_id = true, .id = 3, .has_response = true}, ""},
    {"cancel", LINE("CANCEL\t9"), {.kind = SP_AUTH_REQUEST_CANCEL, .has_id = true, .id = 9}, NULL},
    {"unknown command", LINE("FUTURE\t1\tx"), {.kind = SP_AUTH_REQUEST_UNKNOWN}, NULL},
    {"command in lower case", LINE("auth\t1\tPLAIN"), {.kind = SP_AUTH_REQUEST_UNKNOWN}, NULL},
    {"empty line", LINE(""), {.kind = SP_AUTH_REQUEST_UNKNOWN}, NULL},
};

/* A copy of exactly length bytes, so that the sanitizer sees a read beyond. */
static void parse_request(const char *line, size_t length, struct sp_auth_request *request_r)
{
	char *exact = malloc(length > 0 ? length : 1);

	assert_non_null(exact);
	memcpy(exact, line, length);
	sp_auth_request_parse(exact, length, request_r);
	free(exact);
}

static void assert_same_request(
    const struct sp_auth_request *found, const struct sp_auth_request *expected)
{
	assert_int_equal(found->kind, expected->kind);
	assert_null(found->why);
	assert_int_equal(found->has_id, expected->has_id);
	assert_int_equal(found->id, expected->id);
	assert_int_equal(found->major, expected->major);
	assert_int_equal(found->minor, expected->minor);
	assert_string_equal(found->mechanism, expected->mechanism);
	assert_string_equal(found->client_mechanism, expected->client_mechanism);
	assert_string_equal(found->service, expected->service);
	assert_string_equal(found->remote_address, expected->remote_address);
	assert_string_equal(found->local_address, expected->local_address);
	assert_int_equal(found->remote_port, expected->remote_port);
	assert_int_equal(found->secured, expected->secured);
	assert_int_equal(found->has_response, expected->has_response);
}

static void every_good_request_reads_as_what_it_says(void **state)
{
	struct sp_auth_request found;

	(void)state;
	for (size_t i = 0; i < COUNT(good_requests); i++) {
		const struct request_case *t = &good_requests[i];
		print_message("  %s\n", t->name);
		parse_request(t->line, t->length, &found);
		assert_same_request(&found, &t->expected);
		assert_string_equal(found.response.bytes, t->response != NULL ? t->response : "");
		assert_int_equal(found.response.length, strlen(found.response.bytes));
	}
}

static const struct {
	const char *name;
	const char *line;
	size_t length;
	bool has_id;
	uint32_t id;
} bad_requests[] = {
    {"version without minor", LINE("VERSION\t1"), false, 0},
    {"version without anything", LINE("VERSION"), false, 0},
    {"version in words", LINE("VERSION\tone\ttwo"), false, 0},
    {"negative version", LINE("VERSION\t-1\t2"), false, 0},
    {"version too large", LINE("VERSION\t4294967296\t2"), false, 0},
    {"pid in words", LINE("CPID\tme"), false, 0},
    {"no pid", LINE("CPID"), false, 0},
    {"two pids", LINE("CPID\t1\t2"), false, 0},
    {"no id", LINE("AUTH"), false, 0},
    {"empty id", LINE("AUTH\t\tPLAIN"), false, 0},
    {"id with a sign", LINE("AUTH\t+1\tPLAIN"), false, 0},
    {"id with a space", LINE("AUTH\t1 \tPLAIN"), false, 0},
    {"id in hex", LINE("AUTH\t0x1\tPLAIN"), false, 0},
    {"id too large", LINE("AUTH\t4294967296\tPLAIN"), false, 0},
    {"id far too large", LINE("AUTH\t99999999999999999999999999\tPLAIN"), false, 0},
    {"NUL in the id", LINE("AUTH\t1\0\tPLAIN"), false, 0},
    {"no mechanism", LINE("AUTH\t5"), true, 5},
    {"empty mechanism", LINE("AUTH\t5\t"), true, 5},
    {"mechanism of 21", LINE("AUTH\t5\tABCDEFGHIJKLMNOPQRSTU"), true, 5},
    {"mechanism with a space", LINE("AUTH\t5\tPL AIN"), true, 5},
    {"mechanism with an escape", LINE("AUTH\t5\tPLAIN\001t"), true, 5},
    {"client_mech with a quote", LINE("AUTH\t5\tPLAIN\tclient_mech=\"X\""), true, 5},
    {"field behind resp", LINE("AUTH\t5\tPLAIN\tresp=AGEAYg==\tsecured"), true, 5},
    {"second resp", LINE("AUTH\t5\tPLAIN\tresp=\tresp="), true, 5},
    {"TAB behind resp", LINE("AUTH\t5\tPLAIN\tresp=AGEAYg==\t"), true, 5},
    {"unknown escape", LINE("AUTH\t5\tPLAIN\tservice=\001x"), true, 5},
    {"escape cut by TAB", LINE("AUTH\t5\tPLAIN\tservice=\001\tsecured"), true, 5},
    {"escape cut by the end", LINE("AUTH\t5\tPLAIN\tservice=\001"), true, 5},
    {"unknown escape in an unknown field", LINE("AUTH\t5\tPLAIN\tnew=\0012"), true, 5},
    {"escaped NUL", LINE("AUTH\t5\tPLAIN\tservice=smtp\0010"), true, 5},
    {"raw NUL", LINE("AUTH\t5\tPLAIN\tservice=smtp\0x"), true, 5},
    {"raw NUL in an unknown field", LINE("AUTH\t5\tPLAIN\tnew=\0"), true, 5},
    {"raw NUL in resp", LINE("AUTH\t5\tPLAIN\tresp=AGEA\0Yg=="), true, 5},
    {"raw CR", LINE("AUTH\t5\tPLAIN\tresp=AGEAYg==\r"), true, 5},
    {"raw LF", LINE("AUTH\t5\tPLAIN\tresp=AGEAYg==\nAUTH\t6\tPLAIN"), true, 5},
    {"service in Latin-1", LINE("AUTH\t5\tPLAIN\tservice=b\xfc"), true, 5},
    {"continuation without response", LINE("CONT\t6"), true, 6},
    {"continuation with two", LINE("CONT\t6\tYQ==\tYQ=="), true, 6},
    {"continuation without id", LINE("CONT\t\tYQ=="), false, 0},
    {"cancel without id", LINE("CANCEL"), false, 0},
    {"cancel with more", LINE("CANCEL\t6\t7"), true, 6},
    {"NUL in an unknown command", LINE("FUTURE\0"), false, 0},
};

static void every_bad_request_is_refused_and_keeps_its_id(void **state)
{
	struct sp_auth_request found;

	(void)state;
	for (size_t i = 0; i < COUNT(bad_requests); i++) {
		print_message("  %s\n", bad_requests[i].name);
		parse_request(bad_requests[i].line, bad_requests[i].length, &found);
		assert_int_equal(found.kind, SP_AUTH_REQUEST_BAD);
		assert_non_null(found.why);
		assert_int_equal(found.has_id, bad_requests[i].has_id);
		if (found.has_id)
			assert_int_equal(found.id, bad_requests[i].id);
		assert_int_equal(found.response.length, 0);
	}
}

static void a_line_cut_anywhere_is_read_within_its_bounds(void **state)
{
	struct sp_auth_request found;

	(void)state;
	for (size_t i = 0; i < COUNT(good_requests); i++) {
		const struct request_case *t = &good_requests[i];
		for (size_t length = 0; length < t->length; length++) {
			parse_request(t->line, length, &found);
			assert_true(found.kind == t->expected.kind ||
				    found.kind == SP_AUTH_REQUEST_BAD ||
				    found.kind == SP_AUTH_REQUEST_UNKNOWN);
			assert_true(found.response.length <= length);
			if (found.has_response)
				assert_memory_equal(
				    found.response.bytes, t->response, found.response.length);
		}
	}
}

/* The fields whose values are text of the host: none may carry a control byte to the log. */
static void no_control_byte_gets_into_a_text_field(void **state)
{
	static const char *const keys[] = {
	    "AUTH\t8\tPLAIN\tservice=smtp", "AUTH\t8\tPLAIN", "AUTH\t8\tPLAIN\tclient_mech=LOGIN"};
	struct sp_auth_request found;
	char line[64];

	(void)state;
	for (size_t i = 0; i < COUNT(keys); i++) {
		for (int c = 0; c <= 0x7f; c = c == 0x1f ? 0x7f : c + 1) {
			size_t length = strlen(keys[i]);
			if (c == '\t')
				continue;
			memcpy(line, keys[i], length);
			line[length] = (char)c;
			parse_request(line, length + 1, &found);
			assert_int_equal(found.kind, SP_AUTH_REQUEST_BAD);
			assert_true(found.has_id && found.id == 8);
		}
	}
}

static void what_our_clients_print_the_server_reads(void **state)
{
	struct sp_secret response;
	const struct sp_auth_offer offers[] = {
	    {.id = 1, .response = &response},
	    {.id = UINT32_MAX,
		.client_mechanism = "LOGIN",
		.service = "smtp \xc3\xa9",
		.remote_address = "2001:db8::1",
		.local_address = "192.0.2.1",
		.remote_port = 65535,
		.secured = true,
		.response = &response},
	    {.id = 2,
		.client_mechanism = "",
		.service = "",
		.remote_address = "",
		.local_address = "",
		.response = &response},
	};
	struct sp_auth_request found;
	char buffer[512];
	struct sp_text out;

	(void)state;
	assert_true(sp_secret_set(&response, "AGEAYg==", 8));
	for (size_t i = 0; i < COUNT(offers); i++) {
		const struct sp_auth_offer *offer = &offers[i];
		sp_text_init(&out, buffer, sizeof(buffer));
		sp_auth_print_offer(&out, offer);
		assert_int_equal(buffer[out.length - 1], '\n');
		parse_request(buffer, out.length - 1, &found);
		struct sp_auth_request expected = {.kind = SP_AUTH_REQUEST_AUTH,
		    .has_id = true,
		    .id = offer->id,
		    .mechanism = "PLAIN",
		    .has_response = true,
		    .remote_port = offer->remote_port,
		    .secured = offer->secured};
		if (i == 1) {
			memcpy(expected.client_mechanism, "LOGIN", 6);
			memcpy(expected.service, "smtp \xc3\xa9", 8);
			memcpy(expected.remote_address, "2001:db8::1", 12);
			memcpy(expected.local_address, "192.0.2.1", 10);
		}
		assert_same_request(&found, &expected);
		assert_string_equal(found.response.bytes, "AGEAYg==");
	}
	sp_text_init(&out, buffer, sizeof(buffer));
	sp_auth_print_client_hello(&out, 4711);
	assert_string_equal(buffer, "VERSION\t1\t2\nCPID\t4711\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_good_request_reads_as_what_it_says),
	    cmocka_unit_test(every_bad_request_is_refused_and_keeps_its_id),
	    cmocka_unit_test(a_line_cut_anywhere_is_read_within_its_bounds),
	    cmocka_unit_test(no_control_byte_gets_into_a_text_field),
	    cmocka_unit_test(what_our_clients_print_the_server_reads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
