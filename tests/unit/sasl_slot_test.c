/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The checkpass slot of the real libsasl2: what may be asked after us, and what
 * happens where a password does not pass through the slot.
 */
#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <sasl/sasl.h>
#include <sasl/saslplug.h>

#include "tests/unit/fake_saslauthd.h"
#include "tests/unit/fake_sendpassd.h"
#include "tests/unit/sasl_host.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct fake_sendpassd server;
static struct fake_saslauthd saslauthd;

static int start_servers(void **state)
{
	static const struct fake_plan answering = {
	    .greeting = FAKE_GREETING, .reply = FAKE_BY_PASSWORD};

	(void)state;
	fake_sendpassd_start(&server, &answering);
	fake_saslauthd_start(&saslauthd);
	return 0;
}

static int stop_servers(void **state)
{
	(void)state;
	host_stop();
	fake_saslauthd_stop(&saslauthd);
	fake_sendpassd_forget(&server);
	return 0;
}

/* ---- further verifiers ---- */

static void start_with_saslauthd(const char *methods)
{
	char further[128];

	snprintf(further, sizeof(further), "saslauthd_path: %s\n", saslauthd.path);
	host_start_with_methods(server.path, methods, further);
}

static void a_further_verifier_is_asked_after_a_no_and_only_then(void **state)
{
	static const struct {
		const char *password;
		int result;
		unsigned ours, others;
	} cases[] = {
	    {"right", SASL_OK, 1, 0},
	    {"mailbox", SASL_OK, 1, 1},
	    {"wrong", SASL_BADAUTH, 1, 1},
	    {"later", SASL_UNAVAIL, 1, 0},
	    {"drop", SASL_UNAVAIL, 1, 0},
	    {"", SASL_BADAUTH, 0, 0},
	};
	static host_attempt_fn *const attempts[] = {host_plain, host_login};
	(void)state;
	start_with_saslauthd("auxprop saslauthd");
	for (size_t m = 0; m < COUNT(attempts); m++) {
		for (size_t i = 0; i < COUNT(cases); i++) {
			print_message("  \"%s\"\n", cases[i].password);
			unsigned ours = server.log->connections, others = saslauthd.asked;
			assert_int_equal(
			    host_attempt(attempts[m], "bob", cases[i].password), cases[i].result);
			assert_int_equal(server.log->connections - ours, cases[i].ours);
			assert_int_equal(saslauthd.asked - others, cases[i].others);
		}
	}
	host_stop();
}

static void a_password_cut_by_nul_goes_to_nobody(void **state)
{
	(void)state;
	start_with_saslauthd("auxprop saslauthd");
	sasl_conn_t *conn = host_connect(NULL);
	assert_int_equal(host_login_name(conn, "bob", 3), SASL_CONTINUE);
	assert_int_equal(host_login_password(conn, "mailbox\0x", 9), SASL_BADAUTH);
	sasl_dispose(&conn);
	assert_int_equal(saslauthd.asked, 0);
	host_stop();
}

static void a_verifier_that_is_not_configured_is_not_asked(void **state)
{
	(void)state;
	start_with_saslauthd("auxprop");
	assert_int_equal(host_attempt(host_plain, "bob", "mailbox"), SASL_BADAUTH);
	assert_int_equal(saslauthd.asked, 0);
	host_stop();
}

/* ---- passwords that do not pass through the slot ---- */

static void a_direct_sasl_checkpass_fails_and_the_log_says_why(void **state)
{
	(void)state;
	host_start_with_socket(server.path, "");
	for (int i = 0; i < 3; i++) {
		sasl_conn_t *conn = host_connect(NULL);
		assert_int_equal(sasl_checkpass(conn, "bob", 3, "right", 5), SASL_UNAVAIL);
		sasl_dispose(&conn);
	}
	assert_int_equal(host_logged("calls sasl_checkpass()"), 1);
	assert_int_equal(host_logged("saslauthd_path"), 1);
	host_stop();
	fake_sendpassd_stop(&server);
	assert_int_equal(server.log->connections, 0);
}

static void a_direct_sasl_checkpass_reaches_further_verifiers(void **state)
{
	(void)state;
	start_with_saslauthd("auxprop saslauthd");
	sasl_conn_t *conn = host_connect(NULL);
	assert_int_equal(sasl_checkpass(conn, "bob", 3, "mailbox", 7), SASL_OK);
	assert_int_not_equal(sasl_checkpass(conn, "bob", 3, "right", 5), SASL_OK);
	sasl_dispose(&conn);
	host_stop();
}

