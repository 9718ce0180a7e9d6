/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/directory/ldap_connection.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/base/clock.h"
#include "lib/base/text.h"

/* How long one read or write may block inside libldap or its TLS library, which
 * know no deadline in the middle of a record. They come back to ours in between. */
#define SOCKET_SLICE_US 100000

void sp_ldap_isolate(void)
{
	LDAPAPIInfo info = {.ldapai_info_version = LDAP_API_INFO_VERSION};

	setenv("LDAPNOINIT", "1", 1);
	signal(SIGPIPE, SIG_IGN);
	/* the first call reads the variable, for the whole life of the process */
	if (ldap_get_option(NULL, LDAP_OPT_API_INFO, &info) == LDAP_OPT_SUCCESS) {
		ldap_memfree(info.ldapai_vendor_name);
		ldap_memvfree((void **)info.ldapai_extensions);
	}
}

/* What each result code means for a lookup. What is not listed is an error. */
static const struct {
	int code;
	enum sp_directory_status status;
	bool of_server;
} meanings[] = {
    {LDAP_SUCCESS, SP_DIRECTORY_OK, false},
    {LDAP_SIZELIMIT_EXCEEDED, SP_DIRECTORY_OK, false},
    {LDAP_NO_SUCH_OBJECT, SP_DIRECTORY_OK, false},
    {LDAP_SERVER_DOWN, SP_DIRECTORY_DOWN, true},
    {LDAP_CONNECT_ERROR, SP_DIRECTORY_DOWN, true},
    {LDAP_DECODING_ERROR, SP_DIRECTORY_DOWN, true},
    {LDAP_UNAVAILABLE, SP_DIRECTORY_DOWN, true},
    {LDAP_BUSY, SP_DIRECTORY_DOWN, true},
    {LDAP_TIMEOUT, SP_DIRECTORY_TIMEOUT, true},
    {LDAP_TIMELIMIT_EXCEEDED, SP_DIRECTORY_TIMEOUT, false},
    {LDAP_ADMINLIMIT_EXCEEDED, SP_DIRECTORY_DOWN, false},
    {LDAP_AUTH_METHOD_NOT_SUPPORTED, SP_DIRECTORY_DOWN, false},
    {LDAP_STRONG_AUTH_REQUIRED, SP_DIRECTORY_DOWN, false},
    {LDAP_CONFIDENTIALITY_REQUIRED, SP_DIRECTORY_DOWN, false},
    {LDAP_INAPPROPRIATE_AUTH, SP_DIRECTORY_DOWN, false},
    {LDAP_INVALID_CREDENTIALS, SP_DIRECTORY_DOWN, false},
    {LDAP_INSUFFICIENT_ACCESS, SP_DIRECTORY_DOWN, false},
    {LDAP_UNWILLING_TO_PERFORM, SP_DIRECTORY_DOWN, false},
};

enum sp_directory_status sp_ldap_judge(
    LDAP *ld, const char *what, int code, struct sp_ldap_failure *failure_r)
{
	struct sp_text text;
	char *added = NULL;

	*failure_r = (struct sp_ldap_failure){.code = code};
	sp_text_init(&text, failure_r->text, sizeof(failure_r->text));
	sp_text_addf(&text, "%s: %s", what, ldap_err2string(code));
	if (ld != NULL)
		ldap_get_option(ld, LDAP_OPT_DIAGNOSTIC_MESSAGE, &added);
	if (added != NULL && added[0] != '\0')
		sp_text_addf(&text, ": %.120s", added);
	ldap_memfree(added);
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
		if (meanings[i].code != code)
			continue;
		failure_r->of_server = meanings[i].of_server;
		return meanings[i].status;
	}
	return SP_DIRECTORY_ERROR;
}

static struct timeval to_timeval(int ms)
{
	return (struct timeval){.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int on_connected(LDAP *ld, Sockbuf *sockbuf, LDAPURLDesc *url, struct sockaddr *address,
    struct ldap_conncb *context)
{
	const struct timeval slice = {.tv_usec = SOCKET_SLICE_US};
	ber_socket_t fd = -1;

	(void)ld, (void)url, (void)address, (void)context;
	ber_sockbuf_ctrl(sockbuf, LBER_SB_OPT_GET_FD, &fd);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &slice, sizeof(slice));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &slice, sizeof(slice));
	return 0;
}

static void on_closed(LDAP *ld, Sockbuf *sockbuf, struct ldap_conncb *context)
{
	(void)ld, (void)sockbuf, (void)context;
}

static bool set_number(LDAP *ld, int option, int value)
{
	return ldap_set_option(ld, option, &value) == LDAP_OPT_SUCCESS;
}

static bool set_time(LDAP *ld, int option, int ms)
{
	struct timeval time = to_timeval(ms > 0 ? ms : 1);

	return ldap_set_option(ld, option, &time) == LDAP_OPT_SUCCESS;
}

static bool set_text(LDAP *ld, int option, const char *value)
{
	return value == NULL || ldap_set_option(ld, option, value) == LDAP_OPT_SUCCESS;
}

