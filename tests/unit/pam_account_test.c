/* SPDX-License-Identifier: BSD-2-Clause */
/* What the built module answers behind authenticate, and what it logs. */
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

#define AUTH    "auth required " OUR_MODULE "\n"
#define ACCOUNT "account required " OUR_MODULE "\n"

static const struct fake_plan answering = {.greeting = FAKE_GREETING, .reply = FAKE_BY_PASSWORD};
static struct fake_sendpassd server;
static struct pam_host_talk talk;
static pam_handle_t *pamh;

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

static void start(const char *stack, const char *password)
{
	talk = (struct pam_host_talk){.password = password};
	pam_host_write(stack, server.path);
	pamh = pam_host_start("bob", &talk);
}

static void end(void)
{
	pam_host_end(pamh, PAM_SUCCESS);
	pam_host_remove();
}

static const struct {
	const char *password;
	int code;
} verdicts[] = {
    {"right", PAM_SUCCESS},
    {"wrong", PAM_AUTH_ERR},
    {"", PAM_AUTH_ERR},
    {"later", PAM_AUTHINFO_UNAVAIL},
    {"drop", PAM_AUTHINFO_UNAVAIL},
};

static void the_account_is_as_the_verdict_was(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(verdicts); i++) {
		print_message("  \"%s\"\n", verdicts[i].password);
		start(AUTH ACCOUNT "account required pam_permit.so\n", verdicts[i].password);
		assert_int_equal(pam_authenticate(pamh, 0), verdicts[i].code);
		unsigned asked = server.log->connections;
		assert_int_equal(pam_acct_mgmt(pamh, 0), verdicts[i].code);
		assert_int_equal(pam_acct_mgmt(pamh, 0), verdicts[i].code);
		assert_int_equal(server.log->connections, asked);
		end();
	}
}

static void an_account_without_a_verdict_is_unavailable(void **state)
{
	(void)state;
	start(AUTH ACCOUNT, "right");
	assert_int_equal(pam_acct_mgmt(pamh, 0), PAM_AUTHINFO_UNAVAIL);
	assert_int_equal(pam_host_logged("this module did not authenticate the user"), 1);
	end();

	/* Somebody else did. */
	start("auth sufficient pam_permit.so\n" AUTH ACCOUNT, "right");
	assert_int_equal(pam_authenticate(pamh, 0), PAM_SUCCESS);
	assert_int_equal(pam_acct_mgmt(pamh, 0), PAM_AUTHINFO_UNAVAIL);
	end();
}

static void a_verdict_is_about_its_user_alone(void **state)
{
	static const char *const others[] = {"eve", "bo", "bobby", "Bob", ""};

	(void)state;
	for (size_t i = 0; i < COUNT(others); i++) {
		start(AUTH ACCOUNT, "right");
		assert_int_equal(pam_authenticate(pamh, 0), PAM_SUCCESS);
		assert_int_equal(pam_set_item(pamh, PAM_USER, others[i]), PAM_SUCCESS);
		assert_int_equal(pam_acct_mgmt(pamh, 0), PAM_AUTHINFO_UNAVAIL);
		assert_int_equal(pam_set_item(pamh, PAM_USER, "bob"), PAM_SUCCESS);
		assert_int_equal(pam_acct_mgmt(pamh, 0), PAM_SUCCESS);
		end();
	}
}

static void a_failed_authentication_takes_the_old_verdict_away(void **state)
{
	static const char *const passwords[] = {"wrong", "later", NULL};

	(void)state;
	for (size_t i = 0; i < COUNT(passwords); i++) {
		start(AUTH ACCOUNT, "right");
		assert_int_equal(pam_authenticate(pamh, 0), PAM_SUCCESS);
		talk.password = passwords[i];
		int code = pam_authenticate(pamh, 0);
		assert_int_not_equal(code, PAM_SUCCESS);
		assert_int_not_equal(pam_acct_mgmt(pamh, 0), PAM_SUCCESS);
		talk.password = "right";
		assert_int_equal(pam_authenticate(pamh, 0), PAM_SUCCESS);
		assert_int_equal(pam_acct_mgmt(pamh, 0), PAM_SUCCESS);
		end();
	}
}

static void an_unusable_option_lets_no_account_in(void **state)
{
	(void)state;
	start(AUTH "account required " OUR_MODULE " nullok\naccount required pam_permit.so\n",
	    "right");
	assert_int_equal(pam_authenticate(pamh, 0), PAM_SUCCESS);
	assert_int_equal(pam_acct_mgmt(pamh, 0), PAM_SERVICE_ERR);
	assert_int_equal(pam_host_logged("option \"nullok\" is not known"), 1);
	end();
}