static void a_mechanism_without_a_password_fails_and_the_log_says_why(void **state)
{
	(void)state;
	host_start_with_socket(server.path, "");
	for (int i = 0; i < 3; i++) {
		sasl_conn_t *conn = host_connect(NULL);
		assert_int_equal(host_cram_md5(conn, "bob"), SASL_UNAVAIL);
		sasl_dispose(&conn);
	}
	assert_int_equal(host_logged("mechanism CRAM-MD5"), 1);
	assert_int_equal(host_attempt(host_plain, "bob", "right"), SASL_OK);
	host_stop();
}

static void a_mechanism_that_needs_no_password_is_left_alone(void **state)
{
	const char *out;
	unsigned out_length;

	(void)state;
	host_start_with_socket(server.path, "");
	sasl_conn_t *conn = host_connect(NULL);
	assert_int_equal(sasl_setprop(conn, SASL_AUTH_EXTERNAL, "bob"), SASL_OK);
	assert_int_equal(sasl_server_start(conn, "EXTERNAL", "", 0, &out, &out_length), SASL_OK);
	sasl_dispose(&conn);
	assert_int_equal(host_logged("sendpass:"), 0);
	assert_int_equal(server.log->connections, 0);
	host_stop();
}

/* ---- a plugin that reaches into libsasl2, to make it what it should not be ---- */

typedef void meddle_fn(sasl_server_params_t *sparams);
static meddle_fn *meddle;

static int canonise_and_meddle(void *context, sasl_server_params_t *sparams, const char *in,
    unsigned in_length, unsigned flags, char *out, unsigned out_max, unsigned *out_length)
{
	(void)context, (void)flags;
	if (in_length >= out_max)
		return SASL_BUFOVER;
	memcpy(out, in, in_length);
	out[in_length] = '\0';
	*out_length = in_length;
	meddle(sparams);
	return SASL_OK;
}

static int add_meddler(const sasl_utils_t *utils, int max_version, int *out_version,
    sasl_canonuser_plug_t **plugin_r, const char *name)
{
	static sasl_canonuser_plug_t plugin = {
	    .name = "meddler", .canon_user_server = canonise_and_meddle};

	(void)utils, (void)max_version, (void)name;
	*out_version = SASL_CANONUSER_PLUG_VERSION;
	*plugin_r = &plugin;
	return SASL_OK;
}

static void start_with_meddler(meddle_fn *how)
{
	meddle = how;
	host_start_with_socket(server.path, "canon_user_plugin: meddler\n");
	assert_int_equal(sasl_canonuser_add_plugin("meddler", add_meddler), SASL_OK);
}

static unsigned stranger_asked;

static int ask_stranger(
    sasl_conn_t *conn, const char *user, unsigned userlen, const char *pass, unsigned passlen)
{
	(void)conn, (void)user, (void)userlen, (void)pass, (void)passlen;
	stranger_asked++;
	return SASL_OK;
}

static void occupy_slot(sasl_server_params_t *sparams)
{
	((sasl_utils_t *)sparams->utils)->checkpass = ask_stranger;
}

static void empty_slot(sasl_server_params_t *sparams)
{
	((sasl_utils_t *)sparams->utils)->checkpass = NULL;
}

static void only_libsasls_own_function_is_replaced(void **state)
{
	static meddle_fn *const ways[] = {occupy_slot, empty_slot};

	(void)state;
	for (size_t i = 0; i < COUNT(ways); i++) {
		start_with_meddler(ways[i]);
		/* Not by LOGIN, which leaks the password when a lookup fails. */
		for (int n = 0; n < 3; n++)
			assert_int_equal(host_attempt(host_plain, "bob", "right"), SASL_UNAVAIL);
		assert_int_equal(host_logged("somebody else"), 1);
		host_stop();
	}
	assert_int_equal(stranger_asked, 0);
	fake_sendpassd_stop(&server);
	assert_int_equal(server.log->connections, 0);
}

