/* SPDX-License-Identifier: BSD-2-Clause */
/* The built plugin inside the real libsasl2, against a scripted sendpassd. */
#include <dlfcn.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

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

static void the_mechanism_says_what_sendpassd_says(void **state)
{
	static const struct {
		const char *password;
		int result;
	} cases[] = {
	    {"right", SASL_OK},
	    {"wrong", SASL_BADAUTH},
	    {"later", SASL_UNAVAIL},
	    {"drop", SASL_UNAVAIL},
	};

	(void)state;
	host_start_with_socket(server.path, "");
	for (size_t m = 0; m < COUNT(mechanisms); m++) {
		for (size_t i = 0; i < COUNT(cases); i++) {
			print_message("  %s, %s\n", mechanisms[m].name, cases[i].password);
			assert_int_equal(
			    host_attempt(mechanisms[m].attempt, "bob", cases[i].password),
			    cases[i].result);
		}
	}
	assert_int_equal(host_logged("cannot tell at present"), 2);
	fake_sendpassd_stop(&server);
	for (size_t m = 0; m < COUNT(mechanisms); m++)
		assert_int_equal(host_attempt(mechanisms[m].attempt, "bob", "right"), SASL_UNAVAIL);
	assert_int_equal(host_logged("does not exist"), 2);
	host_stop();
}

/* A failed try must leave nothing behind for the next one on the connection. */
static void each_try_on_one_connection_stands_alone(void **state)
{
	(void)state;
	host_start_with_socket(server.path, "");
	sasl_conn_t *conn = host_connect(NULL);
	assert_int_equal(host_plain(conn, "bob", "wrong"), SASL_BADAUTH);
	assert_int_equal(host_login(conn, "eve", "later"), SASL_UNAVAIL);
	assert_int_equal(host_login(conn, "bob", "wrong"), SASL_BADAUTH);
	assert_int_equal(host_plain(conn, "bob", "right"), SASL_OK);
	sasl_dispose(&conn);
	host_stop();
}

static void sendpassd_learns_who_asks_from_where(void **state)
{
	static const sasl_ssf_t strength = 256;

	(void)state;
	host_start_with_socket(server.path, "");
	for (size_t m = 0; m < COUNT(mechanisms); m++) {
		assert_int_equal(host_attempt(mechanisms[m].attempt, "bob", "right"), SASL_OK);
		assert_string_equal(server.log->login, "bob");
		assert_string_equal(server.log->request.mechanism, "PLAIN");
		assert_string_equal(server.log->request.client_mechanism, mechanisms[m].name);
		assert_string_equal(server.log->request.service, HOST_SERVICE);
		assert_string_equal(server.log->request.remote_address, "198.51.100.7");
		assert_int_equal(server.log->request.remote_port, 48806);
		assert_string_equal(server.log->request.local_address, "192.0.2.25");
		assert_false(server.log->request.secured);
	}

	sasl_conn_t *conn = host_connect(NULL);
	assert_int_equal(sasl_setprop(conn, SASL_IPREMOTEPORT, "2001:db8::7;587"), SASL_OK);
	assert_int_equal(sasl_setprop(conn, SASL_SSF_EXTERNAL, &strength), SASL_OK);
	assert_int_equal(host_plain(conn, "bob", "right"), SASL_OK);
	assert_string_equal(server.log->request.remote_address, "2001:db8::7");
	assert_int_equal(server.log->request.remote_port, 587);
	assert_true(server.log->request.secured);
	sasl_dispose(&conn);

	assert_int_equal(
	    sasl_server_new("smtp", "mail.example.org", NULL, NULL, NULL, NULL, 0, &conn), SASL_OK);
	assert_int_equal(host_plain(conn, "bob", "right"), SASL_OK);
	assert_string_equal(server.log->request.remote_address, "");
	assert_string_equal(server.log->request.local_address, "");
	assert_int_equal(server.log->request.remote_port, 0);
	sasl_dispose(&conn);
	host_stop();
}

static void the_login_is_the_canonical_one(void **state)
{
	static const struct {
		const char *sent, *realm, *asked;
	} cases[] = {
	    {"bob", NULL, "bob"},
	    {"bob", "example.org", "bob@example.org"},
	    {"bob@example.net", "example.org", "bob@example.net"},
	    {"bob@example.net", NULL, "bob@example.net"},
	    {" bob ", NULL, "bob"},
	    {"j\xc3\xbcrg", NULL, "j\xc3\xbcrg"},
	    {"*)(uid=*", NULL, "*)(uid=*"},
	};

	(void)state;
	host_start_with_socket(server.path, "");
	for (size_t i = 0; i < COUNT(cases); i++) {
		for (size_t m = 0; m < COUNT(mechanisms); m++) {
			sasl_conn_t *conn = host_connect(cases[i].realm);
			assert_int_equal(
			    mechanisms[m].attempt(conn, cases[i].sent, "right"), SASL_OK);
			assert_string_equal(server.log->login, cases[i].asked);
			sasl_dispose(&conn);
		}
	}
	host_stop();
}

