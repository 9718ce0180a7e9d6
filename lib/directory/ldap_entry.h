/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ldap_entry.h - an entry that a search returned, as a struct sp_entry
 */
#ifndef SP_DIRECTORY_LDAP_ENTRY_H
#define SP_DIRECTORY_LDAP_ENTRY_H

#include <ldap.h>
#include <stdbool.h>

#include "lib/directory/credential.h"
#include "lib/directory/entry.h"
#include "sendpass/attributes.h"

/* Builds the entry from its message, with all attributes that came. The entry is a
 * view of the builder's bytes. Wipes the values in the message, which can be read
 * this once. False when there is no memory or libldap cannot read the message. */
SP_NODISCARD bool sp_ldap_entry_build(
    LDAP *ld, LDAPMessage *message, struct sp_entry_builder *builder, struct sp_entry *entry_r);

/* The same, as the credential that it is and that the caller owns; or NULL. */
struct sp_credential *sp_ldap_entry_credential(LDAP *ld, LDAPMessage *message);

#endif
