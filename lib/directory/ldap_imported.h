/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ldap_imported.h - the live directory's answers about passwords that are no app passwords
 */
#ifndef SP_DIRECTORY_LDAP_IMPORTED_H
#define SP_DIRECTORY_LDAP_IMPORTED_H

#include "lib/directory/directory.h"

/* The operations find_imported and check_password (directory.h) of a struct
 * sp_ldap_live. A password is checked by a bind on a new connection to the server
 * that answers, with the same TLS, which is closed again. */
SP_NODISCARD enum sp_directory_status sp_ldap_find_imported(struct sp_directory *directory,
    const char *login, size_t most, struct sp_directory_answer *answer_r);
SP_NODISCARD enum sp_directory_status sp_ldap_check_password(struct sp_directory *directory,
    const char *dn, const struct sp_secret *password, bool *right_r);

#endif