static void where_it_is_not_named_it_does_nothing(void **state)
{
	static const struct {
		const char *name, *conf;
	} cases[] = {
	    {"auxprop_plugin is unset", "pwcheck_method: auxprop\n"},
	    {"nothing is set", ""},
	    {"another plugin is named", "auxprop_plugin: sasldb\n"},
	    {"names that begin or end alike", "auxprop_plugin: sendpass2 xsendpass send pass\n"},
	    {"another method is set", "auxprop_plugin: sendpass\npwcheck_method: saslauthd\n"},
	    {"a method cut short", "auxprop_plugin: sendpass\npwcheck_method: aux\n"},
	    {"a method that begins alike",
		"auxprop_plugin: sendpass\npwcheck_method: auxprop-hashed\n"},
	};
	char conf[512];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		print_message("  %s\n", cases[i].name);
		snprintf(conf, sizeof(conf), "%ssendpass_socket: %s\nsendpass_daemon_uid: %u\n",
		    cases[i].conf, server.path, (unsigned)getuid());
		host_start(conf);
		for (size_t m = 0; m < COUNT(mechanisms); m++)
			assert_int_not_equal(
			    host_attempt(mechanisms[m].attempt, "bob", "right"), SASL_OK);
		assert_int_equal(host_logged("sendpass:"), 0);
		host_stop();
	}
	fake_sendpassd_stop(&server);
	assert_int_equal(server.log->connections, 0);
}

static void it_is_found_among_other_names(void **state)
{
	static const char *const confs[] = {
	    "auxprop_plugin: sendpass\n",
	    "auxprop_plugin: sasldb SendPass\npwcheck_method: auxprop\n",
	    "auxprop_plugin:   sendpass \t sasldb\npwcheck_method: AuxProp\n",
	};
	char conf[512];

	(void)state;
	for (size_t i = 0; i < COUNT(confs); i++) {
		snprintf(conf, sizeof(conf), "%ssendpass_socket: %s\nsendpass_daemon_uid: %u\n",
		    confs[i], server.path, (unsigned)getuid());
		host_start(conf);
		assert_int_equal(host_attempt(host_plain, "bob", "right"), SASL_OK);
		assert_int_equal(host_attempt(host_plain, "bob", "wrong"), SASL_BADAUTH);
		host_stop();
	}
}

static void another_login_is_not_acted_for(void **state)
{
	static const char *const foreign[] = {"root", "bobby", "bo", "Bob"};

	(void)state;
	host_start_with_socket(server.path, "");
	for (size_t i = 0; i < COUNT(foreign); i++) {
		sasl_conn_t *conn = host_connect(NULL);
		assert_int_equal(host_plain_as(conn, foreign[i], "bob", "right"), SASL_BADAUTH);
		sasl_dispose(&conn);
	}
	assert_int_equal(server.log->connections, 0);
	sasl_conn_t *conn = host_connect(NULL);
	assert_int_equal(host_plain_as(conn, "bob", "bob", "right"), SASL_OK);
	sasl_dispose(&conn);
	host_stop();
}

static void what_cannot_be_a_password_is_refused_unasked(void **state)
{
	static const struct {
		const char *name, *login, *password;
		size_t login_length, password_length;
	} cases[] = {
	    {"NUL inside the password", "bob", "right\0x", 3, 7},
	    {"NUL behind the password", "bob", "right\0", 3, 6},
	    {"NUL inside the login", "bob\0x", "right", 5, 5},
	    {"password begins with NUL", "bob", "\0right", 3, 6},
	    {"empty password", "bob", "", 3, 0},
	};
	char *large = malloc(65536);

	(void)state;
	assert_non_null(large);
	memset(large, 'x', 65535);
	large[65535] = '\0';
	host_start_with_socket(server.path, "");
	for (size_t i = 0; i < COUNT(cases); i++) {
		print_message("  %s\n", cases[i].name);
		sasl_conn_t *conn = host_connect(NULL);
		assert_int_equal(
		    host_login_name(conn, cases[i].login, cases[i].login_length), SASL_CONTINUE);
		assert_int_equal(
		    host_login_password(conn, cases[i].password, cases[i].password_length),
		    SASL_BADAUTH);
		sasl_dispose(&conn);
	}
	assert_int_equal(host_attempt(host_plain, "bob", ""), SASL_BADAUTH);
	assert_int_equal(host_attempt(host_plain, "bob", large), SASL_BADAUTH);
	large[SP_PASSWORD_MAX + 1] = '\0';
	assert_int_equal(host_attempt(host_plain, "bob", large), SASL_BADAUTH);
	large[SP_LOGIN_MAX + 1] = '\0';
	assert_int_equal(host_attempt(host_plain, large, "right"), SASL_BADAUTH);
	host_stop();
	free(large);
	fake_sendpassd_stop(&server);
	assert_int_equal(server.log->connections, 0);
}

