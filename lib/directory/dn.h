/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dn.h - names of entries (RFC 4514), without a server to compare them
 */
#ifndef SP_DIRECTORY_DN_H
#define SP_DIRECTORY_DN_H

#include <stdbool.h>
#include <stddef.h>

#include "sendpass/attributes.h"

#define SP_DN_NORMAL_MAX 4096 /* bytes, a NUL with them */

/* The name in a form in which those of one entry are equal, whatever the case of
 * ASCII letters, blanks, escapes, the order within a component, or which of its names a
 * well-known attribute goes by. False if it is no name, or too long. */
SP_NODISCARD bool sp_dn_normal(
    const char *dn, size_t length, char normal_r[SP_DN_NORMAL_MAX], size_t *length_r);

/* Of normal forms: whether the entry is the base or below it. */
SP_NODISCARD bool sp_dn_is_within(const char *normal, const char *base);

#endif
