/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ldap_gssapi.h - binding by SASL GSSAPI (RFC 4752), with a Kerberos ticket
 *
 * The tool's alone. libsasl2 loads its mechanism GSSAPI, which asks libkrb5, and
 * that finds ticket and configuration as the environment of the process says
 * (KRB5CCNAME, KRB5_CONFIG).
 */
#ifndef SP_DIRECTORY_LDAP_GSSAPI_H
#define SP_DIRECTORY_LDAP_GSSAPI_H

#include "lib/directory/ldap_connection.h"
#include "sendpass/attributes.h"

/* Binds a connection as the ticket's principal, to the service ldap/HOST with the
 * host of the URI (for ldapi://: of this machine). Nobody is asked for anything. TLS,
 * or the local socket, protects what follows: no SASL security layer is taken.
 * libkrb5 may take longer than the deadline to find a KDC. Of a failure the text
 * says what to do; SP_DIRECTORY_ERROR is one that arose here, before the server
 * was asked. */
SP_NODISCARD enum sp_directory_status sp_ldap_bind_gssapi(
    struct sp_ldap_connection *connection, int64_t deadline_ms, struct sp_ldap_failure *failure_r);

/* The principal as which it bound, such as alice@EXAMPLE.ORG; NULL if that is not
 * known. The caller frees it (ldap_memfree). */
char *sp_ldap_gssapi_principal(const struct sp_ldap_connection *connection);

#endif
