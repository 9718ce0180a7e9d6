/* SPDX-License-Identifier: BSD-2-Clause */
/* The built module's authenticate inside the real libpam, against a scripted sendpassd. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/fake_sendpassd.h"
#include "tests/unit/pam_host.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define ALONE "auth required " OUR_MODULE "\n"

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
	fake_sendpassd_forget(&server);
	return 0;
}

static void libpam_says_what_sendpassd_says(void **state)
{
	static const struct {
		const char *password;
		int code;
	} cases[] = {
	    {"right", PAM_SUCCESS},
	    {"wrong", PAM_AUTH_ERR},
	    {"later", PAM_AUTHINFO_UNAVAIL},
	    {"drop", PAM_AUTHINFO_UNAVAIL},
	};

	(void)state;
	pam_host_write(ALONE, server.path);
	for (size_t i = 0; i < COUNT(cases); i++) {
		print_message("  %s\n", cases[i].password);
		assert_int_equal(pam_host_login("bob", cases[i].password), cases[i].code);
	}
	assert_int_equal(pam_host_logged("temporary failure: sendpassd cannot tell"), 1);
	assert_int_equal(pam_host_logged("temporary failure: sendpassd closed"), 1);
	fake_sendpassd_stop(&server);
	assert_int_equal(pam_host_login("bob", "right"), PAM_AUTHINFO_UNAVAIL);
	assert_int_equal(
	    pam_host_logged("temporary failure: sendpassd's socket does not exist"), 1);
	pam_host_remove();
}

/* The neighbours stand for modules that know other passwords, and agree or refuse. */
#define PERMIT "auth required pam_permit.so\n"
#define DENY   "auth required pam_deny.so\n"
/* The line that docs/pam.md has for the time of a migration. */
#define MIGRATING "auth [success=done auth_err=ignore default=die] " OUR_MODULE

static const struct {
	const char *name;
	const char *stack;
	int right, wrong, later;
} stacks[] = {
    {"required", ALONE, PAM_SUCCESS, PAM_AUTH_ERR, PAM_AUTHINFO_UNAVAIL},
    {"required before one that agrees", ALONE PERMIT, PAM_SUCCESS, PAM_AUTH_ERR,
	PAM_AUTHINFO_UNAVAIL},
    {"required behind one that agrees", PERMIT ALONE, PAM_SUCCESS, PAM_AUTH_ERR,
	PAM_AUTHINFO_UNAVAIL},
    {"required before one that refuses", ALONE DENY, PAM_AUTH_ERR, PAM_AUTH_ERR,
	PAM_AUTHINFO_UNAVAIL},
    {"requisite before one that agrees", "auth requisite " OUR_MODULE "\n" PERMIT, PAM_SUCCESS,
	PAM_AUTH_ERR, PAM_AUTHINFO_UNAVAIL},
    {"optional alone", "auth optional " OUR_MODULE "\n", PAM_SUCCESS, PAM_PERM_DENIED,
	PAM_PERM_DENIED},
    /* What sufficient makes of an outage is why the manual warns of it. */
    {"sufficient before one that refuses", "auth sufficient " OUR_MODULE "\n" DENY, PAM_SUCCESS,
	PAM_AUTH_ERR, PAM_AUTH_ERR},
    {"a jump over one that refuses", "auth [success=1 default=die] " OUR_MODULE "\n" DENY PERMIT,
	PAM_SUCCESS, PAM_AUTH_ERR, PAM_AUTHINFO_UNAVAIL},
    {"a jump over one that refuses, else ignored",
	"auth [success=1 default=ignore] " OUR_MODULE "\n" DENY PERMIT, PAM_SUCCESS, PAM_AUTH_ERR,
	PAM_AUTH_ERR},
    {"migrating, not known to the other", MIGRATING "\n" DENY, PAM_SUCCESS, PAM_AUTH_ERR,
	PAM_AUTHINFO_UNAVAIL},
    {"migrating, known to the other", MIGRATING "\n" PERMIT, PAM_SUCCESS, PAM_SUCCESS,
	PAM_AUTHINFO_UNAVAIL},
};

