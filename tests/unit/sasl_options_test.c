/* SPDX-License-Identifier: BSD-2-Clause */
/* The options of the built plugin inside the real libsasl2, against a scripted sendpassd. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/base/clock.h"
#include "tests/unit/fake_sendpassd.h"
#include "tests/unit/sasl_host.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct fake_plan answering = {.greeting = FAKE_GREETING, .reply = FAKE_BY_PASSWORD};
static struct fake_sendpassd server;

static int start_server(void **state)
{
	(void)state;
	fake_sendpassd_start(&server, &answering);
	return 0;
}

static int forget_server(void **state)
{
	(void)state;
	host_stop();
	fake_sendpassd_forget(&server);
	return 0;
}

static const struct {
	const char *name;
	host_attempt_fn *attempt;
} mechanisms[] = {{"PLAIN", host_plain}, {"LOGIN", host_login}};

static void an_unusable_option_is_unavailable_and_told_once(void **state)
{
	static const struct {
		const char *line, *told;
	} cases[] = {
	    {"sendpass_socket: run/auth\n", "sendpass_socket is not an absolute path"},
	    {"sendpass_socket: /xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	     "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n",
		"sendpass_socket is longer"},
	    {"sendpass_timeout: 5\n", "sendpass_timeout"},
	    {"sendpass_timeout: 1ms\n", "sendpass_timeout"},
	    {"sendpass_timeout: 1h\n", "sendpass_timeout"},
	    {"sendpass_daemon_uid: root\n", "sendpass_daemon_uid"},
	    {"sendpass_daemon_uid: 4294967295\n", "sendpass_daemon_uid"},
	};
	char conf[512];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		print_message("  %s", cases[i].line);
		bool is_socket = strncmp(cases[i].line, "sendpass_socket", 15) == 0;
		snprintf(conf, sizeof(conf), "auxprop_plugin: sendpass\n%s%s%s\n", cases[i].line,
		    is_socket ? "" : "sendpass_socket: ", is_socket ? "" : server.path);
		host_start(conf);
		for (size_t m = 0; m < COUNT(mechanisms); m++)
			assert_int_equal(
			    host_attempt(mechanisms[m].attempt, "bob", "right"), SASL_UNAVAIL);
		assert_int_equal(host_logged(cases[i].told), 1);
		host_stop();
	}
	fake_sendpassd_stop(&server);
	assert_int_equal(server.log->connections, 0);
}

static void its_timeout_is_kept(void **state)
{
	const struct fake_plan silent = {.greeting = ""};

	(void)state;
	fake_sendpassd_forget(&server);
	fake_sendpassd_start(&server, &silent);
	host_start_with_socket(server.path, "sendpass_timeout: 100ms\n");
	int64_t start = sp_now_ms();
	assert_int_equal(host_attempt(host_plain, "bob", "right"), SASL_UNAVAIL);
	int64_t took = sp_now_ms() - start;
	assert_true(took >= 100 && took < 5000);
	assert_int_equal(host_logged("in time"), 1);
	host_stop();
}

static void a_strangers_socket_gets_no_password(void **state)
{
	struct fake_plan strange = answering;
	char conf[256];

	(void)state;
	if (getuid() != 0) {
		print_message("needs root, to listen as somebody else\n");
		skip();
	}
	strange.uid = 65534;
	fake_sendpassd_forget(&server);
	fake_sendpassd_start(&server, &strange);
	snprintf(
	    conf, sizeof(conf), "auxprop_plugin: sendpass\nsendpass_socket: %s\n", server.path);
	host_start(conf);
	assert_int_equal(host_attempt(host_plain, "bob", "right"), SASL_UNAVAIL);
	host_stop();
	assert_int_equal(server.log->bytes, 0);
	snprintf(conf, sizeof(conf),
	    "auxprop_plugin: sendpass\nsendpass_socket: %s\nsendpass_daemon_uid: 65534\n",
	    server.path);
	host_start(conf);
	assert_int_equal(host_attempt(host_plain, "bob", "right"), SASL_OK);
	host_stop();
	assert_true(server.log->bytes > 0);
}

#define PLUGIN_TEST(name) cmocka_unit_test_setup_teardown(name, start_server, forget_server)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    PLUGIN_TEST(an_unusable_option_is_unavailable_and_told_once),
	    PLUGIN_TEST(its_timeout_is_kept),
	    PLUGIN_TEST(a_strangers_socket_gets_no_password),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
