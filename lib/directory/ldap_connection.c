/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/directory/ldap_connection.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "lib/directory/ldap_gssapi.h"
#include "lib/directory/ldap_sent.h"
#include "lib/directory/ldap_tls.h"

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
		sp_text_addf(&text, ": %.240s", added);
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

static bool set_number(LDAP *ld, int option, int value)
{
	return ldap_set_option(ld, option, &value) == LDAP_OPT_SUCCESS;
}

static bool set_time(LDAP *ld, int option, int ms)
{
	struct timeval time = to_timeval(ms > 0 ? ms : 1);

	return ldap_set_option(ld, option, &time) == LDAP_OPT_SUCCESS;
}

/* What lies between us and the server may forget a connection that is silent, as that of
 * a replica is. With TCP_USER_TIMEOUT the first probe without an answer ends it. */
#define KEEPALIVE_S 30

static bool set_options(LDAP *ld, const struct sp_ldap_site *site)
{
	const unsigned user_timeout_ms = (unsigned)site->timeout_ms;

	return set_number(ld, LDAP_OPT_PROTOCOL_VERSION, LDAP_VERSION3) &&
	       set_number(ld, LDAP_OPT_DEREF, LDAP_DEREF_NEVER) &&
	       ldap_set_option(ld, LDAP_OPT_REFERRALS, LDAP_OPT_OFF) == LDAP_OPT_SUCCESS &&
	       ldap_set_option(ld, LDAP_OPT_RESTART, LDAP_OPT_ON) == LDAP_OPT_SUCCESS &&
	       set_time(ld, LDAP_OPT_TIMEOUT, site->timeout_ms) &&
	       set_number(ld, LDAP_OPT_X_KEEPALIVE_IDLE, KEEPALIVE_S) &&
	       ldap_set_option(ld, LDAP_OPT_TCP_USER_TIMEOUT, &user_timeout_ms) == LDAP_OPT_SUCCESS;
}

static bool uses_tls(const struct sp_ldap_server *server)
{
	return server->transport == SP_LDAP_TLS || server->transport == SP_LDAP_STARTTLS;
}

/* Whether a message, or a part of one, has left the socket and was not looked at. */
static bool has_read_ahead(LDAP *ld)
{
	Sockbuf *sockbuf = NULL;

	return ldap_get_option(ld, LDAP_OPT_SOCKBUF, &sockbuf) == LDAP_OPT_SUCCESS &&
	       sockbuf != NULL && ber_sockbuf_ctrl(sockbuf, LBER_SB_OPT_DATA_READY, NULL) > 0;
}

/* As ldap_result(3), which counts by the wall clock, and would wait for hours behind an
 * entry when that is set back by hours: so it tells what is there, and we wait. It stops
 * at the end of another request's answer, and ours may have been read with that. */
static int await(LDAP *ld, int msgid, int64_t deadline_ms, LDAPMessage **result_r)
{
	struct pollfd ready = {.fd = -1, .events = POLLIN};
	struct timeval at_once = {0};
	int type;

	*result_r = NULL;
	ldap_get_option(ld, LDAP_OPT_DESC, &ready.fd);
	while ((type = ldap_result(ld, msgid, LDAP_MSG_ALL, &at_once, result_r)) == 0 &&
	       sp_remaining_ms(deadline_ms) > 0) {
		/* where it fails, so does that of ldap_result() */
		if (!has_read_ahead(ld))
			(void)poll(&ready, 1, sp_remaining_ms(deadline_ms));
	}
	return type;
}

enum sp_directory_status sp_ldap_wait(struct sp_ldap_connection *connection, const char *what,
    int msgid, int64_t deadline_ms, LDAPMessage **result_r, struct sp_ldap_failure *failure_r)
{
	LDAP *ld = connection->ld;
	int code = LDAP_SERVER_DOWN;
	int parsed;

	connection->deadline.at_ms = deadline_ms;
	switch (await(ld, msgid, deadline_ms, result_r)) {
	case -1:
		ldap_get_option(ld, LDAP_OPT_RESULT_CODE, &code);
		if (sp_remaining_ms(deadline_ms) == 0)
			code = LDAP_TIMEOUT;
		return sp_ldap_judge(
		    ld, what, code != LDAP_SUCCESS ? code : LDAP_SERVER_DOWN, failure_r);
	case 0:
		return sp_ldap_judge(NULL, what, LDAP_TIMEOUT, failure_r);
	}
	parsed = ldap_parse_result(ld, *result_r, &code, NULL, NULL, NULL, NULL, 0);
	return sp_ldap_judge(ld, what, parsed == LDAP_SUCCESS ? code : parsed, failure_r);
}

int sp_ldap_search_ext(LDAP *ld, const struct sp_ldap_search *search, LDAPControl **controls,
    struct timeval *limit, int *msgid_r)
{
	errno = 0;
	int code = ldap_search_ext(ld, search->base, search->scope, search->filter,
	    search->attributes, 0, controls, NULL, limit, search->limit, msgid_r);