/* Every TLS option is set here, on the handle, whatever the process's defaults are. */
static bool set_tls(LDAP *ld, const struct sp_ldap_site *site)
{
	return set_number(ld, LDAP_OPT_X_TLS_REQUIRE_CERT, LDAP_OPT_X_TLS_DEMAND) &&
	       set_number(ld, LDAP_OPT_X_TLS_REQUIRE_SAN, LDAP_OPT_X_TLS_DEMAND) &&
	       set_number(ld, LDAP_OPT_X_TLS_PROTOCOL_MIN, LDAP_OPT_X_TLS_PROTOCOL_TLS1_2) &&
	       set_text(ld, LDAP_OPT_X_TLS_CACERTFILE, site->ca_file) &&
	       set_text(ld, LDAP_OPT_X_TLS_CERTFILE, site->certificate_file) &&
	       set_text(ld, LDAP_OPT_X_TLS_KEYFILE, site->key_file) &&
	       set_number(ld, LDAP_OPT_X_TLS_NEWCTX, 0);
}

static bool set_options(LDAP *ld, const struct sp_ldap_site *site)
{
	static const struct ldap_conncb callbacks = {.lc_add = on_connected, .lc_del = on_closed};
	const unsigned user_timeout_ms = (unsigned)site->timeout_ms;

	return set_number(ld, LDAP_OPT_PROTOCOL_VERSION, LDAP_VERSION3) &&
	       set_number(ld, LDAP_OPT_DEREF, LDAP_DEREF_NEVER) &&
	       ldap_set_option(ld, LDAP_OPT_REFERRALS, LDAP_OPT_OFF) == LDAP_OPT_SUCCESS &&
	       ldap_set_option(ld, LDAP_OPT_RESTART, LDAP_OPT_ON) == LDAP_OPT_SUCCESS &&
	       set_time(ld, LDAP_OPT_TIMEOUT, site->timeout_ms) &&
	       ldap_set_option(ld, LDAP_OPT_TCP_USER_TIMEOUT, &user_timeout_ms) ==
		   LDAP_OPT_SUCCESS &&
	       ldap_set_option(ld, LDAP_OPT_CONNECT_CB, &callbacks) == LDAP_OPT_SUCCESS;
}

static bool uses_tls(const struct sp_ldap_server *server)
{
	return server->transport == SP_LDAP_TLS || server->transport == SP_LDAP_STARTTLS;
}

bool sp_ldap_check_tls(const struct sp_ldap_site *site, char why_r[SP_CONF_WHY_MAX])
{
	LDAP *ld = NULL;
	bool ok = ldap_initialize(&ld, "ldaps://") == LDAP_SUCCESS && set_tls(ld, site);

	if (!ok)
		snprintf(why_r, SP_CONF_WHY_MAX,
		    "ldap.tls_ca_file, tls_certificate_file or tls_key_file cannot be used");
	if (ld != NULL)
		ldap_unbind_ext_s(ld, NULL, NULL);
	return ok;
}

enum sp_directory_status sp_ldap_wait(LDAP *ld, const char *what, int msgid, int64_t deadline_ms,
    LDAPMessage **result_r, struct sp_ldap_failure *failure_r)
{
	struct timeval left = to_timeval(sp_remaining_ms(deadline_ms));
	int code = LDAP_SERVER_DOWN;
	int parsed;

	*result_r = NULL;
	switch (ldap_result(ld, msgid, LDAP_MSG_ALL, &left, result_r)) {
	case -1:
		ldap_get_option(ld, LDAP_OPT_RESULT_CODE, &code);
		return sp_ldap_judge(
		    ld, what, code != LDAP_SUCCESS ? code : LDAP_SERVER_DOWN, failure_r);
	case 0:
		return sp_ldap_judge(NULL, what, LDAP_TIMEOUT, failure_r);
	}
	parsed = ldap_parse_result(ld, *result_r, &code, NULL, NULL, NULL, NULL, 0);
	return sp_ldap_judge(ld, what, parsed == LDAP_SUCCESS ? code : parsed, failure_r);
}

enum sp_directory_status sp_ldap_send(LDAP *ld, const struct sp_ldap_search *search,
    int64_t deadline_ms, int *msgid_r, struct sp_ldap_failure *failure_r)
{
	/* libldap hands on whole seconds */
	struct timeval limit = {.tv_sec = sp_remaining_ms(deadline_ms) / 1000 + 1};
	int code = ldap_search_ext(ld, search->base, search->scope, search->filter,
	    search->attributes, 0, NULL, NULL, &limit, search->limit, msgid_r);

	return sp_ldap_judge(ld, "search", code, failure_r);
}

static enum sp_directory_status finish(LDAP *ld, const char *what, int code, int msgid,
    int64_t deadline_ms, struct sp_ldap_failure *failure_r)
{
	LDAPMessage *result = NULL;
	enum sp_directory_status status;

	if (code != LDAP_SUCCESS)
		return sp_ldap_judge(ld, what, code, failure_r);
	status = sp_ldap_wait(ld, what, msgid, deadline_ms, &result, failure_r);
	ldap_msgfree(result);
	/* a size limit or a missing object is no success here */
	if (status == SP_DIRECTORY_OK && failure_r->code != LDAP_SUCCESS)
		return SP_DIRECTORY_ERROR;
	return status;
}

