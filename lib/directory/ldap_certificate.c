/* SPDX-License-Identifier: BSD-2-Clause */
/* ldap_certificate.c - the certificate that a server shows, for inspect.h */
#include <arpa/inet.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "lib/directory/ldap_inspect.h"

static bool fail(char why_r[SP_CONF_WHY_MAX], const char *text)
{
	snprintf(why_r, SP_CONF_WHY_MAX, "%s", text);
	return false;
}

static bool set_number(LDAP *ld, int option, int value)
{
	return ldap_set_option(ld, option, &value) == LDAP_OPT_SUCCESS;
}

/* Every certificate is taken: it is only to be looked at. */
static bool prepare(LDAP *ld, int timeout_ms)
{
	struct timeval timeout = sp_timeval_from_ms(timeout_ms);

	return set_number(ld, LDAP_OPT_PROTOCOL_VERSION, LDAP_VERSION3) &&
	       ldap_set_option(ld, LDAP_OPT_NETWORK_TIMEOUT, &timeout) == LDAP_OPT_SUCCESS &&
	       ldap_set_option(ld, LDAP_OPT_TIMEOUT, &timeout) == LDAP_OPT_SUCCESS &&
	       set_number(ld, LDAP_OPT_X_TLS_REQUIRE_CERT, LDAP_OPT_X_TLS_NEVER) &&
	       set_number(ld, LDAP_OPT_X_TLS_NEWCTX, 0);
}

static int reach(LDAP *ld, enum sp_ldap_transport transport)
{
	int code = ldap_connect(ld);

	if (code == LDAP_SUCCESS && transport == SP_LDAP_STARTTLS)
		code = ldap_start_tls_s(ld, NULL, NULL);
	return code;
}

/* ---- what it says ---- */

static void add_name(struct sp_text *names, const char *bytes, size_t size, int kind)
{
	char address[INET6_ADDRSTRLEN];
	bool v4 = size == sizeof(struct in_addr), v6 = size == sizeof(struct in6_addr);

	if (names->length > 0)
		sp_text_add(names, ", ");
	if (kind == GNUTLS_SAN_DNSNAME)
		sp_text_add_n(names, bytes, size);
	else if ((v4 || v6) &&
		 inet_ntop(v4 ? AF_INET : AF_INET6, bytes, address, sizeof(address)) != NULL)
		sp_text_add(names, address);
}

static void list_names(gnutls_x509_crt_t certificate, char *names_r, size_t size)
{
	struct sp_text names;
	char name[256];

	sp_text_init(&names, names_r, size);
	for (unsigned i = 0;; i++) {
		size_t length = sizeof(name);
		int kind =
		    gnutls_x509_crt_get_subject_alt_name(certificate, i, name, &length, NULL);
		if (kind == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
			break;
		if (kind == GNUTLS_SAN_DNSNAME || kind == GNUTLS_SAN_IPADDRESS)
			add_name(&names, name, length, kind);
	}
}

static bool read_certificate(const struct berval *der, struct sp_inspect_certificate *certificate_r)
{
	gnutls_datum_t datum = {.data = (void *)der->bv_val, .size = (unsigned)der->bv_len};
	gnutls_x509_crt_t certificate;

	if (gnutls_x509_crt_init(&certificate) != 0)
		return false;
	bool ok = gnutls_x509_crt_import(certificate, &datum, GNUTLS_X509_FMT_DER) == 0;
	if (ok) {
		certificate_r->begins = gnutls_x509_crt_get_activation_time(certificate);
		certificate_r->ends = gnutls_x509_crt_get_expiration_time(certificate);
		certificate_r->has_host =
		    gnutls_x509_crt_check_hostname(certificate, certificate_r->host) != 0;
		list_names(certificate, certificate_r->names, sizeof(certificate_r->names));
	}
	gnutls_x509_crt_deinit(certificate);
	return ok;
}

/* ---- to the server ---- */

static bool take_host(const char *uri, struct sp_inspect_certificate *certificate_r)
{
	LDAPURLDesc *url = NULL;
	bool ok = ldap_url_parse(uri, &url) == LDAP_URL_SUCCESS && url->lud_host != NULL &&
		  strlen(url->lud_host) < sizeof(certificate_r->host);

	if (ok)
		snprintf(certificate_r->host, sizeof(certificate_r->host), "%s", url->lud_host);
	ldap_free_urldesc(url);
	return ok;
}

/* With a deadline on the handshake too. */
static bool fetch(const struct sp_ldap_server *server, int timeout_ms, struct berval *der_r,
    char why_r[SP_CONF_WHY_MAX])
{
	struct sp_ldap_deadline deadline = {.at_ms = sp_now_ms() + timeout_ms};
	LDAP *ld = NULL;
	int code = ldap_initialize(&ld, server->uri);

	if (code == LDAP_SUCCESS &&
	    !(prepare(ld, timeout_ms) && sp_ldap_deadline_attach(&deadline, ld)))
		code = LDAP_LOCAL_ERROR;
	if (code == LDAP_SUCCESS)
		code = reach(ld, server->transport);
	if (code == LDAP_SUCCESS)
		code = ldap_get_option(ld, LDAP_OPT_X_TLS_PEERCERT, der_r);
	if (ld != NULL)
		ldap_unbind_ext_s(ld, NULL, NULL);
	return (code == LDAP_SUCCESS && der_r->bv_val != NULL) ||
	       fail(why_r, code != LDAP_SUCCESS ? ldap_err2string(code) : "it shows none");
}

bool sp_inspect_certificate(const struct sp_conf *conf, size_t server,
    struct sp_inspect_certificate *certificate_r, char why_r[SP_CONF_WHY_MAX])
{
	const struct sp_ldap_identity nobody = {.bind = SP_BIND_NOBODY};
	struct sp_ldap_site *site;
	struct berval der = {0};
	bool ok = false;

	*certificate_r = (struct sp_inspect_certificate){0};
	if (!sp_ldap_site_make(conf, &nobody, &site, why_r))
		return false;
	const struct sp_ldap_server *asked = sp_inspect_server(site, server);
	if (asked == NULL)
		fail(why_r, "there is no such server");
	else if (asked->transport != SP_LDAP_TLS && asked->transport != SP_LDAP_STARTTLS)
		fail(why_r, "no TLS");
	else if (!take_host(asked->uri, certificate_r))
		fail(why_r, "the URI has no host");
	else if (fetch(asked, site->connect_timeout_ms, &der, why_r))
		ok = read_certificate(&der, certificate_r) || fail(why_r, "it cannot be read");
	ber_memfree(der.bv_val);
	sp_ldap_site_free(&site);
	return ok;
}
