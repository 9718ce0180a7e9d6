/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ldap_mapping.h - an LDAP entry as a struct sp_credential
 *
 * Fails closed: what cannot be understood makes the credential unusable, with
 * the reason in its `unusable`, and never simply goes missing.
 */
#ifndef SP_DIRECTORY_LDAP_MAPPING_H
#define SP_DIRECTORY_LDAP_MAPPING_H

#include <ldap.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/directory/credential.h"
#include "sendpass/attributes.h"

#define SP_CREDENTIAL_CLASS "sendpassCredential"

enum sp_hash_wanted { SP_WITHOUT_HASH, SP_WITH_HASH };

/* What to ask a search for, NULL-terminated, static. */
char **sp_mapping_attributes(enum sp_hash_wanted hash);

/* A credential in which everything is absent; NULL when there is no memory. */
struct sp_credential *sp_mapping_start(const char *dn);

/* Takes the values of one attribute by its name; count is at least 1. False only
 * when there is no memory. */
SP_NODISCARD bool sp_mapping_take(struct sp_credential *credential, const char *attribute,
    struct berval *const *values, size_t count);

/* Judges the whole: an id and an owner must be there. */
void sp_mapping_finish(struct sp_credential *credential);

/* All of the above on an entry that a search returned. NULL when there is no
 * memory or libldap cannot read the entry; the caller owns the credential. */
struct sp_credential *sp_mapping_read(LDAP *ld, LDAPMessage *entry);

#endif
