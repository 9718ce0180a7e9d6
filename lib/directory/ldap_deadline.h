/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ldap_deadline.h - a deadline on all that libldap does with one socket
 *
 * libldap looks at the time between messages and not within one, and before 2.6.9
 * a TLS handshake with a silent server never ends (ITS#8047). So a layer of ours
 * lies between the socket and TLS, and waits no longer than the deadline.
 *
 * It also has fewer system calls than libldap, which waits for each message and reads
 * its head alone: what has come is read at once, and two requests may go out as one.
 * Below TLS it cannot pass on, as if it had come protected, what was sent before.
 */
#ifndef SP_DIRECTORY_LDAP_DEADLINE_H
#define SP_DIRECTORY_LDAP_DEADLINE_H

#include <ldap.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sendpass/attributes.h"

#define SP_LDAP_READ_MAX 4096
#define SP_LDAP_HELD_MAX 2048

struct sp_ldap_deadline {
	struct ldap_conncb callbacks; /* first */
	int64_t at_ms;                /* by sp_now_ms(); may be moved at any time */
	bool hold; /* what is sent may wait for what is sent next, which must follow */

	/* the layer's own; what libldap has taken, or the socket, is wiped */
	size_t read_from, read_to, held;
	char read[SP_LDAP_READ_MAX], to_send[SP_LDAP_HELD_MAX];
};

/* Holds the handle to the deadline, from its connection on, for all its life. */
SP_NODISCARD bool sp_ldap_deadline_attach(struct sp_ldap_deadline *deadline, LDAP *ld);

/* Wipes what is left once the handle is gone. */
void sp_ldap_deadline_wipe(struct sp_ldap_deadline *deadline);

#endif