static enum sp_directory_status start_tls(
    LDAP *ld, int64_t deadline_ms, struct sp_ldap_failure *failure_r)
{
	int msgid = -1;
	int code = ldap_start_tls(ld, NULL, NULL, &msgid);
	enum sp_directory_status status =
	    finish(ld, "StartTLS", code, msgid, deadline_ms, failure_r);

	if (status != SP_DIRECTORY_OK)
		return status;
	if (!set_time(ld, LDAP_OPT_NETWORK_TIMEOUT, sp_remaining_ms(deadline_ms)))
		return sp_ldap_judge(NULL, "TLS", LDAP_LOCAL_ERROR, failure_r);
	return sp_ldap_judge(ld, "TLS", ldap_install_tls(ld), failure_r);
}

static enum sp_directory_status reach(LDAP *ld, const struct sp_ldap_server *server,
    int64_t deadline_ms, struct sp_ldap_failure *failure_r)
{
	enum sp_directory_status status;
	int code;

	if (!set_time(ld, LDAP_OPT_NETWORK_TIMEOUT, sp_remaining_ms(deadline_ms)))
		return sp_ldap_judge(NULL, "connect", LDAP_LOCAL_ERROR, failure_r);
	errno = 0;
	code = ldap_connect(ld);
	if (code != LDAP_SUCCESS && errno == ETIMEDOUT)
		code = LDAP_TIMEOUT;
	status = sp_ldap_judge(ld, "connect", code, failure_r);
	if (status == SP_DIRECTORY_OK && server->transport == SP_LDAP_STARTTLS)
		status = start_tls(ld, deadline_ms, failure_r);
	if (status == SP_DIRECTORY_OK && uses_tls(server) && !ldap_tls_inplace(ld))
		status = sp_ldap_judge(NULL, "TLS", LDAP_CONNECT_ERROR, failure_r);
	return status;
}

/* EXTERNAL is one message (RFC 4422, appendix A), so it needs none of Cyrus SASL. */
static enum sp_directory_status bind_to(LDAP *ld, const struct sp_ldap_site *site,
    int64_t deadline_ms, struct sp_ldap_failure *failure_r)
{
	char empty[] = "";
	char *secret = (char *)site->bind_secret.bytes; /* libldap only reads it */
	struct berval credentials = {.bv_len = site->bind_secret.length, .bv_val = secret};
	int msgid = -1;
	int code;

	if (site->external) {
		credentials = (struct berval){.bv_len = 0, .bv_val = empty};
		code = ldap_sasl_bind(ld, NULL, "EXTERNAL", &credentials, NULL, NULL, &msgid);
	} else if (credentials.bv_len == 0) {
		/* the server would take it for anonymous (RFC 4513, section 5.1.2) */
		return sp_ldap_judge(NULL, "bind", LDAP_INAPPROPRIATE_AUTH, failure_r);
	} else {
		code = ldap_sasl_bind(
		    ld, site->bind_dn, LDAP_SASL_SIMPLE, &credentials, NULL, NULL, &msgid);
	}
	return finish(ld, "bind", code, msgid, deadline_ms, failure_r);
}

enum sp_directory_status sp_ldap_connect(const struct sp_ldap_site *site,
    const struct sp_ldap_server *server, int64_t deadline_ms, LDAP **ld_r,
    struct sp_ldap_failure *failure_r)
{
	int64_t reach_by = earlier(deadline_ms, sp_now_ms() + site->connect_timeout_ms);
	enum sp_directory_status status;
	LDAP *ld = NULL;
	int code = ldap_initialize(&ld, server->uri);

	*ld_r = NULL;
	if (code == LDAP_SUCCESS && !set_options(ld, site))
		code = LDAP_LOCAL_ERROR;
	status = sp_ldap_judge(NULL, "connect", code, failure_r);
	if (status == SP_DIRECTORY_OK && uses_tls(server) && !set_tls(ld, site))
		status = sp_ldap_judge(ld, "TLS files", LDAP_LOCAL_ERROR, failure_r);
	if (status == SP_DIRECTORY_OK)
		status = reach(ld, server, reach_by, failure_r);
	if (status == SP_DIRECTORY_OK)
		status = bind_to(
		    ld, site, earlier(deadline_ms, sp_now_ms() + site->timeout_ms), failure_r);
	if (status == SP_DIRECTORY_OK) {
		*ld_r = ld;
		return status;
	}
	/* a server that we cannot get into is no good to us, whatever its reason */
	failure_r->of_server = true;
	if (status == SP_DIRECTORY_ERROR)
		status = SP_DIRECTORY_DOWN;
	if (ld != NULL)
		ldap_unbind_ext_s(ld, NULL, NULL);
	return status;
}
