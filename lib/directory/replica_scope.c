/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/directory/replica_scope.h"

#include <ldap.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/directory/ldap_mapping.h"

#define FORMAT_VERSION "1" /* of keys and tables; the entry's own is SP_ENTRY_VERSION */

static bool refuse(char why_r[SP_CONF_WHY_MAX], const char *format, ...) SP_PRINTF(2, 3);

static bool refuse(char why_r[SP_CONF_WHY_MAX], const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(why_r, SP_CONF_WHY_MAX, format, arguments);
	va_end(arguments);
	return false;
}

static bool add_attribute(struct sp_conf_list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++) {
		if (strcasecmp(list->items[i], name) == 0)
			return true;
	}
	return sp_conf_list_add(list, name);
}

static bool add_attributes_of(struct sp_conf_list *list, const struct sp_filter *filter)
{
	for (; filter != NULL; filter = filter->next) {
		if (filter->attribute != NULL && !add_attribute(list, filter->attribute))
			return false;
		if (!add_attributes_of(list, filter->first))
			return false;
	}
	return true;
}

static bool parse(const char *setting, const char *template, struct sp_filter **filter_r,
    char why_r[SP_CONF_WHY_MAX])
{
	char why[SP_CONF_WHY_MAX];

	if (sp_filter_parse(template, filter_r, why))
		return true;
	return refuse(why_r, "directory.%s cannot go with a replica: %.350s", setting, why);
}

static bool read_filters(
    struct sp_replica_scope *scope, const struct sp_ldap_site *site, char why_r[SP_CONF_WHY_MAX])
{
	if (!parse("owner_filter", site->owner_filter, &scope->owner_filter, why_r) ||
	    !parse("owner_active_filter", site->owner_active_filter, &scope->active_filter, why_r))
		return false;
	if (!sp_filter_keys(scope->owner_filter, &scope->keys))
		return refuse(why_r,
		    "directory.owner_filter cannot go with a replica: it can find an entry that "
		    "has the login as the value of no text attribute, or has too many of these");
	return true;
}

/* An attribute that may be asked for is there or is not; for another, neither is true. Of
 * entries that somebody may log in as: there are others that we see less, or more, of. */
static bool make_probe(struct sp_replica_scope *scope)
{
	size_t size = 0;
	char *text = NULL;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL)
		return false;
	fputs("(&(|", out);
	for (size_t i = 0; i < scope->keys.count; i++)
		fprintf(out, "(%s=*)", scope->keys.items[i]->attribute);
	fputs(")", out);
	for (size_t i = 0; i < scope->judged.count; i++) {
		const char *name = scope->judged.items[i];
		fprintf(out, "(|(%s=*)(!(%s=*)))", name, name);
	}
	fputs(")", out);
	bool ok = ferror(out) == 0;
	ok = fclose(out) == 0 && ok;
	scope->probe = (struct sp_replica_search){
	    scope->searches[SP_REPLICA_OWNERS].base, text, scope->judged.items};
	return ok;
}

static bool choose_attributes(struct sp_replica_scope *scope, const struct sp_ldap_site *site)
{
	bool ok = add_attributes_of(&scope->judged, scope->owner_filter) &&
		  add_attributes_of(&scope->judged, scope->active_filter);

	for (size_t i = 0; ok && i < scope->judged.count; i++)
		ok = add_attribute(&scope->attributes, scope->judged.items[i]);
	ok = ok && add_attribute(&scope->attributes, "objectClass");

	scope->owner_attributes = site->owner_attributes.items;
	for (size_t i = 0; ok && scope->owner_attributes[i] != NULL; i++) {
		if (strcmp(scope->owner_attributes[i], LDAP_NO_ATTRS) != 0)
			ok = add_attribute(&scope->attributes, scope->owner_attributes[i]);
	}
	if (strcmp(scope->owner_attributes[0], LDAP_NO_ATTRS) != 0)
		scope->mail = scope->owner_attributes[0];
	return ok;
}

/* All that decides what is stored and under which keys. */
static bool make_fingerprint(struct sp_replica_scope *scope)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL)
		return false;
	fprintf(out, "%s.%d mail=%s", FORMAT_VERSION, SP_ENTRY_VERSION,
	    scope->mail != NULL ? scope->mail : "");
	for (size_t i = 0; i < SP_REPLICA_CONTENTS; i++) {
		const struct sp_replica_search *search = &scope->searches[i];
		fprintf(out, "\n%s %s", search->base, search->filter);
		for (char **name = search->attributes; *name != NULL; name++)
			fprintf(out, " %s", *name);
	}
	for (size_t i = 0; i < scope->keys.count; i++)
		fprintf(out, "\nkey %s", scope->keys.items[i]->attribute);
	bool ok = ferror(out) == 0;
	ok = fclose(out) == 0 && ok;
	scope->fingerprint = text;
	return ok;
}

