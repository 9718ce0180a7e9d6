/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ldap_senders.h - who may send as an address, of the live directory
 */
#ifndef SP_DIRECTORY_LDAP_SENDERS_H
#define SP_DIRECTORY_LDAP_SENDERS_H

#include "lib/directory/directory.h"

/* The operation find_senders (directory.h) of a struct sp_ldap_live. All its
 * searches go to one server and have one timeout together. */
SP_NODISCARD enum sp_directory_status sp_ldap_find_senders(
    struct sp_directory *directory, const char *address, struct sp_sender_answer *answer_r);

#endif
