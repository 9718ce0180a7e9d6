/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ldap_health.h - which servers answer, as all threads have seen it
 *
 * A server that failed is left alone for retry_after; then one thread probes it
 * and the others go on without it. Each change is logged once:
 *
 *	event=directory_down uri= error=
 *	event=directory_up uri= after_ms=
 *	event=directory_failover from= to=
 *	event=directory_error uri= error=	the server answers, but not what it should
 *
 * Servers are numbered in the order of preference.
 */
#ifndef SP_DIRECTORY_LDAP_HEALTH_H
#define SP_DIRECTORY_LDAP_HEALTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "lib/conf/conf.h"
#include "sendpass/attributes.h"

struct sp_ldap_health;

/* Every server counts as up. The URIs are copied. NULL when there is no memory. */
struct sp_ldap_health *sp_ldap_health_new(const struct sp_conf_list *uris, int64_t retry_after_ms);
void sp_ldap_health_free(struct sp_ldap_health **health);

/* Whether this thread may ask the server now. True for a server that is down
 * makes this thread its only prober, until it calls one of the next two. */
SP_NODISCARD bool sp_ldap_health_may_try(struct sp_ldap_health *health, size_t server);
void sp_ldap_health_failed(struct sp_ldap_health *health, size_t server, const char *error);
void sp_ldap_health_answered(struct sp_ldap_health *health, size_t server);

/* A thread has connected to the server; news if the last to connect chose another. */
void sp_ldap_health_connected(struct sp_ldap_health *health, size_t server);

/* Whether the server answered when it was last asked, or has not been asked yet. */
SP_NODISCARD bool sp_ldap_health_is_up(struct sp_ldap_health *health, size_t server);

/* When it was: it may be long ago, as nobody asks a later server while an earlier one
 * answers. 0: not yet. */
time_t sp_ldap_health_asked(struct sp_ldap_health *health, size_t server);

/* How often sp_ldap_health_connected() was news. */
uint64_t sp_ldap_health_failovers(struct sp_ldap_health *health);

/* The server answered with this LDAP result code where it should not; news if
 * its last such code was another. Code 0 ends the complaint. */
void sp_ldap_health_complain(
    struct sp_ldap_health *health, size_t server, int code, const char *error);

#endif