bool sp_replica_scope_new(
    const struct sp_ldap_site *site, struct sp_replica_scope **scope_r, char why_r[SP_CONF_WHY_MAX])
{
	struct sp_replica_scope *scope = calloc(1, sizeof(*scope));
	size_t length;

	*scope_r = NULL;
	if (scope == NULL)
		return refuse(why_r, "no memory");
	if (!read_filters(scope, site, why_r)) {
		sp_replica_scope_free(&scope);
		return false;
	}
	bool ok = choose_attributes(scope, site);
	scope->searches[SP_REPLICA_CREDENTIALS] = (struct sp_replica_search){
	    .base = site->credential_base,
	    .filter = "(objectClass=" SP_CREDENTIAL_CLASS ")",
	    .attributes = sp_mapping_attributes(SP_WITH_HASH),
	};
	/* whoever may own, and whom a login may name: below owner_base, that is everybody */
	scope->searches[SP_REPLICA_OWNERS] = (struct sp_replica_search){
	    .base = site->owner_base,
	    .filter = "(!(objectClass=" SP_CREDENTIAL_CLASS "))",
	    .attributes = scope->attributes.items,
	};
	if (!ok || !make_probe(scope) || !make_fingerprint(scope))
		ok = refuse(why_r, "no memory");
	else if (!sp_dn_normal(
		     site->owner_base, strlen(site->owner_base), scope->owner_base, &length))
		ok = refuse(why_r, "directory.owner_base cannot go with a replica: it has a value "
				   "by its encoding, or is too long");
	if (!ok)
		sp_replica_scope_free(&scope);
	*scope_r = scope;
	return ok;
}

void sp_replica_scope_free(struct sp_replica_scope **scope)
{
	if (scope == NULL || *scope == NULL)
		return;
	sp_filter_free(&(*scope)->owner_filter);
	sp_filter_free(&(*scope)->active_filter);
	sp_conf_list_clear(&(*scope)->attributes);
	free((*scope)->fingerprint);
	sp_conf_list_clear(&(*scope)->judged);
	free((char *)(uintptr_t)(*scope)->probe.filter);
	free(*scope);
	*scope = NULL;
}

/* ---- keys of entries ---- */

static void add_bytes(struct sp_replica_key *key, const char *bytes, size_t length)
{
	size_t room = sizeof(key->bytes) - key->length;

	length = length < room ? length : room;
	memcpy(key->bytes + key->length, bytes, length);
	key->length += length;
}

bool sp_replica_key_make(enum sp_replica_key_kind kind, const char *attribute, struct berval value,
    struct sp_replica_key *key_r)
{
	char normal[SP_NORMAL_MAX];
	size_t length;
	bool is_dn = kind == SP_REPLICA_KEY_OWNER || kind == SP_REPLICA_KEY_DN;

	key_r->bytes[0] = (char)kind;
	key_r->length = 1;
	if (kind == SP_REPLICA_KEY_VALUE) {
		add_bytes(key_r, attribute, strlen(attribute));
		add_bytes(key_r, "=", 1);
	}
	for (size_t i = 1; i < key_r->length; i++) {
		if (key_r->bytes[i] >= 'A' && key_r->bytes[i] <= 'Z')
			key_r->bytes[i] = (char)(key_r->bytes[i] - 'A' + 'a');
	}
	if (!sp_kind_normal(
		is_dn ? SP_KIND_DN : SP_KIND_IGNORE, SP_PART_WHOLE, value, normal, &length))
		return false;
	add_bytes(key_r, normal, length);
	return true;
}

static bool take_values(const struct sp_entry *entry, enum sp_replica_key_kind kind,
    const char *attribute, sp_replica_key_fn *take, void *context)
{
	struct sp_entry_attributes all = sp_entry_all(entry);
	struct sp_entry_values values;
	struct sp_replica_key key;
	struct berval name;
	size_t length = strlen(attribute);

	while (sp_entry_next(&all, &name, &values)) {
		/* with options too, as the filter will have it */
		if (name.bv_len < length || strncasecmp(name.bv_val, attribute, length) != 0 ||
		    (name.bv_len > length && name.bv_val[length] != ';'))
			continue;
		while (values.count > 0) {
			if (sp_replica_key_make(
				kind, attribute, sp_entry_next_value(&values), &key) &&
			    !take(context, &key))
				return false;
		}
	}
	return true;
}

static bool take_owner_keys(const struct sp_replica_scope *scope, const struct sp_entry *entry,
    sp_replica_key_fn *take, void *context)
{
	struct sp_replica_key key;

	if (sp_replica_key_make(SP_REPLICA_KEY_DN, NULL, sp_entry_dn(entry), &key) &&
	    !take(context, &key))
		return false;
	for (size_t i = 0; i < scope->keys.count; i++) {
		if (!take_values(entry, SP_REPLICA_KEY_VALUE, scope->keys.items[i]->attribute, take,
			context))
			return false;
	}
	return scope->mail == NULL ||
	       take_values(entry, SP_REPLICA_KEY_VALUE, scope->mail, take, context);
}

bool sp_replica_keys_of(const struct sp_replica_scope *scope, enum sp_replica_content content,
    const struct sp_entry *entry, sp_replica_key_fn *take, void *context)
{
	switch (content) {
	case SP_REPLICA_CREDENTIALS:
		return take_values(entry, SP_REPLICA_KEY_ID, "sendpassId", take, context) &&
		       take_values(entry, SP_REPLICA_KEY_OWNER, "owner", take, context) &&
		       take_values(entry, SP_REPLICA_KEY_SENDER, "sendpassSender", take, context);
	case SP_REPLICA_OWNERS:
		return take_owner_keys(scope, entry, take, context);
	}
	return false;
}
