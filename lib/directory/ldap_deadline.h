/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ldap_deadline.h - a deadline on all that libldap does with one socket
 *
 * libldap looks at the time between messages and not within one, and before 2.6.9
 * a TLS handshake with a silent server never ends (ITS#8047). So a layer of ours
 * lies between the socket and TLS, and waits no longer than the deadline.
 */
#ifndef SP_DIRECTORY_LDAP_DEADLINE_H
#define SP_DIRECTORY_LDAP_DEADLINE_H

#include <ldap.h>
#include <stdbool.h>
#include <stdint.h>

#include "sendpass/attributes.h"

struct sp_ldap_deadline {
	struct ldap_conncb callbacks; /* first */
	int64_t at_ms;                /* by sp_now_ms(); may be moved at any time */
};

/* Holds the handle to the deadline, from its connection on, for all its life. */
SP_NODISCARD bool sp_ldap_deadline_attach(struct sp_ldap_deadline *deadline, LDAP *ld);

#endif