static void credentials_follow_the_verdict(void **state)
{
	static const int flags[] = {
	    PAM_ESTABLISH_CRED, PAM_REINITIALIZE_CRED, PAM_REFRESH_CRED, PAM_DELETE_CRED};

	(void)state;
	for (size_t i = 0; i < COUNT(verdicts); i++) {
		start(AUTH "auth required pam_permit.so\n", verdicts[i].password);
		bool granted = pam_authenticate(pamh, 0) == PAM_SUCCESS;
		for (size_t f = 0; f < COUNT(flags); f++)
			assert_int_equal(pam_setcred(pamh, flags[f]) == PAM_SUCCESS, granted);
		end();
	}
}

static void sessions_are_left_to_others(void **state)
{
	(void)state;
	start("session required " OUR_MODULE "\nsession required pam_permit.so\n", "right");
	assert_int_equal(pam_open_session(pamh, 0), PAM_SUCCESS);
	assert_int_equal(pam_close_session(pamh, 0), PAM_SUCCESS);
	end();
	start("session required " OUR_MODULE "\nsession required pam_deny.so\n", "right");
	assert_int_equal(pam_open_session(pamh, 0), PAM_SESSION_ERR);
	end();
	start("session required " OUR_MODULE "\n", "right");
	assert_int_not_equal(pam_open_session(pamh, 0), PAM_SUCCESS);
	end();
}

static void no_password_is_changed(void **state)
{
	(void)state;
	start("password required " OUR_MODULE "\npassword required pam_permit.so\n", "right");
	assert_int_equal(pam_chauthtok(pamh, 0), PAM_AUTHTOK_ERR);
	assert_int_equal(pam_host_logged("cannot be changed through PAM"), 1);
	end();
}

static const struct {
	const char *user, *tty, *ruser, *rhost;
	const char *line; /* from "tty=" on */
} failures[] = {
    {"bob", NULL, NULL, NULL, "tty= ruser= rhost= user=bob"},
    {"bob@example.org", "smtp", "anne", "192.0.2.7",
	"tty=smtp ruser=anne rhost=192.0.2.7 user=bob@example.org"},
    {"bob", NULL, NULL, "client.example.org", "tty= ruser= rhost=client.example.org user=bob"},
    {"x rhost=6.6.6.6", NULL, NULL, NULL, "tty= ruser= rhost= user=x\\x20rhost=6.6.6.6"},
    {"x", "a b", "c rhost=6.6.6.6", "d\te\r\nf",
	"tty=a\\x20b ruser=c\\x20rhost=6.6.6.6 rhost=d\\x09e\\x0d\\x0af user=x"},
    {"b\xc3\xb6"
     "b\\x20",
	NULL, NULL, NULL, "tty= ruser= rhost= user=b\\xc3\\xb6b\\x5cx20"},
    {"K7QF-2M9X-4D1H-W8S6-T0YA-B3NE-ZC5R", NULL, NULL, NULL,
	"tty= ruser= rhost= user=(looks-like-an-app-password)"},
    {"k7qf2m9x 4d1hw8s6", NULL, NULL, NULL, "tty= ruser= rhost= user=(looks-like-an-app-password)"},
    {"k7qf2m9x4d1hw8s", NULL, NULL, NULL, "tty= ruser= rhost= user=k7qf2m9x4d1hw8s"},
    {"anneundchristine", NULL, NULL, NULL, "tty= ruser= rhost= user=anneundchristine"},
    {"x\nauthentication failure;\x7f", NULL, NULL, NULL,
	"tty= ruser= rhost= user=x\\x0aauthentication\\x20failure;\\x7f"},
};

static void a_failure_is_one_line_in_the_shape_of_pam_unix(void **state)
{
	char wanted[512];

	(void)state;
	for (size_t i = 0; i < COUNT(failures); i++) {
		start(AUTH, "wrong");
		assert_int_equal(pam_set_item(pamh, PAM_USER, failures[i].user), PAM_SUCCESS);
		assert_int_equal(pam_set_item(pamh, PAM_TTY, failures[i].tty), PAM_SUCCESS);
		assert_int_equal(pam_set_item(pamh, PAM_RUSER, failures[i].ruser), PAM_SUCCESS);
		assert_int_equal(pam_set_item(pamh, PAM_RHOST, failures[i].rhost), PAM_SUCCESS);
		assert_int_equal(pam_authenticate(pamh, 0), PAM_AUTH_ERR);
		snprintf(wanted, sizeof(wanted),
		    "pam_sendpass(" PAM_HOST_SERVICE
		    ":auth): authentication failure; logname= uid=%u euid=%u %s\n",
		    (unsigned)getuid(), (unsigned)geteuid(), failures[i].line);
		if (pam_host_logged(wanted) != 1 || pam_host_logged("") != 1)
			fail_msg("\"%s\" is not the one line", wanted);
		end();
	}
}