	return errno == ENOMEM ? LDAP_NO_MEMORY : code;
}

enum sp_directory_status sp_ldap_send(struct sp_ldap_connection *connection,
    const struct sp_ldap_search *search, int64_t deadline_ms, int *msgid_r,
    struct sp_ldap_failure *failure_r)
{
	/* libldap hands on whole seconds */
	struct timeval limit = {.tv_sec = sp_remaining_ms(deadline_ms) / 1000 + 1};
	int code;

	connection->deadline.at_ms = deadline_ms;
	code = sp_ldap_search_ext(connection->ld, search, NULL, &limit, msgid_r);
	return sp_ldap_judge(connection->ld, "search", code, failure_r);
}

static enum sp_directory_status finish(struct sp_ldap_connection *connection, const char *what,
    int code, int msgid, int64_t deadline_ms, struct sp_ldap_failure *failure_r)
{
	LDAPMessage *result = NULL;
	enum sp_directory_status status;

	if (code != LDAP_SUCCESS)
		return sp_ldap_judge(connection->ld, what, code, failure_r);
	status = sp_ldap_wait(connection, what, msgid, deadline_ms, &result, failure_r);
	ldap_msgfree(result);
	/* a size limit or a missing object is no success here */
	if (status == SP_DIRECTORY_OK && failure_r->code != LDAP_SUCCESS)
		return SP_DIRECTORY_ERROR;
	return status;
}

static enum sp_directory_status start_tls(
    struct sp_ldap_connection *connection, int64_t deadline_ms, struct sp_ldap_failure *failure_r)
{
	LDAP *ld = connection->ld;
	int msgid = -1;
	int code = ldap_start_tls(ld, NULL, NULL, &msgid);
	enum sp_directory_status status =
	    finish(connection, "StartTLS", code, msgid, deadline_ms, failure_r);

	if (status != SP_DIRECTORY_OK)
		return status;
	code = ldap_install_tls(ld);
	if (code != LDAP_SUCCESS && sp_remaining_ms(deadline_ms) == 0)
		code = LDAP_TIMEOUT;
	return sp_ldap_judge(ld, "TLS", code, failure_r);
}

static enum sp_directory_status reach(struct sp_ldap_connection *connection,
    const struct sp_ldap_server *server, int64_t deadline_ms, struct sp_ldap_failure *failure_r)
{
	LDAP *ld = connection->ld;
	enum sp_directory_status status;
	int code;

	connection->deadline.at_ms = deadline_ms;
	if (!set_time(ld, LDAP_OPT_NETWORK_TIMEOUT, sp_remaining_ms(deadline_ms)))
		return sp_ldap_judge(NULL, "connect", LDAP_LOCAL_ERROR, failure_r);
	code = ldap_connect(ld);
	if (code != LDAP_SUCCESS && sp_remaining_ms(deadline_ms) == 0)
		code = LDAP_TIMEOUT;
	status = sp_ldap_judge(ld, "connect", code, failure_r);
	if (status == SP_DIRECTORY_OK && server->transport == SP_LDAP_STARTTLS)
		status = start_tls(connection, deadline_ms, failure_r);
	if (status == SP_DIRECTORY_OK && uses_tls(server) && !sp_ldap_tls_is_up(ld))
		status = sp_ldap_judge(NULL, "TLS is too old", LDAP_CONNECT_ERROR, failure_r);
	return status;
}

/* EXTERNAL is one message (RFC 4422, appendix A), so it needs none of Cyrus SASL. */
static enum sp_directory_status bind_as(struct sp_ldap_connection *connection,
    const struct sp_ldap_identity *identity, int64_t deadline_ms, struct sp_ldap_failure *failure_r)
{
	char empty[] = "";
	struct berval credentials = {
	    .bv_len = identity->secret->length,
	    .bv_val = (char *)identity->secret->bytes, /* libldap only reads it */
	};
	LDAP *ld = connection->ld;
	int msgid = -1;
	int code;

	connection->deadline.at_ms = deadline_ms;
	if (identity->bind == SP_BIND_GSSAPI)
		return sp_ldap_bind_gssapi(connection, deadline_ms, failure_r);
	if (identity->bind == SP_BIND_EXTERNAL) {
		credentials = (struct berval){.bv_len = 0, .bv_val = empty};
		code = ldap_sasl_bind(ld, NULL, "EXTERNAL", &credentials, NULL, NULL, &msgid);
	} else if (credentials.bv_len == 0) {
		/* the server would take it for anonymous (RFC 4513, section 5.1.2) */
		return sp_ldap_judge(NULL, "bind", LDAP_INAPPROPRIATE_AUTH, failure_r);
	} else {
		code = ldap_sasl_bind(
		    ld, identity->dn, LDAP_SASL_SIMPLE, &credentials, NULL, NULL, &msgid);
	}
	return finish(connection, "bind", code, msgid, deadline_ms, failure_r);
}

