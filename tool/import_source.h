/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * import_source.h - app passwords as other systems keep them
 *
 *	dovecot-passwd  a passwd-file of Dovecot: user:{SCHEME}hash:...
 *	csv             columns named in the first line: login and hash, and perhaps
 *	                label and expires (RFC 4180)
 *	ldif            entries with uid or mail, and userPassword (RFC 2849)
 *	mailcow         its table app_passwd, as `mysql -B` prints it: columns split by
 *	                tabs, their names in the first line
 */
#ifndef SP_TOOL_IMPORT_SOURCE_H
#define SP_TOOL_IMPORT_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <time.h>

#include "lib/conf/conf.h"
#include "sendpass/attributes.h"

#define SP_IMPORT_BYTES_MAX (64 * 1024 * 1024)

/* One password that a line, a row or a value of an entry holds. */
struct sp_import_record {
	unsigned long line; /* where it ends; an entry of LDIF: where it begins */
	char *login;        /* may be NULL where there is a fault */
	char *hash;         /* an Argon2 PHC string without a scheme before it, unchecked */
	char *label;        /* NULL: the source has none */
	time_t expires;     /* SP_NO_TIME: never */
	char *fault;        /* why it cannot be taken, in words; NULL: nothing is known yet */
};

struct sp_import_records {
	struct sp_import_record *items;
	size_t count;
};

enum sp_import_format {
	SP_IMPORT_DOVECOT_PASSWD,
	SP_IMPORT_CSV,
	SP_IMPORT_LDIF,
	SP_IMPORT_MAILCOW,
};

SP_NODISCARD bool sp_import_format_parse(const char *name, enum sp_import_format *format_r);

/* Reads all of in, without a byte order mark before it. A record that cannot be taken is among them, with its fault.
 * False, with why_r for the user and the records empty, where the whole cannot be
 * read: no columns that are needed, over SP_IMPORT_BYTES_MAX, no memory. */
SP_NODISCARD bool sp_import_read(enum sp_import_format format, FILE *in,
    struct sp_import_records *records_r, char why_r[SP_CONF_WHY_MAX]);

/* Wipes the hashes, frees all and empties the struct. */
void sp_import_records_clear(struct sp_import_records *records);

/* ---- for the readers of each format ---- */

/* Appends a record that is empty but for its line. NULL when there is no memory. */
struct sp_import_record *sp_import_add(struct sp_import_records *records, unsigned long line);

/* Takes a hash with or without a "{SCHEME}" before it. One that is not Argon2's
 * is the record's fault. False when there is no memory. */
SP_NODISCARD bool sp_import_take_hash(
    struct sp_import_record *record, const char *text, size_t length);

/* Says what is wrong, unless something is already. False when there is no memory. */
SP_NODISCARD bool sp_import_fault(struct sp_import_record *record, const char *format, ...)
    SP_PRINTF(2, 3);

/* Each reads a whole source, of length bytes with a NUL behind. */
typedef bool sp_import_reader(
    char *bytes, size_t length, struct sp_import_records *records, char why_r[SP_CONF_WHY_MAX]);
sp_import_reader sp_import_dovecot_passwd, sp_import_csv, sp_import_ldif, sp_import_mailcow;

#endif