static void a_long_name_is_clipped_in_the_log(void **state)
{
	char user[SP_LOGIN_MAX + 1] = {0}, wanted[200];

	(void)state;
	memset(user, 'u', SP_LOGIN_MAX);
	snprintf(wanted, sizeof(wanted), " user=%.128s...\n", user);
	start(AUTH, "wrong");
	assert_int_equal(pam_set_item(pamh, PAM_USER, user), PAM_SUCCESS);
	assert_int_equal(pam_authenticate(pamh, 0), PAM_AUTH_ERR);
	assert_int_equal(pam_host_logged(wanted), 1);
	end();
}

/* Nobody is to be banned for an outage. */
static void an_outage_reads_like_no_failure_of_the_client(void **state)
{
	(void)state;
	start(AUTH, "later");
	assert_int_equal(pam_set_item(pamh, PAM_RHOST, "192.0.2.7"), PAM_SUCCESS);
	assert_int_equal(pam_authenticate(pamh, 0), PAM_AUTHINFO_UNAVAIL);
	assert_int_equal(pam_host_logged("authentication failure"), 0);
	assert_int_equal(pam_host_logged("temporary failure: sendpassd cannot tell at present: see "
					 "its log; rhost=192.0.2.7 user=bob\n"),
	    1);
	assert_int_equal(pam_host_logged(""), 1);
	end();

	start(AUTH, "later");
	assert_int_equal(
	    pam_set_item(pamh, PAM_USER, "k7qf-2m9x-4d1h-w8s6-t0ya-b3ne-zc5r"), PAM_SUCCESS);
	assert_int_equal(pam_authenticate(pamh, 0), PAM_AUTHINFO_UNAVAIL);
	assert_int_equal(pam_host_logged("k7qf"), 0);
	end();
}

static void debug_tells_the_verdict_and_no_password(void **state)
{
	static const char *const names[] = {"granted", "denied", "unavailable"};
	static const char *const passwords[] = {"right", "wrong", "later"};

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		char wanted[200];
		start("auth required " OUR_MODULE " debug\naccount required " OUR_MODULE " debug\n",
		    passwords[i]);
		(void)pam_authenticate(pamh, 0);
		(void)pam_acct_mgmt(pamh, 0);
		snprintf(wanted, sizeof(wanted), "%s for service " PAM_HOST_SERVICE ", by %s\n",
		    names[i], server.path);
		assert_int_equal(pam_host_logged(wanted), 1);
		snprintf(wanted, sizeof(wanted), "the account is %s\n", names[i]);
		assert_int_equal(pam_host_logged(wanted), 1);
		assert_int_equal(pam_host_logged(passwords[i]), 0);
		end();
	}
	start(AUTH, "right");
	assert_int_equal(pam_authenticate(pamh, 0), PAM_SUCCESS);
	assert_int_equal(pam_host_logged(""), 0);
	end();
}

#define WITH_SERVER(test) cmocka_unit_test_setup_teardown(test, start_server, forget_server)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_SERVER(the_account_is_as_the_verdict_was),
	    WITH_SERVER(an_account_without_a_verdict_is_unavailable),
	    WITH_SERVER(a_verdict_is_about_its_user_alone),
	    WITH_SERVER(a_failed_authentication_takes_the_old_verdict_away),
	    WITH_SERVER(an_unusable_option_lets_no_account_in),
	    WITH_SERVER(credentials_follow_the_verdict),
	    WITH_SERVER(sessions_are_left_to_others),
	    WITH_SERVER(no_password_is_changed),
	    WITH_SERVER(a_failure_is_one_line_in_the_shape_of_pam_unix),
	    WITH_SERVER(a_long_name_is_clipped_in_the_log),
	    WITH_SERVER(an_outage_reads_like_no_failure_of_the_client),
	    WITH_SERVER(debug_tells_the_verdict_and_no_password),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