static void connections_do_not_mix(void **state)
{
	(void)state;
	host_start_with_socket(server.path, "");
	sasl_conn_t *first = host_connect("one.example"), *second = host_connect("two.example");
	assert_int_equal(host_login_name(first, "bob", 3), SASL_CONTINUE);
	assert_int_equal(host_login_name(second, "eve", 3), SASL_CONTINUE);
	assert_int_equal(host_login_password(second, "wrong", 5), SASL_BADAUTH);
	assert_string_equal(server.log->login, "eve@two.example");
	sasl_dispose(&second);
	assert_int_equal(host_login_password(first, "right", 5), SASL_OK);
	assert_string_equal(server.log->login, "bob@one.example");
	sasl_dispose(&first);
	host_stop();
}

#define THREADS 8

static void *attempt_in_thread(void *password)
{
	sasl_conn_t *conn = NULL;
	intptr_t result = SASL_FAIL;

	if (sasl_server_new("smtp", "mail.example.org", NULL, NULL, NULL, NULL, 0, &conn) ==
	    SASL_OK)
		result = host_plain(conn, "bob", password);
	sasl_dispose(&conn);
	return (void *)result;
}

static void threads_do_not_disturb_each_other(void **state)
{
	static char *passwords[] = {"right", "wrong"};
	struct fake_plan together = answering;
	pthread_t threads[THREADS];
	void *result;

	(void)state;
	together.together = THREADS; /* so that all of them are under way at once */
	fake_sendpassd_forget(&server);
	fake_sendpassd_start(&server, &together);
	host_start_with_socket(server.path, "");
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, attempt_in_thread, passwords[i % 2]), 0);
	for (size_t i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(threads[i], &result), 0);
		assert_int_equal((int)(intptr_t)result, i % 2 == 0 ? SASL_OK : SASL_BADAUTH);
	}
	host_stop();
}

static void ten_thousand_checks_leave_no_file_open(void **state)
{
	static const char *const passwords[] = {"right", "wrong", "later", "drop"};
	static const int results[] = {SASL_OK, SASL_BADAUTH, SASL_UNAVAIL, SASL_UNAVAIL};

	(void)state;
	host_start_with_socket(server.path, "");
	unsigned before = count_open_files();
	for (size_t i = 0; i < 10000; i++)
		assert_int_equal(
		    host_attempt(mechanisms[i / 4 % 2].attempt, "bob", passwords[i % 4]),
		    results[i % 4]);
	assert_int_equal(count_open_files(), before);
	host_stop();
}

/* As Exim does for every AUTH. */
static void it_can_be_unloaded_and_loaded_again(void **state)
{
	(void)state;
	host_start_with_socket(server.path, "");
	host_stop();
	unsigned before = count_open_files();
	for (int i = 0; i < 300; i++) {
		host_start_with_socket(server.path, "");
		assert_int_equal(host_attempt(host_plain, "bob", "right"), SASL_OK);
		host_stop();
		assert_null(dlopen(SP_TEST_PLUGIN, RTLD_NOW | RTLD_NOLOAD));
	}
	assert_int_equal(count_open_files(), before);
}

#define PLUGIN_TEST(name) cmocka_unit_test_setup_teardown(name, start_server, forget_server)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    PLUGIN_TEST(the_mechanism_says_what_sendpassd_says),
	    PLUGIN_TEST(each_try_on_one_connection_stands_alone),
	    PLUGIN_TEST(sendpassd_learns_who_asks_from_where),
	    PLUGIN_TEST(the_login_is_the_canonical_one),
	    PLUGIN_TEST(where_it_is_not_named_it_does_nothing),
	    PLUGIN_TEST(it_is_found_among_other_names),
	    PLUGIN_TEST(another_login_is_not_acted_for),
	    PLUGIN_TEST(what_cannot_be_a_password_is_refused_unasked),
	    PLUGIN_TEST(connections_do_not_mix),
	    PLUGIN_TEST(threads_do_not_disturb_each_other),
	    PLUGIN_TEST(ten_thousand_checks_leave_no_file_open),
	    PLUGIN_TEST(it_can_be_unloaded_and_loaded_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
