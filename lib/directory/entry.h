/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * entry.h - an LDAP entry outside libldap: DN and attributes in one run of bytes
 *
 * The form in which a replica stores entries, and from which both backends read
 * them. Values may hold any byte. A number in it is 32 bits, as this machine
 * writes them:
 *
 *	version (1 byte), DN, and for each attribute: bytes that follow, name,
 *	number of values, values; where DN, name and value are a length and bytes
 *
 * An attribute has its name as the server gave it, options and all, at least one
 * value, and is there once.
 */
#ifndef SP_DIRECTORY_ENTRY_H
#define SP_DIRECTORY_ENTRY_H

#include <lber.h> /* struct berval */
#include <stdbool.h>
#include <stddef.h>

#include "sendpass/attributes.h"

#define SP_ENTRY_VERSION 1

/* A view of bytes that somebody else keeps. */
struct sp_entry {
	const char *bytes;
	size_t length;
};

/* Views bytes of unknown origin. False unless they are an entry from first to last. */
SP_NODISCARD bool sp_entry_view(const void *bytes, size_t length, struct sp_entry *entry_r);

/* Not terminated by a NUL; nor are the values below. */
struct berval sp_entry_dn(const struct sp_entry *entry);

/* Values of one attribute that are yet to come. */
struct sp_entry_values {
	const char *at;
	size_t count;
};

/* Only while count is over 0. */
struct berval sp_entry_next_value(struct sp_entry_values *values);

/* The attribute of that name, letters of any case, and without options, as
 * ldap_get_values_len() does. False if it is absent. */
SP_NODISCARD bool sp_entry_find(
    const struct sp_entry *entry, const char *name, struct sp_entry_values *values_r);

/* Attributes that are yet to come. */
struct sp_entry_attributes {
	const char *at, *end;
};

struct sp_entry_attributes sp_entry_all(const struct sp_entry *entry);

/* False past the last. */
SP_NODISCARD bool sp_entry_next(struct sp_entry_attributes *attributes, struct berval *name_r,
    struct sp_entry_values *values_r);

/* Makes entries, one after the other. Starts as zero; memory that runs out is kept
 * in mind until sp_entry_end(). The bytes may hold a hash and are wiped when they go. */
struct sp_entry_builder {
	char *bytes;
	size_t length, size;
	size_t attribute; /* where the one under way has its number of bytes; 0: none */
	bool failed;
};

void sp_entry_begin(struct sp_entry_builder *builder, const char *dn);
void sp_entry_add_attribute(struct sp_entry_builder *builder, const char *name);
/* Of the attribute that was added last. */
void sp_entry_add_value(struct sp_entry_builder *builder, const char *bytes, size_t length);

/* Views the entry until the next sp_entry_begin(). False when memory ran out. */
SP_NODISCARD bool sp_entry_end(struct sp_entry_builder *builder, struct sp_entry *entry_r);

/* Wipes and frees what was made last. */
void sp_entry_builder_clear(struct sp_entry_builder *builder);

#endif
