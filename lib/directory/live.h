/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * live.h - the directory as it is now, by LDAP
 *
 * Every instance keeps one connection and is used by one thread. What all
 * instances know of the servers' health is shared, so that an outage is noticed
 * once and not once per attempt.
 */
#ifndef SP_DIRECTORY_LIVE_H
#define SP_DIRECTORY_LIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/secret.h"
#include "lib/conf/conf.h"
#include "lib/directory/directory.h"
#include "sendpass/attributes.h"

/* Makes this process's libldap deaf to ldap.conf, ldaprc files and LDAP...
 * variables, all of which could weaken TLS: sets LDAPNOINIT=1 and has libldap
 * read it. Also ignores SIGPIPE, which libldap's writes would raise. Call it
 * first in main(), before there are threads; no site can be made without. */
void sp_ldap_isolate(void);

/* The servers and how to reach them; made once from a configuration and shared
 * by the instances, which must all be closed before it is freed. It keeps
 * copies of what it needs; the bind secret is locked in memory and wiped at the end. */
struct sp_ldap_site;

/* Checks settings that only make sense together: URI schemes, TLS demanded
 * (ldapi:// apart, or the word `insecure`, which logs a warning), filters that
 * parse and hold %u, bases that are DNs. On false *site_r is NULL and why_r
 * says which setting is wrong. */
SP_NODISCARD bool sp_ldap_site_new(const struct sp_conf *conf, const struct sp_secret *bind_secret,
    struct sp_ldap_site **site_r, char why_r[SP_CONF_WHY_MAX]);
void sp_ldap_site_free(struct sp_ldap_site **site);

/* What the instances have found of the servers that they read from. Safe from every
 * thread while the site is there. */
struct sp_ldap_server_state {
	const char *uri; /* the site's */
	bool up;         /* it answered when last asked, or was not asked yet */
	time_t asked;    /* when that was; 0: not yet */
};

size_t sp_ldap_site_server_count(const struct sp_ldap_site *site);
struct sp_ldap_server_state sp_ldap_site_server(const struct sp_ldap_site *site, size_t server);
/* How often an instance connected to another server than the one before. */
uint64_t sp_ldap_site_failovers(const struct sp_ldap_site *site);

/* A new instance; it connects when first asked. NULL when there is no memory. */
struct sp_directory *sp_ldap_directory_new(struct sp_ldap_site *site);

#endif
