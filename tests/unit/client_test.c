/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/base/clock.h"
#include "lib/client/client.h"
#include "tests/unit/fake_sendpassd.h"

#define COUNT(array)   (sizeof(array) / sizeof((array)[0]))
#define LONG_ENOUGH_MS 20000 /* never waited for */
#define SHORT_MS       60
#define STRANGE_ERRNO  4711

/* Asks, and checks what must hold whatever comes out. */
static enum sp_result verify_at(
    const char *path, const char *password, int timeout_ms, const char **why_r)
{
	struct sp_client client = {
	    .socket_path = path, .daemon_uid = getuid(), .timeout_ms = timeout_ms};
	struct sp_secret secret;
	struct sp_client_request request = {.login = "bob@example.org",
	    .password = &secret,
	    .mechanism = "LOGIN",
	    .service = "smtp",
	    .remote_address = "192.0.2.7",
	    .local_address = "2001:db8::25",
	    .remote_port = 51232,
	    .secured = true};
	unsigned open_before = count_open_files();

	assert_true(sp_secret_set(&secret, password, strlen(password)));
	*why_r = "stale";
	errno = STRANGE_ERRNO;
	enum sp_result result = sp_client_verify(&client, &request, why_r);
	assert_int_equal(errno, STRANGE_ERRNO);
	assert_int_equal(count_open_files(), open_before);
	if (result == SP_UNAVAILABLE)
		assert_non_null(*why_r);
	else
		assert_null(*why_r);
	return result;
}

