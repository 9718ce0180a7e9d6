/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * schema.h - the directory schema: one table, three printed forms
 *
 * definitions.c is the source. The files beside it are sp_schema_print()'s
 * output, committed so that they can be read and shipped; a test compares them.
 */
#ifndef SP_SCHEMA_SCHEMA_H
#define SP_SCHEMA_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "sendpass/attributes.h"

/* A UUID arc (ITU-T X.667): .1.n are attributes, .2.n are classes. Numbers are never reused. */
#define SP_SCHEMA_ARC "2.25.30296695291695726976438300743329354312"

enum sp_schema_syntax {
	SP_SYNTAX_TEXT,    /* Directory String, caseIgnoreMatch */
	SP_SYNTAX_OCTETS,  /* Octet String */
	SP_SYNTAX_TIME,    /* Generalized Time */
	SP_SYNTAX_BOOLEAN, /* Boolean: TRUE or FALSE */
};

struct sp_schema_attribute {
	unsigned number; /* below arc .1 */
	const char *name;
	const char *description;
	enum sp_schema_syntax syntax;
	bool single; /* at most one value */
};

struct sp_schema_class {
	unsigned number; /* below arc .2; all are structural and directly below top */
	const char *name;
	const char *description;
	const char *const *must; /* NULL-terminated */
	const char *const *may;  /* NULL-terminated */
};

extern const struct sp_schema_attribute sp_schema_attributes[];
extern const size_t sp_schema_attribute_count;
extern const struct sp_schema_class sp_schema_classes[];
extern const size_t sp_schema_class_count;

enum sp_schema_format {
	SP_SCHEMA_OPENLDAP, /* sendpass.schema, for an include in slapd.conf */
	SP_SCHEMA_LDIF,     /* sendpass.ldif, for ldapadd or slapadd to cn=config */
	SP_SCHEMA_389DS,    /* 99sendpass.ldif, for an instance's schema directory */
};

/* "openldap", "ldif" or "389ds". False, with *format_r untouched, for any other name. */
SP_NODISCARD bool sp_schema_format_parse(const char *name, enum sp_schema_format *format_r);

/* Writes the whole schema in that form. False if out could not be written. */
SP_NODISCARD bool sp_schema_print(FILE *out, enum sp_schema_format format);

#endif
