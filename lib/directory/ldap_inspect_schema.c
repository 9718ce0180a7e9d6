/* SPDX-License-Identifier: BSD-2-Clause */
/* ldap_inspect_schema.c - schema and configuration of a server, for inspect.h */
#include <ldap_schema.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/directory/ldap_inspect.h"

struct sp_inspect_schema {
	LDAPAttributeType **attributes; /* NULL-terminated */
	LDAPObjectClass **classes;
};

/* ---- schema ---- */

static bool has_name(char *const *names, const char *name)
{
	for (; names != NULL && *names != NULL; names++) {
		if (strcasecmp(*names, name) == 0)
			return true;
	}
	return false;
}

/* What cannot be read is left out: it is not ours. */
static bool take_attributes(struct sp_inspect_schema *schema, struct berval **values)
{
	size_t count = 0;
	int code;
	const char *where;

	schema->attributes =
	    calloc((size_t)ldap_count_values_len(values) + 1, sizeof(LDAPAttributeType *));
	for (; schema->attributes != NULL && *values != NULL; values++) {
		LDAPAttributeType *type =
		    ldap_str2attributetype((*values)->bv_val, &code, &where, LDAP_SCHEMA_ALLOW_ALL);
		if (type != NULL)
			schema->attributes[count++] = type;
	}
	return schema->attributes != NULL;
}

static bool take_classes(struct sp_inspect_schema *schema, struct berval **values)
{
	size_t count = 0;
	int code;
	const char *where;

	schema->classes =
	    calloc((size_t)ldap_count_values_len(values) + 1, sizeof(LDAPObjectClass *));
	for (; schema->classes != NULL && *values != NULL; values++) {
		LDAPObjectClass *class =
		    ldap_str2objectclass((*values)->bv_val, &code, &where, LDAP_SCHEMA_ALLOW_ALL);
		if (class != NULL)
			schema->classes[count++] = class;
	}
	return schema->classes != NULL;
}

static struct sp_inspect_schema *take_schema(LDAP *ld, LDAPMessage *entry)
{
	struct sp_inspect_schema *schema = calloc(1, sizeof(*schema));
	struct berval **attributes = ldap_get_values_len(ld, entry, "attributeTypes");
	struct berval **classes = ldap_get_values_len(ld, entry, "objectClasses");

	if (schema != NULL &&
	    !(attributes != NULL && classes != NULL && take_attributes(schema, attributes) &&
		take_classes(schema, classes)))
		sp_inspect_schema_free(&schema);
	ldap_value_free_len(attributes);
	ldap_value_free_len(classes);
	return schema;
}

struct sp_inspect_schema *sp_inspect_schema_read(
    struct sp_inspection *inspection, char why_r[SP_CONF_WHY_MAX])
{
	char *attributes[] = {"attributeTypes", "objectClasses", NULL};
	struct sp_inspect_schema *schema = NULL;
	LDAP *ld = inspection->connection->ld;
	int code;
	char *dn = sp_inspect_value(inspection, "", "subschemaSubentry", why_r);

	if (dn == NULL) {
		snprintf(why_r, SP_CONF_WHY_MAX, "the root DSE does not say where it is");
		return NULL;
	}
	struct sp_ldap_search search = {
	    .base = dn,
	    .scope = LDAP_SCOPE_BASE,
	    .filter = "(objectClass=subschema)",
	    .attributes = attributes,
	};
	LDAPMessage *result = sp_inspect_search(inspection, &search, &code, why_r);
	LDAPMessage *entry = result != NULL ? ldap_first_entry(ld, result) : NULL;
	if (entry != NULL)
		schema = take_schema(ld, entry);
	if (schema == NULL && result != NULL)
		snprintf(why_r, SP_CONF_WHY_MAX, "%s is not shown", dn);
	ldap_msgfree(result);
	free(dn);
	return schema;
}

void sp_inspect_schema_free(struct sp_inspect_schema **schema)
{
	if (schema == NULL || *schema == NULL)
		return;
	for (size_t i = 0; (*schema)->attributes != NULL && (*schema)->attributes[i] != NULL; i++)
		ldap_attributetype_free((*schema)->attributes[i]);
	for (size_t i = 0; (*schema)->classes != NULL && (*schema)->classes[i] != NULL; i++)
		ldap_objectclass_free((*schema)->classes[i]);
	free((*schema)->attributes);
	free((*schema)->classes);
	free(*schema);
	*schema = NULL;
}

bool sp_inspect_schema_has_attribute(
    const struct sp_inspect_schema *schema, const char *name, const char *oid)
{
	for (LDAPAttributeType **type = schema->attributes; *type != NULL; type++) {
		if (has_name((*type)->at_names, name))
			return strcmp((*type)->at_oid, oid) == 0;
	}
	return false;
}

