/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ldap_filter.h - the one place where filters are made (RFC 4515)
 *
 * Text from outside enters a filter only as the value of a template's %u, and
 * always escaped; nothing switches that off.
 */
#ifndef SP_DIRECTORY_LDAP_FILTER_H
#define SP_DIRECTORY_LDAP_FILTER_H

#include <stdbool.h>
#include <time.h>

#include "lib/base/text.h"
#include "sendpass/attributes.h"

#define SP_FILTER_MAX 16384 /* bytes of a filter, a NUL with it */

/* Appends an assertion value: * ( ) \ and every byte below 0x20 or above 0x7e
 * become \HH (RFC 4515, section 3). */
void sp_filter_add_value(struct sp_text *filter, const char *bytes, size_t length);

/* Appends (ATTRIBUTE=VALUE), the value escaped; the attribute is ours. */
void sp_filter_add_item(struct sp_text *filter, const char *attribute, const char *value);

/* The template with the escaped value in the place of each %u, and % in the
 * place of %%. False, with filter_r empty, if it does not fit or holds another %. */
SP_NODISCARD bool sp_filter_expand(
    const char *template, const char *value, char filter_r[SP_FILTER_MAX]);

/* A template of what holds at a time: in the place of each %d the days since
 * 1970-01-01 UTC, as shadowExpire counts them; of each %f the tenths of
 * microseconds since 1601-01-01 UTC, as Active Directory's accountExpires counts
 * them; of %% a %. False as sp_filter_expand(). */
SP_NODISCARD bool sp_filter_expand_at(
    const char *template, time_t now, char filter_r[SP_FILTER_MAX]);

/* (&FIRST SECOND). False, with filter_r empty, if it does not fit. */
SP_NODISCARD bool sp_filter_and(
    const char *first, const char *second, char filter_r[SP_FILTER_MAX]);

/* Whether a template is exactly one filter in parentheses, as libldap encodes
 * it, and still fits with the longest login. It needs no %u. On false *why_r is
 * static text. */
SP_NODISCARD bool sp_filter_template_check(const char *template, const char **why_r);
/* The same of a template for sp_filter_expand_at(). */
SP_NODISCARD bool sp_filter_check_at(const char *template, const char **why_r);

#endif
