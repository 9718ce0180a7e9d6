/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/directory/ldap_tls.h"

#include <openldap.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct sp_ldap_tls {
	LDAP *holder; /* connected to nobody: its reference keeps the context alive */
	void *context;
};

static bool set_number(LDAP *ld, int option, int value)
{
	return ldap_set_option(ld, option, &value) == LDAP_OPT_SUCCESS;
}

static bool set_text(LDAP *ld, int option, const char *value)
{
	return value == NULL || ldap_set_option(ld, option, value) == LDAP_OPT_SUCCESS;
}

/* What libldap judges a server by; some of it from the context, some from the handle. */
static bool set_demands(LDAP *ld)
{
	return set_number(ld, LDAP_OPT_X_TLS_REQUIRE_CERT, LDAP_OPT_X_TLS_DEMAND) &&
	       set_number(ld, LDAP_OPT_X_TLS_REQUIRE_SAN, LDAP_OPT_X_TLS_DEMAND) &&
	       set_number(ld, LDAP_OPT_X_TLS_PROTOCOL_MIN, LDAP_OPT_X_TLS_PROTOCOL_TLS1_2);
}

static void on_handshake(LDAP *ld, void *session, void *context, void *context_r)
{
	(void)ld, (void)session;
	*(void **)context_r = context;
}

/* A handle with one end of a socket pair. The other end has already hung up, so
 * that a handshake fails at once. */
static LDAP *connect_to_nobody(void)
{
	LDAP *ld = NULL;
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
		return NULL;
	if (shutdown(ends[1], SHUT_WR) != 0 ||
	    ldap_init_fd(ends[0], LDAP_PROTO_IPC, "ldapi:///", &ld) != LDAP_SUCCESS)
		close(ends[0]);
	close(ends[1]);
	return ld;
}

/* Asked for a handle's context, libldap adds a reference that nobody can give
 * back. It also shows the context at each handshake, so we have one. */
struct sp_ldap_tls *sp_ldap_tls_new(const char *ca, const char *certificate, const char *key)
{
	struct sp_ldap_tls *tls = calloc(1, sizeof(*tls));

	if (tls == NULL)
		return NULL;
	tls->holder = connect_to_nobody();
	if (tls->holder != NULL && set_demands(tls->holder) &&
	    set_text(tls->holder, LDAP_OPT_X_TLS_CACERTFILE, ca) &&
	    set_text(tls->holder, LDAP_OPT_X_TLS_CERTFILE, certificate) &&
	    set_text(tls->holder, LDAP_OPT_X_TLS_KEYFILE, key) &&
	    set_number(tls->holder, LDAP_OPT_X_TLS_NEWCTX, 0) &&
	    ldap_set_option(tls->holder, LDAP_OPT_X_TLS_CONNECT_CB, (const void *)on_handshake) ==
		LDAP_OPT_SUCCESS &&
	    ldap_set_option(tls->holder, LDAP_OPT_X_TLS_CONNECT_ARG, &tls->context) ==
		LDAP_OPT_SUCCESS)
		(void)ldap_install_tls(tls->holder);
	if (tls->context == NULL)
		sp_ldap_tls_free(&tls);
	return tls;
}

void sp_ldap_tls_free(struct sp_ldap_tls **tls)
{
	if (tls == NULL || *tls == NULL)
		return;
	if ((*tls)->holder != NULL)
		ldap_unbind_ext_s((*tls)->holder, NULL, NULL);
	free(*tls);
	*tls = NULL;
}

bool sp_ldap_tls_apply(const struct sp_ldap_tls *tls, LDAP *ld)
{
	return set_demands(ld) &&
	       ldap_set_option(ld, LDAP_OPT_X_TLS_CTX, tls->context) == LDAP_OPT_SUCCESS;
}

/* GnuTLS says "TLS1.2", OpenSSL "TLSv1.2". */
bool sp_ldap_tls_is_up(LDAP *ld)
{
	char *version = NULL;
	bool is;

	if (!ldap_tls_inplace(ld))
		return false;
	ldap_get_option(ld, LDAP_OPT_X_TLS_VERSION, &version);
	is = version != NULL && (strstr(version, "1.2") != NULL || strstr(version, "1.3") != NULL);
	ldap_memfree(version);
	return is;
}
