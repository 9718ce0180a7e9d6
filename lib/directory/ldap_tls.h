/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ldap_tls.h - one TLS context for all connections of a site
 *
 * Made once, so that its files are read while we still may, that a bad one is
 * found at the start, and that what libldap's GnuTLS code loses of each context
 * with a key is lost once and not at every attempt to connect.
 */
#ifndef SP_DIRECTORY_LDAP_TLS_H
#define SP_DIRECTORY_LDAP_TLS_H

#include <ldap.h>
#include <stdbool.h>

#include "sendpass/attributes.h"

struct sp_ldap_tls;

/* certificate and key may both be NULL. NULL when there is no memory, or a file
 * cannot be used. The caller owns it: sp_ldap_tls_free(), after all connections. */
struct sp_ldap_tls *sp_ldap_tls_new(const char *ca, const char *certificate, const char *key);
void sp_ldap_tls_free(struct sp_ldap_tls **tls);

/* Makes the handle use it, and refuse every server but one whose certificate the
 * CA has signed and whose subjectAltName has the host's name (RFC 6125). */
SP_NODISCARD bool sp_ldap_tls_apply(const struct sp_ldap_tls *tls, LDAP *ld);

/* Whether the handle's connection is under TLS 1.2 or 1.3. GnuTLS heeds no lower
 * limit that is set through libldap, so it is checked afterwards. */
SP_NODISCARD bool sp_ldap_tls_is_up(LDAP *ld);

#endif
