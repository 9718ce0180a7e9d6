/* SPDX-License-Identifier: BSD-2-Clause */
/* import_passwd.c - Dovecot's passwd-file: user:password:uid:gid:gecos:home:shell:extra fields */
#include <stdlib.h>
#include <string.h>

#include "tool/import_source.h"

#define FIELDS_BEFORE_EXTRA 7

/* Extra fields that say where or whether the password may be used: what is taken
 * without them would allow more than before. */
static const char *const restricting[] = {"allow_nets", "allow_real_nets", "nologin", "nopassword"};

static bool judge_extra(struct sp_import_record *record, char *extra)
{
	for (char *rest = extra, *field; (field = strsep(&rest, " \t")) != NULL;) {
		size_t length = strcspn(field, "=");
		for (size_t i = 0; i < sizeof(restricting) / sizeof(restricting[0]); i++) {
			if (strlen(restricting[i]) == length &&
			    strncmp(field, restricting[i], length) == 0)
				return sp_import_fault(record,
				    "it has %s, which is not taken over: issue a new one",
				    restricting[i]);
		}
	}
	return true;
}

static bool read_line(char *text, struct sp_import_record *record)
{
	char *rest = text;
	char *login = strsep(&rest, ":");
	char *hash = strsep(&rest, ":");

	for (int i = 2; i < FIELDS_BEFORE_EXTRA && rest != NULL; i++)
		(void)strsep(&rest, ":");
	if (login[0] == '\0')
		return sp_import_fault(record, "there is no user before the first colon");
	record->login = strdup(login);
	if (record->login == NULL)
		return false;
	if (hash == NULL)
		return sp_import_fault(record, "there is no colon and no hash");
	return (rest == NULL || judge_extra(record, rest)) &&
	       sp_import_take_hash(record, hash, strlen(hash));
}

bool sp_import_dovecot_passwd(
    char *bytes, size_t length, struct sp_import_records *records, char why_r[SP_CONF_WHY_MAX])
{
	char *rest = bytes, *text;

	if (strlen(bytes) != length) {
		snprintf(why_r, SP_CONF_WHY_MAX, "is no text: it has a NUL");
		return false;
	}
	for (unsigned long line = 1; (text = strsep(&rest, "\n")) != NULL; line++) {
		size_t end = strlen(text);
		if (end > 0 && text[end - 1] == '\r')
			text[end - 1] = '\0';
		if (text[0] == '\0' || text[0] == '#')
			continue;
		struct sp_import_record *record = sp_import_add(records, line);
		if (record == NULL || !read_line(text, record))
			return false;
	}
	return true;
}
