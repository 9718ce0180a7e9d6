/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * attribute_kind.h - how values of well-known attributes are compared
 *
 * As a directory server does it by its schema, for what the filters of an
 * administrator name: RFC 4517 (rules), RFC 4519 and RFC 4524 (attributes), and what
 * account schemas add. Letters of ASCII are folded and others are not, so a value
 * that has others compares right only with one that is spelled the same.
 */
#ifndef SP_DIRECTORY_ATTRIBUTE_KIND_H
#define SP_DIRECTORY_ATTRIBUTE_KIND_H

#include <lber.h> /* struct berval */
#include <stdbool.h>
#include <stddef.h>

#include "sendpass/attributes.h"

enum sp_kind {
	SP_KIND_IGNORE,  /* caseIgnoreMatch, caseIgnoreIA5Match */
	SP_KIND_EXACT,   /* caseExactMatch, caseExactIA5Match */
	SP_KIND_OID,     /* objectIdentifierMatch, by name */
	SP_KIND_BOOLEAN, /* booleanMatch */
	SP_KIND_NUMBER,  /* integerMatch; in OpenLDAP's schema there is no order */
	SP_KIND_INTEGER, /* integerMatch, integerOrderingMatch */
	SP_KIND_TIME,    /* generalizedTimeMatch, generalizedTimeOrderingMatch */
	SP_KIND_DN,      /* distinguishedNameMatch */
};

/* The first name that the attribute has, which may be `name` itself. False, with
 * *kind_r as it was, if it is not among the well-known. */
SP_NODISCARD bool sp_kind_of(
    const char *name, size_t length, enum sp_kind *kind_r, const char **first_name_r);

/* Where in a value a text stands: at its ends, blanks do not count. */
enum sp_part {
	SP_PART_WHOLE,
	SP_PART_INITIAL,
	SP_PART_MIDDLE,
	SP_PART_FINAL,
};

#define SP_NORMAL_MAX 16384 /* bytes of a value in its normal form */

/* The value in a form in which equal ones have equal bytes; of SP_KIND_IGNORE and
 * SP_KIND_EXACT, parts of it too. False if it has not the kind's syntax, or is too long. */
SP_NODISCARD bool sp_kind_normal(enum sp_kind kind, enum sp_part part, struct berval value,
    char normal_r[SP_NORMAL_MAX], size_t *length_r);

/* Of numbers and times, by their normal forms: below 0, 0 or over 0. */
int sp_kind_order(enum sp_kind kind, struct berval one, struct berval other);

#endif