static const LDAPObjectClass *find_class(const struct sp_inspect_schema *schema, const char *name)
{
	for (LDAPObjectClass **class = schema->classes; *class != NULL; class ++) {
		if (has_name((*class)->oc_names, name))
			return *class;
	}
	return NULL;
}

bool sp_inspect_schema_has_class(
    const struct sp_inspect_schema *schema, const char *name, const char *oid)
{
	const LDAPObjectClass *class = find_class(schema, name);

	return class != NULL && strcmp(class->oc_oid, oid) == 0;
}

bool sp_inspect_schema_allows(
    const struct sp_inspect_schema *schema, const char *class_name, const char *attribute)
{
	const LDAPObjectClass *class = find_class(schema, class_name);

	return class != NULL && (has_name(class->oc_at_oids_must, attribute) ||
				    has_name(class->oc_at_oids_may, attribute));
}

/* ---- cn=config ---- */

static bool holds(LDAP *ld, LDAPMessage *entry, const char *dn)
{
	struct berval **suffixes = ldap_get_values_len(ld, entry, "olcSuffix");
	bool is = false;

	for (struct berval **suffix = suffixes; suffix != NULL && *suffix != NULL && !is; suffix++)
		is = sp_inspect_is_below(dn, (*suffix)->bv_val);
	ldap_value_free_len(suffixes);
	return is;
}

static char **texts_of(struct berval **values)
{
	char **texts = calloc((size_t)ldap_count_values_len(values) + 1, sizeof(*texts));
	bool ok = texts != NULL;

	for (size_t i = 0; ok && values != NULL && values[i] != NULL; i++) {
		texts[i] = strndup(values[i]->bv_val, values[i]->bv_len);
		ok = texts[i] != NULL;
	}
	return texts;
}

static bool take_database(LDAP *ld, LDAPMessage *entry, struct sp_inspect_database *database_r)
{
	struct berval **indexes = ldap_get_values_len(ld, entry, "olcDbIndex");
	struct berval **checks = ldap_get_values_len(ld, entry, "olcAddContentAcl");

	database_r->indexes = texts_of(indexes);
	database_r->checks_adds =
	    checks != NULL && checks[0] != NULL && strcmp(checks[0]->bv_val, "TRUE") == 0;
	ldap_value_free_len(indexes);
	ldap_value_free_len(checks);
	return database_r->indexes != NULL;
}

bool sp_inspect_database_read(struct sp_inspection *inspection, const char *dn,
    struct sp_inspect_database *database_r, char why_r[SP_CONF_WHY_MAX])
{
	char *attributes[] = {"olcSuffix", "olcDbIndex", "olcAddContentAcl", NULL};
	struct sp_ldap_search search = {
	    .base = "cn=config",
	    .scope = LDAP_SCOPE_SUBTREE,
	    .filter = "(olcSuffix=*)",
	    .attributes = attributes,
	};
	LDAP *ld = inspection->connection->ld;
	bool found = false;
	int code;

	*database_r = (struct sp_inspect_database){0};
	LDAPMessage *result = sp_inspect_search(inspection, &search, &code, why_r);
	if (result == NULL)
		return false;
	for (LDAPMessage *entry = ldap_first_entry(ld, result); entry != NULL && !found;
	     entry = ldap_next_entry(ld, entry))
		found = holds(ld, entry, dn) && take_database(ld, entry, database_r);
	ldap_msgfree(result);
	if (!found)
		snprintf(why_r, SP_CONF_WHY_MAX, "cn=config shows no database for it");
	return found;
}

void sp_inspect_database_free(struct sp_inspect_database *database)
{
	for (char **line = database->indexes; line != NULL && *line != NULL; line++)
		free(*line);
	free(database->indexes);
	*database = (struct sp_inspect_database){0};
}

/* Whether the words, which commas divide, have this one. */
static bool lists(const char *words, size_t length, const char *word)
{
	size_t size = strlen(word);

	while (length > 0) {
		const char *comma = memchr(words, ',', length);
		size_t part = comma != NULL ? (size_t)(comma - words) : length;
		if (part == size && strncasecmp(words, word, size) == 0)
			return true;
		if (comma != NULL)
			part++;
		words += part;
		length -= part;
	}
	return false;
}

bool sp_inspect_index_is_there(char *const *lines, const char *attribute)
{
	for (; *lines != NULL; lines++) {
		const char *line = *lines;
		size_t attributes = strcspn(line, " \t");
		const char *kinds = line + attributes + strspn(line + attributes, " \t");
		if (lists(line, attributes, attribute) &&
		    (*kinds == '\0' || lists(kinds, strlen(kinds), "eq")))
			return true;
	}
	return false;
}
