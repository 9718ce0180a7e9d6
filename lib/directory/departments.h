/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * departments.h - which department each owner of a list of credentials is of
 */
#ifndef SP_DIRECTORY_DEPARTMENTS_H
#define SP_DIRECTORY_DEPARTMENTS_H

#include <stdbool.h>

#include "lib/directory/admin.h"
#include "lib/directory/credential.h"
#include "sendpass/attributes.h"

/* Holds the owners of the list and nobody else. DNs are the same if they are so but for
 * case and for blanks that mean nothing (RFC 4514, section 2). */
struct sp_departments;

/* None of the owners is known yet. NULL when there is no memory. */
struct sp_departments *sp_departments_new(const struct sp_credential_list *list);
/* Accepts NULL; *departments becomes NULL. */
void sp_departments_free(struct sp_departments **departments);

/* The owner's entry is there, and names that department; NULL: none. Somebody else
 * is passed over. False when there is no memory. */
SP_NODISCARD bool sp_departments_set(
    struct sp_departments *departments, const char *owner_dn, const char *department);

/* False if the owner's entry was not found; else what it names, or NULL. The text is
 * the map's. */
SP_NODISCARD bool sp_departments_find(
    const struct sp_departments *departments, const char *owner_dn, const char **department_r);

/* Sets what the entries below owner_base say, by one search: the first printable value
 * of owner_department_attribute, which must not be empty. */
SP_NODISCARD enum sp_admin_status sp_admin_read_departments(
    struct sp_admin *admin, struct sp_departments *departments, char why_r[SP_CONF_WHY_MAX]);

#endif
