/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ldap_site.h - the servers of a directory, how to reach them and what to ask for
 *
 * Immutable once made, but for the servers' health (ldap_health.h), which has a
 * lock of its own; so any number of threads may use one site.
 */
#ifndef SP_DIRECTORY_LDAP_SITE_H
#define SP_DIRECTORY_LDAP_SITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/secret.h"
#include "lib/conf/conf.h"
#include "lib/directory/bind.h"
#include "lib/directory/ldap_health.h"
#include "lib/directory/ldap_tls.h"
#include "lib/directory/live.h"
#include "sendpass/attributes.h"

enum sp_ldap_transport {
	SP_LDAP_LOCAL,    /* ldapi:// */
	SP_LDAP_TLS,      /* ldaps:// */
	SP_LDAP_STARTTLS, /* ldap://, and nothing but StartTLS before TLS is up */
	SP_LDAP_INSECURE, /* ldap:// as it is */
};

struct sp_ldap_server {
	char *uri;
	enum sp_ldap_transport transport;
};

struct sp_ldap_site {
	struct sp_ldap_server *servers; /* in the order of preference */
	size_t server_count;
	struct sp_ldap_server write_server; /* takes changes; without a URI, those above do */
	struct sp_ldap_tls *tls;            /* NULL if no server uses it */
	bool has_certificate;               /* of our own, for TLS */
	enum sp_bind bind;
	char *bind_dn; /* of a simple bind, with the secret */
	struct sp_secret bind_secret;
	int connect_timeout_ms; /* TCP, TLS and StartTLS */
	int timeout_ms;         /* bind, each search and each write */
	char *credential_base;
	char *credential_container;
	char *owner_base;
	char *owner_filter;
	char *owner_active_filter;
	char *owner_department_attribute; /* empty for none */
	/* owner_mail_attribute, or LDAP_NO_ATTRS for none; then owner_login_attributes */
	struct sp_conf_list owner_attributes;
	struct sp_ldap_health *health;
};

/* Who binds. The secret is copied. Only the doctor is nobody. */
struct sp_ldap_identity {
	enum sp_bind bind;
	const char *dn; /* of a simple bind, as the secret */
	const struct sp_secret *secret;
};

/* As sp_ldap_site_new(), but for that identity. */
SP_NODISCARD bool sp_ldap_site_make(const struct sp_conf *conf,
    const struct sp_ldap_identity *identity, struct sp_ldap_site **site_r,
    char why_r[SP_CONF_WHY_MAX]);

/* How many servers take changes, and which, in the order of preference. */
size_t sp_ldap_site_writable(
    const struct sp_ldap_site *site, const struct sp_ldap_server **servers_r);

#endif
