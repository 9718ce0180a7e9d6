/* SPDX-License-Identifier: BSD-2-Clause */
/* print.c - the schema as OpenLDAP's two forms and as 389 Directory Server's */
#include "schema/schema.h"

#include <string.h>

#define WIDTH 76 /* columns; RFC 2849 folds at 76 */
#define TAB   8

/* `fold` starts a new line within a definition. In LDIF (RFC 2849) it is LF and
 * one space, which readers drop, and then the space that stays. */
struct form {
	const char *name;
	const char *head;
	const char *attribute;
	const char *class;
	const char *fold;
	const char *end;
};

#define MADE_FROM                                                                                  \
	"# SPDX-License-Identifier: BSD-2-Clause\n"                                                \
	"# Printed by `sendpass schema`: edit schema/definitions.c instead.\n"

static const struct form forms[] = {
    [SP_SCHEMA_OPENLDAP] =
	{
	    "openldap",
	    MADE_FROM "# In slapd.conf, after core.schema: include /path/to/sendpass.schema\n\n",
	    "attributetype ",
	    "objectclass ",
	    "\n\t",
	    " )\n\n",
	},
    [SP_SCHEMA_LDIF] =
	{
	    "ldif",
	    MADE_FROM "# ldapadd -Y EXTERNAL -H ldapi:/// -f sendpass.ldif\n"
		      "dn: cn=sendpass,cn=schema,cn=config\n"
		      "objectClass: olcSchemaConfig\n"
		      "cn: sendpass\n",
	    "olcAttributeTypes: ",
	    "olcObjectClasses: ",
	    "\n  ",
	    " )\n",
	},
    [SP_SCHEMA_389DS] =
	{
	    "389ds",
	    MADE_FROM "# Copy to /etc/dirsrv/slapd-INSTANCE/schema/99sendpass.ldif and restart.\n"
		      "dn: cn=schema\n",
	    "attributeTypes: ",
	    "objectClasses: ",
	    "\n  ",
	    "\n  X-ORIGIN 'sendpass' )\n",
	},
};

/* RFC 4517: syntaxes in section 3.3, matching rules in section 4.2. */
static const struct {
	const char *equality;
	const char *ordering;
	const char *substrings;
	const char *oid;
} syntaxes[] = {
    [SP_SYNTAX_TEXT] = {"caseIgnoreMatch", NULL, "caseIgnoreSubstringsMatch",
	"1.3.6.1.4.1.1466.115.121.1.15"},
    [SP_SYNTAX_OCTETS] = {"octetStringMatch", NULL, NULL, "1.3.6.1.4.1.1466.115.121.1.40"},
    [SP_SYNTAX_TIME] = {"generalizedTimeMatch", "generalizedTimeOrderingMatch", NULL,
	"1.3.6.1.4.1.1466.115.121.1.24"},
    [SP_SYNTAX_BOOLEAN] = {"booleanMatch", NULL, NULL, "1.3.6.1.4.1.1466.115.121.1.7"},
};

bool sp_schema_format_parse(const char *name, enum sp_schema_format *format_r)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (strcmp(forms[i].name, name) == 0) {
			*format_r = (enum sp_schema_format)i;
			return true;
		}
	}
	return false;
}

static void print_attribute(
    FILE *out, const struct form *form, const struct sp_schema_attribute *attribute)
{
	const char *fold = form->fold;

	fprintf(out, "%s( " SP_SCHEMA_ARC ".1.%u", form->attribute, attribute->number);
	fprintf(out, "%sNAME '%s'", fold, attribute->name);
	fprintf(out, "%sDESC '%s'", fold, attribute->description);
	fprintf(out, "%sEQUALITY %s", fold, syntaxes[attribute->syntax].equality);
	if (syntaxes[attribute->syntax].ordering != NULL)
		fprintf(out, "%sORDERING %s", fold, syntaxes[attribute->syntax].ordering);
	if (syntaxes[attribute->syntax].substrings != NULL)
		fprintf(out, "%sSUBSTR %s", fold, syntaxes[attribute->syntax].substrings);
	fprintf(out, "%sSYNTAX %s", fold, syntaxes[attribute->syntax].oid);
	if (attribute->single)
		fprintf(out, "%sSINGLE-VALUE", fold);
	fputs(form->end, out);
}

static void print_names(
    FILE *out, const struct form *form, const char *word, const char *const *names)
{
	size_t column = (size_t)fprintf(out, "%s%s (", form->fold, word);

	for (size_t i = 0; names[i] != NULL; i++) {
		const char *separator = i > 0 ? " $" : "";

		if (column + strlen(names[i]) + strlen(" $ ") > WIDTH) {
			fprintf(out, "%s%s", separator, form->fold);
			column = TAB;
		} else {
			fprintf(out, "%s ", separator);
		}
		fputs(names[i], out);
		column += strlen(names[i]) + strlen(" $ ");
	}
	fputs(" )", out);
}

static void print_class(FILE *out, const struct form *form, const struct sp_schema_class *class)
{
	const char *fold = form->fold;

	fprintf(out, "%s( " SP_SCHEMA_ARC ".2.%u", form->class, class->number);
	fprintf(out, "%sNAME '%s'", fold, class->name);
	fprintf(out, "%sDESC '%s'", fold, class->description);
	fprintf(out, "%sSUP top STRUCTURAL", fold);
	print_names(out, form, "MUST", class->must);
	print_names(out, form, "MAY", class->may);
	fputs(form->end, out);
}

bool sp_schema_print(FILE *out, enum sp_schema_format format)
{
	const struct form *form = &forms[format];

	fputs(form->head, out);
	for (size_t i = 0; i < sp_schema_attribute_count; i++)
		print_attribute(out, form, &sp_schema_attributes[i]);
	for (size_t i = 0; i < sp_schema_class_count; i++)
		print_class(out, form, &sp_schema_classes[i]);
	return fflush(out) == 0 && ferror(out) == 0;
}