static const struct {
	const char *name;
	struct fake_plan plan;
	enum sp_result result;
	bool waits; /* to its deadline */
	const char *why;
} servers[] = {
    {"granted", {.greeting = FAKE_GREETING, .reply = "OK\t1\tuser=bob\n"}, SP_GRANTED, false, NULL},
    {"denied", {.greeting = FAKE_GREETING, .reply = "FAIL\t1\tuser=bob\n"}, SP_DENIED, false, NULL},
    {"later", {.greeting = FAKE_GREETING, .reply = "FAIL\t1\ttemp\n"}, SP_UNAVAILABLE, false,
	"cannot tell"},
    {"later, by code", {.greeting = FAKE_GREETING, .reply = "FAIL\t1\tcode=temp_fail\n"},
	SP_UNAVAILABLE, false, "cannot tell"},
    {"one byte at a time",
	{.greeting = FAKE_GREETING, .reply = "OK\t1\tuser=bob\n", .byte_by_byte = true}, SP_GRANTED,
	false, NULL},
    {"news before the answer",
	{.greeting = FAKE_GREETING, .reply = "SPID\t2\nNEW\tx\nOK\t1\tuser=bob\n"}, SP_GRANTED,
	false, NULL},
    {"closes at once", {.greeting = NULL}, SP_UNAVAILABLE, false, "connection"},
    {"closes after the request", {.greeting = FAKE_GREETING, .reply = NULL}, SP_UNAVAILABLE, false,
	"closed"},
    {"silent from the start", {.greeting = ""}, SP_UNAVAILABLE, true, "in time"},
    {"silent in its greeting", {.greeting = "VERSION\t1\t2\nMECH\tPL"}, SP_UNAVAILABLE, true,
	"in time"},
    {"silent after the request", {.greeting = FAKE_GREETING, .reply = ""}, SP_UNAVAILABLE, true,
	"in time"},
    {"half an answer", {.greeting = FAKE_GREETING, .reply = "OK\t1\tuser=bob"}, SP_UNAVAILABLE,
	true, "in time"},
    {"a greeting without end", {.greeting = "SPID\t1\n", .endless = true}, SP_UNAVAILABLE, true,
	"in time"},
    {"a line without end",
	{.greeting = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", .endless = true},
	SP_UNAVAILABLE, false, "too long"},
    {"an HTTP server", {.greeting = "HTTP/1.1 400 Bad Request\r\n\r\n"}, SP_UNAVAILABLE, false,
	"does not speak"},
    {"PLAIN is not offered",
	{.greeting = "VERSION\t1\t2\nMECH\tLOGIN\tplaintext\nMECH\tPLAINER\nDONE\n"},
	SP_UNAVAILABLE, false, "PLAIN"},
    {"another major version", {.greeting = "VERSION\t2\t0\nMECH\tPLAIN\nDONE\n"}, SP_UNAVAILABLE,
	false, "does not speak"},
    {"no version", {.greeting = "MECH\tPLAIN\nDONE\n"}, SP_UNAVAILABLE, false, "does not speak"},
    {"answers unasked", {.greeting = "OK\t1\tuser=bob\n" FAKE_GREETING}, SP_UNAVAILABLE, false,
	"does not speak"},
    {"another's id", {.greeting = FAKE_GREETING, .reply = "OK\t2\tuser=bob\n"}, SP_UNAVAILABLE,
	false, "does not speak"},
    {"another's refusal", {.greeting = FAKE_GREETING, .reply = "FAIL\t2\n"}, SP_UNAVAILABLE, false,
	"does not speak"},
    {"no id", {.greeting = FAKE_GREETING, .reply = "OK\n"}, SP_UNAVAILABLE, false,
	"does not speak"},
    {"asks back", {.greeting = FAKE_GREETING, .reply = "CONT\t1\t\n"}, SP_UNAVAILABLE, false,
	"does not speak"},
    {"starts over", {.greeting = FAKE_GREETING, .reply = FAKE_GREETING}, SP_UNAVAILABLE, false,
	"does not speak"},
    {"a bad escape", {.greeting = FAKE_GREETING, .reply = "OK\t1\tuser=\001x\n"}, SP_UNAVAILABLE,
	false, "does not speak"},
};

static void only_a_clear_answer_counts(void **state)
{
	struct fake_sendpassd server;
	const char *why;

	(void)state;
	for (size_t i = 0; i < COUNT(servers); i++) {
		print_message("  %s\n", servers[i].name);
		int timeout_ms = servers[i].waits ? SHORT_MS : LONG_ENOUGH_MS;
		fake_sendpassd_start(&server, &servers[i].plan);
		int64_t start = sp_now_ms();
		assert_int_equal(
		    verify_at(server.path, "right", timeout_ms, &why), servers[i].result);
		int64_t took = sp_now_ms() - start;
		if (servers[i].why != NULL)
			assert_non_null(strstr(why, servers[i].why));
		if (servers[i].waits)
			assert_true(took >= SHORT_MS);
		assert_true(took < LONG_ENOUGH_MS);
		fake_sendpassd_forget(&server);
	}
}

static void the_request_says_all_that_is_known(void **state)
{
	const struct fake_plan plan = {.greeting = FAKE_GREETING, .reply = FAKE_BY_PASSWORD};
	struct fake_sendpassd server;
	const char *why;

	(void)state;
	fake_sendpassd_start(&server, &plan);
	assert_int_equal(verify_at(server.path, "right", LONG_ENOUGH_MS, &why), SP_GRANTED);
	fake_sendpassd_stop(&server);
	assert_string_equal(server.log->login, "bob@example.org");
	assert_string_equal(server.log->request.mechanism, "PLAIN");
	assert_string_equal(server.log->request.client_mechanism, "LOGIN");
	assert_string_equal(server.log->request.service, "smtp");
	assert_string_equal(server.log->request.remote_address, "192.0.2.7");
	assert_string_equal(server.log->request.local_address, "2001:db8::25");
	assert_int_equal(server.log->request.remote_port, 51232);
	assert_true(server.log->request.secured);
	fake_sendpassd_forget(&server);
}

static void what_cannot_be_right_is_denied_without_asking(void **state)
{
	const struct fake_plan plan = {.greeting = FAKE_GREETING, .reply = FAKE_BY_PASSWORD};
	char long_login[SP_LOGIN_MAX + 2] = {0}, long_password[SP_PASSWORD_MAX + 1];
	struct fake_sendpassd server;
	struct sp_secret right, empty = {0}, too_long;

	(void)state;
	memset(long_login, 'l', sizeof(long_login) - 1);
	memset(long_password, 'p', sizeof(long_password));
	assert_true(sp_secret_set(&right, "right", 5));
	assert_true(sp_secret_set(&too_long, long_password, sizeof(long_password)));
	const struct sp_client_request requests[] = {
	    {.login = "bob", .password = &empty},
	    {.login = "bob", .password = &too_long},
	    {.login = "", .password = &right},
	    {.login = NULL, .password = &right},
	    {.login = long_login, .password = &right},
	};
	fake_sendpassd_start(&server, &plan);
	struct sp_client client = {
	    .socket_path = server.path, .daemon_uid = getuid(), .timeout_ms = LONG_ENOUGH_MS};
	for (size_t i = 0; i < COUNT(requests); i++) {
		const char *why = "stale";
		assert_int_equal(sp_client_verify(&client, &requests[i], &why), SP_DENIED);
		assert_null(why);
	}
	fake_sendpassd_stop(&server);
	assert_int_equal(server.log->connections, 0);
	fake_sendpassd_forget(&server);
}

static void the_largest_login_and_password_are_asked_for(void **state)
{
	const struct fake_plan plan = {.greeting = FAKE_GREETING, .reply = FAKE_BY_PASSWORD};
	char login[SP_LOGIN_MAX + 1] = {0}, password[SP_PASSWORD_MAX];
	struct fake_sendpassd server;
	struct sp_secret secret;
	const char *why;

	(void)state;
	memset(login, 'l', SP_LOGIN_MAX);
	memset(password, 'p', sizeof(password));
	assert_true(sp_secret_set(&secret, password, sizeof(password)));
	fake_sendpassd_start(&server, &plan);
	struct sp_client client = {
	    .socket_path = server.path, .daemon_uid = getuid(), .timeout_ms = LONG_ENOUGH_MS};
	struct sp_client_request request = {.login = login, .password = &secret};
	assert_int_equal(sp_client_verify(&client, &request, &why), SP_DENIED);
	fake_sendpassd_stop(&server);
	assert_int_equal(server.log->requests, 1);
	assert_string_equal(server.log->login, login);
	fake_sendpassd_forget(&server);
}

/* A no would be about the password, which was not looked at. */
static void fields_that_do_not_fit_are_unavailable(void **state)
{
	const struct fake_plan plan = {.greeting = FAKE_GREETING, .reply = FAKE_BY_PASSWORD};
	char text[SP_SERVICE_MAX + 2] = {0};
	struct fake_sendpassd server;
	struct sp_secret right;
	const char *why;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	assert_true(sp_secret_set(&right, "right", 5));
	const struct sp_client_request requests[] = {
	    {.login = "bob", .password = &right, .service = text},
	    {.login = "bob", .password = &right, .mechanism = text},
	    {.login = "bob", .password = &right, .remote_address = text},
	    {.login = "bob", .password = &right, .local_address = text},
	};
	fake_sendpassd_start(&server, &plan);
	struct sp_client client = {
	    .socket_path = server.path, .daemon_uid = getuid(), .timeout_ms = LONG_ENOUGH_MS};
	for (size_t i = 0; i < COUNT(requests); i++)
		assert_int_equal(sp_client_verify(&client, &requests[i], &why), SP_UNAVAILABLE);
	fake_sendpassd_stop(&server);
	assert_int_equal(server.log->connections, 0);
	fake_sendpassd_forget(&server);
}

static void a_socket_that_is_not_there_is_unavailable(void **state)
{
	const struct fake_plan plan = {.greeting = FAKE_GREETING, .reply = FAKE_BY_PASSWORD};
	struct fake_sendpassd server;
	char long_path[200] = {0}, file[] = "/tmp/client-test.XXXXXX";
	const char *why;

	(void)state;
	memset(long_path, '/', sizeof(long_path) - 1);
	int fd = mkstemp(file);
	assert_true(fd >= 0);
	close(fd);
	fake_sendpassd_start(&server, &plan);
	fake_sendpassd_stop(&server);
	const struct {
		const char *path;
		const char *why;
	} cases[] = {
	    {server.path, "does not exist"},
	    {file, "nobody listens"},
	    {"", "no usable path"},
	    {NULL, "no usable path"},
	    {long_path, "no usable path"},
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(
		    verify_at(cases[i].path, "right", LONG_ENOUGH_MS, &why), SP_UNAVAILABLE);
		assert_non_null(strstr(why, cases[i].why));
	}
	unlink(file);
	fake_sendpassd_forget(&server);
}

static void a_strangers_socket_gets_no_byte(void **state)
{
	const struct fake_plan plan = {
	    .greeting = FAKE_GREETING, .reply = FAKE_BY_PASSWORD, .uid = 65534};
	struct fake_sendpassd server;
	const char *why;

	(void)state;
	if (getuid() != 0) {
		print_message("needs root, to listen as somebody else\n");
		skip();
	}
	fake_sendpassd_start(&server, &plan);
	assert_int_equal(verify_at(server.path, "right", LONG_ENOUGH_MS, &why), SP_UNAVAILABLE);
	assert_non_null(strstr(why, "somebody else"));
	fake_sendpassd_stop(&server);
	assert_int_equal(server.log->connections, 1);
	assert_int_equal(server.log->bytes, 0);
	fake_sendpassd_forget(&server);
}

static void the_named_daemons_socket_is_trusted(void **state)
{
	const struct fake_plan plan = {
	    .greeting = FAKE_GREETING, .reply = FAKE_BY_PASSWORD, .uid = 65534};
	struct fake_sendpassd server;
	struct sp_secret right;
	const char *why;

	(void)state;
	if (getuid() != 0) {
		print_message("needs root, to listen as somebody else\n");
		skip();
	}
	assert_true(sp_secret_set(&right, "right", 5));
	fake_sendpassd_start(&server, &plan);
	struct sp_client client = {
	    .socket_path = server.path, .daemon_uid = 65534, .timeout_ms = LONG_ENOUGH_MS};
	struct sp_client_request request = {.login = "bob", .password = &right};
	assert_int_equal(sp_client_verify(&client, &request, &why), SP_GRANTED);
	fake_sendpassd_forget(&server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(only_a_clear_answer_counts),
	    cmocka_unit_test(the_request_says_all_that_is_known),
	    cmocka_unit_test(what_cannot_be_right_is_denied_without_asking),
	    cmocka_unit_test(the_largest_login_and_password_are_asked_for),
	    cmocka_unit_test(fields_that_do_not_fit_are_unavailable),
	    cmocka_unit_test(a_socket_that_is_not_there_is_unavailable),
	    cmocka_unit_test(a_strangers_socket_gets_no_byte),
	    cmocka_unit_test(the_named_daemons_socket_is_trusted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