static void stacks_end_as_their_lines_say(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(stacks); i++) {
		print_message("  %s\n", stacks[i].name);
		pam_host_write(stacks[i].stack, server.path);
		assert_int_equal(pam_host_login("bob", "right"), stacks[i].right);
		assert_int_equal(pam_host_login("bob", "wrong"), stacks[i].wrong);
		assert_int_equal(pam_host_login("bob", "later"), stacks[i].later);
		pam_host_remove();
	}
}

/* Whatever the line's control, a word that we do not know lets nobody in. */
static void an_unusable_option_lets_nobody_in(void **state)
{
	static const struct {
		const char *name;
		const char *stack;
		int code;
	} cases[] = {
	    {"alone", "auth required " OUR_MODULE " nullok\n", PAM_SERVICE_ERR},
	    {"before one that agrees", "auth required " OUR_MODULE " timeout=soon\n" PERMIT,
		PAM_SERVICE_ERR},
	    {"behind one that agrees", PERMIT "auth required " OUR_MODULE " socket=auth\n",
		PAM_SERVICE_ERR},
	    {"sufficient", "auth sufficient " OUR_MODULE " daemon_uid=root\n" DENY, PAM_AUTH_ERR},
	    {"a jump", "auth [success=1 default=ignore] " OUR_MODULE " service=\n" DENY PERMIT,
		PAM_AUTH_ERR},
	    {"migrating", MIGRATING " debug=1\n" PERMIT, PAM_SERVICE_ERR},
	    {"where an outage is ignored",
		"auth [success=done authinfo_unavail=ignore default=die] " OUR_MODULE " x\n" PERMIT,
		PAM_SERVICE_ERR},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		print_message("  %s\n", cases[i].name);
		pam_host_write(cases[i].stack, server.path);
		assert_int_equal(pam_host_login("bob", "right"), cases[i].code);
		assert_int_equal(pam_host_logged("option \""), 1);
		pam_host_remove();
	}
	fake_sendpassd_stop(&server);
	assert_int_equal(server.log->connections, 0);
}

static void what_nobody_can_have_is_refused_without_asking(void **state)
{
	char password[SP_PASSWORD_MAX + 2] = {0}, login[SP_LOGIN_MAX + 2] = {0};
	char huge[5000] = {0};

	(void)state;
	memset(password, 'p', sizeof(password) - 1);
	memset(login, 'l', sizeof(login) - 1);
	memset(huge, 'p', sizeof(huge) - 1);
	pam_host_write(ALONE, server.path);
	assert_int_equal(pam_host_login("bob", ""), PAM_AUTH_ERR);
	assert_int_equal(pam_host_login("bob", password), PAM_AUTH_ERR);
	assert_int_equal(pam_host_login("bob", huge), PAM_AUTH_ERR);
	assert_int_equal(pam_host_login(login, "right"), PAM_AUTH_ERR);
	assert_int_equal(server.log->connections, 0);

	password[SP_PASSWORD_MAX] = '\0';
	login[SP_LOGIN_MAX] = '\0';
	assert_int_equal(pam_host_login("bob", password), PAM_AUTH_ERR);
	assert_int_equal(pam_host_login(login, "right"), PAM_SUCCESS);
	assert_int_equal(server.log->requests, 2);
	assert_int_equal(pam_host_logged("authentication failure;"), 5);
	pam_host_remove();
}

static void flags_let_no_empty_password_in(void **state)
{
	static const int flags[] = {0, PAM_SILENT, PAM_DISALLOW_NULL_AUTHTOK};
	struct pam_host_talk talk = {.password = ""};

	(void)state;
	pam_host_write(ALONE, server.path);
	for (size_t i = 0; i < COUNT(flags); i++) {
		pam_handle_t *pamh = pam_host_start("bob", &talk);
		assert_int_equal(pam_authenticate(pamh, flags[i]), PAM_AUTH_ERR);
		pam_host_end(pamh, PAM_AUTH_ERR);
	}
	pam_host_remove();
}