static enum sp_directory_status prepare(struct sp_ldap_connection *connection,
    const struct sp_ldap_site *site, const struct sp_ldap_server *server,
    struct sp_ldap_failure *failure_r)
{
	int code = ldap_initialize(&connection->ld, server->uri);

	if (code == LDAP_SUCCESS &&
	    !(set_options(connection->ld, site) &&
		sp_ldap_deadline_attach(&connection->deadline, connection->ld) &&
		sp_ldap_wipe_sent(&connection->sent, connection->ld)))
		code = LDAP_LOCAL_ERROR;
	if (code == LDAP_SUCCESS && uses_tls(server) &&
	    !sp_ldap_tls_apply(site->tls, connection->ld))
		return sp_ldap_judge(NULL, "TLS", LDAP_LOCAL_ERROR, failure_r);
	return sp_ldap_judge(NULL, "connect", code, failure_r);
}

/* Up to TLS, and not bound. Without a connection if it fails. */
static enum sp_directory_status open_connection(const struct sp_ldap_site *site,
    const struct sp_ldap_server *server, int64_t deadline_ms,
    struct sp_ldap_connection **connection_r, struct sp_ldap_failure *failure_r)
{
	int64_t reach_ms = earlier(deadline_ms, sp_now_ms() + site->connect_timeout_ms);
	struct sp_ldap_connection *connection = calloc(1, sizeof(*connection));
	enum sp_directory_status status;

	*connection_r = connection;
	if (connection == NULL)
		return sp_ldap_judge(NULL, "connect", LDAP_NO_MEMORY, failure_r);
	status = prepare(connection, site, server, failure_r);
	if (status == SP_DIRECTORY_OK)
		status = reach(connection, server, reach_ms, failure_r);
	if (status != SP_DIRECTORY_OK)
		sp_ldap_disconnect(connection_r);
	return status;
}

/* A server that we cannot get into is no good to us, whatever its reason. */
static enum sp_directory_status no_way_in(
    enum sp_directory_status status, struct sp_ldap_failure *failure)
{
	failure->of_server = true;
	return status == SP_DIRECTORY_ERROR ? SP_DIRECTORY_DOWN : status;
}

enum sp_directory_status sp_ldap_connect(const struct sp_ldap_site *site,
    const struct sp_ldap_server *server, int64_t deadline_ms,
    struct sp_ldap_connection **connection_r, struct sp_ldap_failure *failure_r)
{
	const struct sp_ldap_identity identity = {site->bind, site->bind_dn, &site->bind_secret};
	enum sp_directory_status status =
	    open_connection(site, server, deadline_ms, connection_r, failure_r);

	if (status == SP_DIRECTORY_OK && site->bind != SP_BIND_NOBODY)
		status = bind_as(*connection_r, &identity,
		    earlier(deadline_ms, sp_now_ms() + site->timeout_ms), failure_r);
	if (status == SP_DIRECTORY_OK)
		return status;
	sp_ldap_disconnect(connection_r);
	return no_way_in(status, failure_r);
}

/* What servers say to a wrong password, to an entry that has none, and to one that
 * is locked after too many wrong ones (389-DS: constraint violation). */
static bool is_refusal(int code)
{
	return code == LDAP_INVALID_CREDENTIALS || code == LDAP_INAPPROPRIATE_AUTH ||
	       code == LDAP_CONSTRAINT_VIOLATION;
}

enum sp_directory_status sp_ldap_check_bind(const struct sp_ldap_site *site,
    const struct sp_ldap_server *server, const char *dn, const struct sp_secret *password,
    int64_t deadline_ms, bool *right_r, struct sp_ldap_failure *failure_r)
{
	const struct sp_ldap_identity identity = {
	    .bind = SP_BIND_SIMPLE, .dn = dn, .secret = password};
	struct sp_ldap_connection *connection;
	enum sp_directory_status status =
	    open_connection(site, server, deadline_ms, &connection, failure_r);

	*right_r = false;
	if (status != SP_DIRECTORY_OK)
		return no_way_in(status, failure_r);
	status = bind_as(connection, &identity, deadline_ms, failure_r);
	sp_ldap_disconnect(&connection);
	*right_r = status == SP_DIRECTORY_OK;
	if (!is_refusal(failure_r->code))
		return status;
	failure_r->of_server = false;
	return SP_DIRECTORY_OK;
}

void sp_ldap_disconnect(struct sp_ldap_connection **connection)
{
	struct sp_ldap_connection *c;

	if (connection == NULL || (c = *connection) == NULL)
		return;
	*connection = NULL;
	c->deadline.at_ms = 0; /* say goodbye if that needs no waiting */
	if (c->ld != NULL)
		ldap_unbind_ext_s(c->ld, NULL, NULL);
	sp_ldap_deadline_wipe(&c->deadline);
	free(c);
}
