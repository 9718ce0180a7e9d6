/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ldap_mapping.h - an LDAP entry as a struct sp_credential or a struct sp_owner_entry
 *
 * The one place that knows what attributes mean, for every backend. Fails closed:
 * what cannot be understood makes the credential unusable, with the reason in its
 * `unusable`, and never simply goes missing.
 */
#ifndef SP_DIRECTORY_LDAP_MAPPING_H
#define SP_DIRECTORY_LDAP_MAPPING_H

#include <stdbool.h>

#include "lib/directory/credential.h"
#include "lib/directory/directory.h"
#include "lib/directory/entry.h"
#include "sendpass/attributes.h"

#define SP_CREDENTIAL_CLASS "sendpassCredential"

/* Each one beside all before it. */
enum sp_mapping_wanted { SP_WITHOUT_HASH, SP_WITH_HASH, SP_WITH_CLASS };

/* What to ask a search for, NULL-terminated, static. */
char **sp_mapping_attributes(enum sp_mapping_wanted wanted);

enum sp_class_shown {
	SP_CLASS_HIDDEN =
	    0,          /* every entry has a class (RFC 4512, section 2.4), and may not show it */
	SP_CLASS_OTHER, /* or one below a credential's, as the server alone knows */
	SP_CLASS_CREDENTIAL,
};

/* What an entry that a search with SP_WITH_CLASS has found shows. */
enum sp_class_shown sp_mapping_class(const struct sp_entry *entry);

/* The entry as a credential, which it is taken for, and which the caller owns. An id and
 * an owner must be there. NULL only when there is no memory. */
struct sp_credential *sp_mapping_credential(const struct sp_entry *entry);

/* The entry as an active owner. The first of attributes gives the addresses, those
 * after it the logins; a value with a NUL in it is left out. False only when there
 * is no memory. The caller clears *owner_r, which is empty before. */
SP_NODISCARD bool sp_mapping_owner(
    const struct sp_entry *entry, char *const *attributes, struct sp_owner_entry *owner_r);

#endif