/* With a stack of two lines of ours, the first one is who asks. */
static void the_password_of_a_module_before_is_taken(void **state)
{
	static const char *const seconds[] = {"", " use_first_pass", " try_first_pass"};
	char stack[256];

	(void)state;
	for (size_t i = 0; i < COUNT(seconds); i++) {
		struct pam_host_talk talk = {.password = "right"};
		unsigned before = server.log->requests;
		snprintf(stack, sizeof(stack),
		    "auth optional " OUR_MODULE "\nauth required " OUR_MODULE "%s\n", seconds[i]);
		pam_host_write(stack, server.path);
		pam_handle_t *pamh = pam_host_start("bob", &talk);
		assert_int_equal(pam_authenticate(pamh, 0), PAM_SUCCESS);
		pam_host_end(pamh, PAM_SUCCESS);
		assert_int_equal(talk.calls, 1);
		assert_int_equal(server.log->requests - before, 2);
		pam_host_remove();
	}
}

static void use_first_pass_never_asks(void **state)
{
	struct pam_host_talk talk = {.password = "right"};

	(void)state;
	pam_host_write("auth required " OUR_MODULE " use_first_pass\n" PERMIT, server.path);
	pam_handle_t *pamh = pam_host_start("bob", &talk);
	assert_int_equal(pam_authenticate(pamh, 0), PAM_AUTHTOK_RECOVERY_ERR);
	pam_host_end(pamh, PAM_AUTHTOK_RECOVERY_ERR);
	assert_int_equal(talk.calls, 0);
	assert_int_equal(pam_host_logged("no password to check: use_first_pass"), 1);
	pam_host_remove();
	fake_sendpassd_stop(&server);
	assert_int_equal(server.log->connections, 0);
}

static void a_host_that_does_not_answer_is_an_error(void **state)
{
	static const struct {
		const char *user;
		struct pam_host_talk talk;
		int code;
	} cases[] = {
	    {"bob", {.password = NULL}, PAM_AUTHTOK_ERR},
	    {"bob", {.password = "right", .failures = 9, .failure = PAM_CONV_ERR}, PAM_AUTHTOK_ERR},
	    {"bob", {.password = "right", .failures = 9, .failure = PAM_BUF_ERR}, PAM_AUTHTOK_ERR},
	    {NULL, {.password = "right"}, PAM_CONV_ERR},
	    {NULL, {.user = "bob"}, PAM_AUTHTOK_ERR},
	};

	(void)state;
	pam_host_write(ALONE, server.path);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct pam_host_talk talk = cases[i].talk;
		pam_handle_t *pamh = pam_host_start(cases[i].user, &talk);
		assert_int_equal(pam_authenticate(pamh, 0), cases[i].code);
		pam_host_end(pamh, cases[i].code);
	}
	pam_host_remove();
	fake_sendpassd_stop(&server);
	assert_int_equal(server.log->connections, 0);
}

static void an_event_driven_host_may_come_back_with_the_user(void **state)
{
	struct pam_host_talk talk = {
	    .user = "bob", .password = "right", .failures = 1, .failure = PAM_CONV_AGAIN};

	(void)state;
	pam_host_write(ALONE, server.path);
	pam_handle_t *pamh = pam_host_start(NULL, &talk);
	assert_int_equal(pam_authenticate(pamh, 0), PAM_INCOMPLETE);
	assert_int_equal(pam_authenticate(pamh, 0), PAM_SUCCESS);
	pam_host_end(pamh, PAM_SUCCESS);
	pam_host_remove();
}