static sasl_auxprop_plug_t *own_plugin(const sasl_utils_t *utils)
{
	void *library = dlopen(SP_TEST_PLUGIN, RTLD_NOW | RTLD_NOLOAD);
	sasl_auxprop_plug_t *plugin = NULL;
	int version = 0;

	assert_non_null(library);
	sasl_auxprop_init_t *init =
	    (sasl_auxprop_init_t *)(uintptr_t)dlsym(library, "sasl_auxprop_plug_init");
	assert_non_null(init);
	assert_int_equal(
	    init(utils, SASL_AUXPROP_PLUG_VERSION, &version, &plugin, "sendpass"), SASL_OK);
	assert_int_equal(version, SASL_AUXPROP_PLUG_VERSION);
	dlclose(library); /* libsasl2 still holds it */
	return plugin;
}

/* What auxprop-hashed of libsasl2 up to 2.1.27 does before it calls the lookup. */
static void preset_password_and_look_up(sasl_server_params_t *sparams)
{
	const char *names[] = {SASL_AUX_PASSWORD, SASL_AUX_PASSWORD_PROP, NULL};
	const sasl_utils_t *utils = sparams->utils;
	sasl_auxprop_plug_t *plugin = own_plugin(utils);
	struct propval values[3];

	assert_int_equal(utils->prop_request(sparams->propctx, names), SASL_OK);
	for (size_t i = 0; names[i] != NULL; i++)
		assert_int_equal(utils->prop_set(sparams->propctx, names[i], "typed", -1), SASL_OK);
	assert_int_equal(plugin->auxprop_lookup(plugin->glob_context, sparams,
			     SASL_AUXPROP_VERIFY_AGAINST_HASH, "bob", 3),
	    SASL_NOUSER);
	assert_int_equal(utils->prop_getnames(sparams->propctx, names, values), 2);
	for (size_t i = 0; names[i] != NULL; i++)
		assert_true(values[i].values == NULL || values[i].values[0] == NULL);
}

static void a_preset_password_is_taken_away(void **state)
{
	(void)state;
	start_with_meddler(preset_password_and_look_up);
	assert_int_equal(host_attempt(host_plain, "bob", "wrong"), SASL_BADAUTH);
	host_stop();
}

static int foreign_getprop(sasl_conn_t *conn, int number, const void **value_r)
{
	(void)conn, (void)number, (void)value_r;
	return SASL_FAIL;
}

static void offer_another_libsasl(sasl_server_params_t *sparams)
{
	sasl_utils_t other = *sparams->utils;
	void *library = dlopen(SP_TEST_PLUGIN, RTLD_NOW | RTLD_NOLOAD);
	sasl_auxprop_plug_t *plugin = NULL;
	int version = 0;

	assert_non_null(library);
	sasl_auxprop_init_t *init =
	    (sasl_auxprop_init_t *)(uintptr_t)dlsym(library, "sasl_auxprop_plug_init");
	other.getprop = foreign_getprop;
	assert_int_equal(
	    init(&other, SASL_AUXPROP_PLUG_VERSION, &version, &plugin, "sendpass"), SASL_FAIL);
	assert_int_equal(
	    init(sparams->utils, SASL_AUXPROP_PLUG_VERSION - 1, &version, &plugin, "sendpass"),
	    SASL_BADVERS);
	assert_null(plugin);
	dlclose(library);
}

static void a_second_libsasl_in_the_process_is_not_served(void **state)
{
	(void)state;
	start_with_meddler(offer_another_libsasl);
	assert_int_equal(host_attempt(host_plain, "bob", "right"), SASL_OK);
	assert_int_equal(host_attempt(host_login, "bob", "wrong"), SASL_BADAUTH);
	host_stop();
}

#define SLOT_TEST(name) cmocka_unit_test_setup_teardown(name, start_servers, stop_servers)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    SLOT_TEST(a_further_verifier_is_asked_after_a_no_and_only_then),
	    SLOT_TEST(a_password_cut_by_nul_goes_to_nobody),
	    SLOT_TEST(a_verifier_that_is_not_configured_is_not_asked),
	    SLOT_TEST(a_direct_sasl_checkpass_fails_and_the_log_says_why),
	    SLOT_TEST(a_direct_sasl_checkpass_reaches_further_verifiers),
	    SLOT_TEST(a_mechanism_without_a_password_fails_and_the_log_says_why),
	    SLOT_TEST(a_mechanism_that_needs_no_password_is_left_alone),
	    SLOT_TEST(only_libsasls_own_function_is_replaced),
	    SLOT_TEST(a_preset_password_is_taken_away),
	    SLOT_TEST(a_second_libsasl_in_the_process_is_not_served),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
