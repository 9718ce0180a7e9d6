/* SPDX-License-Identifier: BSD-2-Clause */
/* import_ldif.c - LDIF (RFC 2849), read by libldap; the one file that knows its ldif.h */
#include <stdio.h>
/* which ldif.h does not include */
#include <lber.h>
#include <ldif.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tool/import_source.h"

/* What is known of the entry that is being read. */
struct entry {
	unsigned long line;
	char *login; /* uid, or else mail */
	bool login_is_uid;
	size_t first; /* its first record */
};

static bool take_login(struct entry *entry, const struct berval *value, bool is_uid)
{
	if (entry->login != NULL && (entry->login_is_uid || !is_uid))
		return true;
	free(entry->login);
	entry->login = strndup(value->bv_val, value->bv_len);
	entry->login_is_uid = is_uid;
	return entry->login != NULL;
}

static bool is_named(const struct berval *type, const char *name)
{
	return type->bv_len == strlen(name) && strncasecmp(type->bv_val, name, type->bv_len) == 0;
}

static bool take_value(struct entry *entry, const struct berval *type, const struct berval *value,
    struct sp_import_records *records)
{
	if (is_named(type, "uid") || is_named(type, "mail"))
		return take_login(entry, value, is_named(type, "uid"));
	if (!is_named(type, "userPassword"))
		return true;
	struct sp_import_record *record = sp_import_add(records, entry->line);
	return record != NULL && sp_import_take_hash(record, value->bv_val, value->bv_len);
}

static bool refuse(unsigned long line, const char *what, char why_r[SP_CONF_WHY_MAX])
{
	snprintf(why_r, SP_CONF_WHY_MAX, "the entry at line %lu %s", line, what);
	return false;
}

/* One line, its continuations joined. libldap would open a URL behind "attribute:<". */
static bool take_line(
    struct entry *entry, char *line, struct sp_import_records *records, char why_r[SP_CONF_WHY_MAX])
{
	struct berval type, value;
	int owned = 0;
	const char *colon = strchr(line, ':');

	if (colon != NULL && colon[1] == '<')
		return refuse(entry->line, "names a URL (:<), which is not read", why_r);
	if (ldif_parse_line2(line, &type, &value, &owned) != 0)
		return refuse(entry->line, "has a line that is no LDIF", why_r);
	bool ok = is_named(&type, "changetype")
		      ? refuse(entry->line, "is a change, and no content", why_r)
		      : take_value(entry, &type, &value, records);
	if (owned) {
		explicit_bzero(value.bv_val, value.bv_len);
		ber_memfree(value.bv_val);
	}
	return ok;
}

/* All of its passwords are the login's, wherever that stood. */
static bool finish(struct entry *entry, struct sp_import_records *records)
{
	bool ok = true;

	for (size_t i = entry->first; i < records->count && ok; i++) {
		struct sp_import_record *record = &records->items[i];
		if (entry->login != NULL && entry->login[0] != '\0')
			ok = (record->login = strdup(entry->login)) != NULL;
		else
			ok = sp_import_fault(record, "the entry has neither uid nor mail");
	}
	free(entry->login);
	entry->login = NULL;
	return ok;
}

static bool read_entry(
    struct entry *entry, char *text, struct sp_import_records *records, char why_r[SP_CONF_WHY_MAX])
{
	bool ok = true;

	for (char *line; ok && (line = ldif_getline(&text)) != NULL;) {
		if (line[0] == '\0' || line[0] == '#')
			continue;
		ok = take_line(entry, line, records, why_r);
	}
	return finish(entry, records) && ok;
}

/* libldap would read the file that such a line names. */
static bool has_include(const char *text)
{
	static const char word[] = "include:";

	for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncasecmp(line, word, strlen(word)) == 0)
			return true;
	}
	return false;
}

bool sp_import_ldif(
    char *bytes, size_t length, struct sp_import_records *records, char why_r[SP_CONF_WHY_MAX])
{
	LDIFFP *in;
	char *text = NULL;
	int size = 0, status = 1;
	unsigned long line = 0, before = 0; /* libldap counts to the end of an entry */
	bool ok = true;

	if (length == 0)
		return true;
	if (strlen(bytes) != length || has_include(bytes)) {
		snprintf(why_r, SP_CONF_WHY_MAX, "it is no text, or includes another file");
		return false;
	}
	in = ldif_open_mem(bytes, length, "r");
	if (in == NULL)
		return false;
	while (ok && (status = ldif_read_record(in, &line, &text, &size)) > 0) {
		struct entry entry = {.line = before + 1, .first = records->count};
		before = line;
		ok = read_entry(&entry, text, records, why_r);
	}
	if (ok && status < 0)
		ok = refuse(before + 1, "cannot be read", why_r);
	if (text != NULL)
		explicit_bzero(text, (size_t)size);
	ber_memfree(text);
	ldif_close(in);
	return ok;
}