static const struct {
	const char *option, *rhost;
	const char *service, *address;
} items[] = {
    {"", NULL, PAM_HOST_SERVICE, ""},
    {"", "", PAM_HOST_SERVICE, ""},
    {"", "192.0.2.7", PAM_HOST_SERVICE, "192.0.2.7"},
    {"", "2001:db8::7", PAM_HOST_SERVICE, "2001:db8::7"},
    {"", "fe80::7%eth0", PAM_HOST_SERVICE, "fe80::7%eth0"},
    {"", "client.example.org", PAM_HOST_SERVICE, ""},
    {"", "192.0.2.7.example.org", PAM_HOST_SERVICE, ""},
    {"", "192.0.2.7;587", PAM_HOST_SERVICE, ""},
    {"", "192.0.2.7\trport=1", PAM_HOST_SERVICE, ""},
    {"", "a-name-longer-than-any-address-0123456789-0123456789-0123456789.example.org",
	PAM_HOST_SERVICE, ""},
    {" service=smtp", "192.0.2.7", "smtp", "192.0.2.7"},
};

static void service_and_address_arrive_at_the_server(void **state)
{
	char stack[256];

	(void)state;
	for (size_t i = 0; i < COUNT(items); i++) {
		struct pam_host_talk talk = {.password = "right"};
		snprintf(stack, sizeof(stack), "auth required " OUR_MODULE "%s\n", items[i].option);
		pam_host_write(stack, server.path);
		pam_handle_t *pamh = pam_host_start("bob@example.org", &talk);
		assert_int_equal(pam_set_item(pamh, PAM_RHOST, items[i].rhost), PAM_SUCCESS);
		assert_int_equal(pam_authenticate(pamh, 0), PAM_SUCCESS);
		pam_host_end(pamh, PAM_SUCCESS);
		assert_string_equal(server.log->login, "bob@example.org");
		assert_string_equal(server.log->request.mechanism, "PLAIN");
		assert_string_equal(server.log->request.client_mechanism, "");
		assert_string_equal(server.log->request.service, items[i].service);
		assert_string_equal(server.log->request.remote_address, items[i].address);
		assert_int_equal(server.log->request.remote_port, 0);
		assert_false(server.log->request.secured);
		pam_host_remove();
	}
}

static unsigned delay_us;

static void note_delay(int code, unsigned us, void *data)
{
	(void)code, (void)data;
	delay_us = us;
}

static void no_delay_is_asked_for(void **state)
{
	static const char *const passwords[] = {"wrong", "later", ""};
	void (*function)(int, unsigned, void *) = note_delay;
	struct pam_host_talk talk = {0};

	(void)state;
	pam_host_write(ALONE, server.path);
	for (size_t i = 0; i < COUNT(passwords); i++) {
		talk.password = passwords[i];
		delay_us = 4711;
		pam_handle_t *pamh = pam_host_start("bob", &talk);
		assert_int_equal(
		    pam_set_item(pamh, PAM_FAIL_DELAY, *(const void **)&function), PAM_SUCCESS);
		assert_int_not_equal(pam_authenticate(pamh, 0), PAM_SUCCESS);
		pam_host_end(pamh, PAM_AUTH_ERR);
		assert_int_equal(delay_us, 0);
	}
	pam_host_remove();
}

#define WITH_SERVER(test) cmocka_unit_test_setup_teardown(test, start_server, forget_server)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_SERVER(libpam_says_what_sendpassd_says),
	    WITH_SERVER(stacks_end_as_their_lines_say),
	    WITH_SERVER(an_unusable_option_lets_nobody_in),
	    WITH_SERVER(what_nobody_can_have_is_refused_without_asking),
	    WITH_SERVER(flags_let_no_empty_password_in),
	    WITH_SERVER(the_password_of_a_module_before_is_taken),
	    WITH_SERVER(use_first_pass_never_asks),
	    WITH_SERVER(a_host_that_does_not_answer_is_an_error),
	    WITH_SERVER(an_event_driven_host_may_come_back_with_the_user),
	    WITH_SERVER(service_and_address_arrive_at_the_server),
	    WITH_SERVER(no_delay_is_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
