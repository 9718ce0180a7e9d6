/* SPDX-License-Identifier: BSD-2-Clause */
#include "plugin/checkpass_slot.h"

#include <dlfcn.h>
#include <stdatomic.h>
#include <string.h>

#include "lib/client/client.h"
#include "lib/wire/address.h"

typedef int checkpass_fn(
    sasl_conn_t *conn, const char *user, unsigned userlen, const char *pass, unsigned passlen);

/* Written by init and read by the connections' threads, which come later. */
static struct {
	int (*getprop)(sasl_conn_t *conn, int propnum, const void **pvalue);
	sasl_getcallback_t *getcallback;
	void (*log)(sasl_conn_t *conn, int level, const char *fmt, ...);
	const struct sp_plugin_options *options;
} host;

/* libsasl2's own function. Connections of several threads may be the first to show
 * it, all with the same value. */
static _Atomic(checkpass_fn *) original;

/* The admin was told, so that a busy server's log is not flooded. */
static atomic_flag told_option = ATOMIC_FLAG_INIT;

bool sp_checkpass_prepare(const sasl_utils_t *utils, const struct sp_plugin_options *options)
{
	if (host.getprop != NULL && host.getprop != utils->getprop)
		return false;
	host.getprop = utils->getprop;
	host.getcallback = utils->getcallback;
	host.log = utils->log;
	host.options = options;
	return true;
}

void sp_checkpass_forget(void)
{
	memset(&host, 0, sizeof(host));
	atomic_store(&original, NULL);
	atomic_flag_clear(&told_option);
}

static const char *text_property(sasl_conn_t *conn, int number)
{
	const void *value = NULL;

	return host.getprop(conn, number, &value) == SASL_OK ? value : NULL;
}

/* Empty and 0 where the application did not tell libsasl2. */
static void read_endpoint(
    sasl_conn_t *conn, int number, char address_r[SP_ADDRESS_MAX + 1], uint16_t *port_r)
{
	const char *text = text_property(conn, number);

	sp_endpoint_copy(
	    text != NULL ? text : "", text != NULL ? strlen(text) : 0, address_r, port_r);
}

static bool is_under_tls(sasl_conn_t *conn)
{
	const void *strength = NULL;

	if (host.getprop(conn, SASL_SSF_EXTERNAL, &strength) != SASL_OK || strength == NULL)
		return false;
	return *(const sasl_ssf_t *)strength > 1; /* 1 is integrity alone */
}

/* PLAIN sets the authorization id now if it is the authentication id, else afterwards. */
static bool acts_as_another(sasl_conn_t *conn)
{
	const char *authzid = text_property(conn, SASL_USERNAME);
	const char *authid = text_property(conn, SASL_AUTHUSER);

	return authzid == NULL || authid == NULL || strcmp(authzid, authid) != 0;
}

static enum sp_result ask_sendpassd(
    sasl_conn_t *conn, const char *login, const struct sp_secret *password)
{
	char remote[SP_ADDRESS_MAX + 1], local[SP_ADDRESS_MAX + 1];
	struct sp_client_request request = {
	    .login = login,
	    .password = password,
	    .mechanism = text_property(conn, SASL_MECHNAME),
	    .service = text_property(conn, SASL_SERVICE),
	    .remote_address = remote,
	    .local_address = local,
	    .secured = is_under_tls(conn),
	};
	uint16_t local_port;
	const char *why;

	read_endpoint(conn, SASL_IPREMOTEPORT, remote, &request.remote_port);
	read_endpoint(conn, SASL_IPLOCALPORT, local, &local_port);
	enum sp_result result = sp_client_verify(&host.options->client, &request, &why);
	if (result == SP_UNAVAILABLE)
		host.log(conn, SASL_LOG_ERR, "sendpass: %s", why);
	return result;
}

static enum sp_result verify(
    sasl_conn_t *conn, const char *user, size_t user_length, const char *pass, size_t pass_length)
{
	enum sp_result result = SP_DENIED;
	char login[SP_LOGIN_MAX + 1];
	struct sp_secret password;

	if (host.options->unusable != NULL) {
		if (!atomic_flag_test_and_set(&told_option))
			host.log(conn, SASL_LOG_ERR, "sendpass: %s", host.options->unusable);
		return SP_UNAVAILABLE;
	}
	/* LOGIN hands over what followed a NUL as length only. */
	if (user_length > SP_LOGIN_MAX || memchr(user, '\0', user_length) != NULL)
		return SP_DENIED;
	if (acts_as_another(conn)) {
		host.log(conn, SASL_LOG_NOTE, "sendpass: refused to act for another login");
		return SP_DENIED;
	}
	memcpy(login, user, user_length);
	login[user_length] = '\0';
	if (sp_secret_set(&password, pass, pass_length))
		result = ask_sendpassd(conn, login, &password);
	sp_secret_wipe(&password);
	return result;
}

/* Whether the admin wants somebody else asked after our no. Others see a C string:
 * an empty one, or one that a NUL ends too early, is nobody's password. */
static bool others_may_be_asked(sasl_conn_t *conn, const char *pass, size_t pass_length)
{
	sasl_callback_ft callback = NULL;
	void *context = NULL;
	size_t others = 0;

	if (pass_length == 0 || memchr(pass, '\0', pass_length) != NULL)
		return false;
	if (host.getcallback(conn, SASL_CB_GETOPT, &callback, &context) != SASL_OK)
		return false;
	/* By way of the type that a function pointer may pass through unharmed. */
	sasl_getopt_t *read_option = (sasl_getopt_t *)(void (*)(void))callback;
	return sp_plugin_option_lists(
		   read_option, context, "pwcheck_method", NULL, "auxprop", &others) &&
	       others > 0;
}

/* What stands in the slot. */
static int checkpass(
    sasl_conn_t *conn, const char *user, unsigned userlen, const char *pass, unsigned passlen)
{
	if (conn == NULL || user == NULL || pass == NULL)
		return SASL_BADPARAM;
	size_t user_length = userlen != 0 ? userlen : strlen(user);
	size_t pass_length = passlen != 0 ? passlen : strlen(pass);

	switch (verify(conn, user, user_length, pass, pass_length)) {
	case SP_GRANTED:
		return SASL_OK;
	case SP_DENIED:
		if (!others_may_be_asked(conn, pass, pass_length))
			return SASL_BADAUTH;
		return atomic_load(&original)(conn, user, userlen, pass, passlen);
	case SP_UNAVAILABLE:
		/* The one code that Postfix and Exim both take as temporary. */
		return SASL_UNAVAIL;
	}
	return SASL_UNAVAIL;
}

/* Both in the same library or program. */
static bool of_one_object(checkpass_fn *function, const void *other)
{
	Dl_info mine, theirs;

	return dladdr((const void *)function, &mine) != 0 && dladdr(other, &theirs) != 0 &&
	       mine.dli_fbase == theirs.dli_fbase;
}

bool sp_checkpass_install(const sasl_server_params_t *sparams)
{
	/* The one cast of the project that takes const away: see the header. */
	sasl_utils_t *utils = (sasl_utils_t *)sparams->utils;
	checkpass_fn *found = utils->checkpass, *known = NULL;

	if (found == checkpass)
		return true;
	/* A table without a connection is shared. */
	if (utils->conn == NULL || utils->getprop != host.getprop || found == NULL ||
	    !of_one_object(found, (const void *)utils->getprop))
		return false;
	if (!atomic_compare_exchange_strong(&original, &known, found) && known != found)
		return false;
	utils->checkpass = checkpass;
	return true;
}
