/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ldap_sent.h - what libldap has sent stays nowhere in memory
 *
 * libldap builds each message in memory that it frees as it is, and the message of a bind
 * holds the password (ITS#8474). So a layer of ours lies over all others of a connection
 * and wipes what these have taken. Nothing reads a message again once it is sent: libldap
 * would for a referral, and those are not followed.
 */
#ifndef SP_DIRECTORY_LDAP_SENT_H
#define SP_DIRECTORY_LDAP_SENT_H

#include <ldap.h>
#include <stdbool.h>

#include "sendpass/attributes.h"

/* Has messages of the handle wiped, from its connection on. *callbacks must outlive it. */
SP_NODISCARD bool sp_ldap_wipe_sent(struct ldap_conncb *callbacks, LDAP *ld);

#endif
