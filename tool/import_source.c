/* SPDX-License-Identifier: BSD-2-Clause */
#include "tool/import_source.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/directory/credential.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf" /* spreadsheets put it before UTF-8 */

static const struct {
	const char *name;
	sp_import_reader *read;
} formats[] = {
    [SP_IMPORT_DOVECOT_PASSWD] = {"dovecot-passwd", sp_import_dovecot_passwd},
    [SP_IMPORT_CSV] = {"csv", sp_import_csv},
    [SP_IMPORT_LDIF] = {"ldif", sp_import_ldif},
    [SP_IMPORT_MAILCOW] = {"mailcow", sp_import_mailcow},
};

bool sp_import_format_parse(const char *name, enum sp_import_format *format_r)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (strcmp(name, formats[i].name) == 0) {
			*format_r = (enum sp_import_format)i;
			return true;
		}
	}
	return false;
}

struct sp_import_record *sp_import_add(struct sp_import_records *records, unsigned long line)
{
	struct sp_import_record *items =
	    reallocarray(records->items, records->count + 1, sizeof(*items));

	if (items == NULL)
		return NULL;
	records->items = items;
	items[records->count] = (struct sp_import_record){.line = line, .expires = SP_NO_TIME};
	return &items[records->count++];
}

bool sp_import_fault(struct sp_import_record *record, const char *format, ...)
{
	va_list arguments;

	if (record->fault != NULL)
		return true;
	va_start(arguments, format);
	int length = vasprintf(&record->fault, format, arguments);
	va_end(arguments);
	if (length < 0)
		record->fault = NULL;
	return length >= 0;
}

static bool is_argon2_scheme(const char *name, size_t length)
{
	static const char *const schemes[] = {"ARGON2", "ARGON2I", "ARGON2ID"};

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		if (strlen(schemes[i]) == length && strncasecmp(name, schemes[i], length) == 0)
			return true;
	}
	return false;
}

bool sp_import_take_hash(struct sp_import_record *record, const char *text, size_t length)
{
	const char *end = length > 0 && text[0] == '{' ? memchr(text, '}', length) : NULL;
	const char *hash = end != NULL ? end + 1 : text;
	size_t hash_length = length - (size_t)(hash - text);

	if (length == 0)
		return sp_import_fault(record, "there is no hash");
	if (end != NULL && !is_argon2_scheme(text + 1, (size_t)(end - text) - 1))
		return sp_import_fault(
		    record, "the hash is %.*s and not Argon2", (int)(end + 1 - text), text);
	if (hash_length < 7 || strncmp(hash, "$argon2", 7) != 0 ||
	    memchr(hash, '\0', hash_length) != NULL)
		return sp_import_fault(record, "the hash is not Argon2");
	record->hash = strndup(hash, hash_length);
	return record->hash != NULL;
}

void sp_import_records_clear(struct sp_import_records *records)
{
	for (size_t i = 0; i < records->count; i++) {
		struct sp_import_record *record = &records->items[i];
		if (record->hash != NULL)
			explicit_bzero(record->hash, strlen(record->hash));
		free(record->hash);
		free(record->login);
		free(record->label);
		free(record->fault);
	}
	free(records->items);
	*records = (struct sp_import_records){0};
}

/* The whole of in, with a NUL behind it. NULL with why_r. Nothing of it is left
 * in the stream's own buffer. */
static char *read_all(FILE *in, size_t *length_r, char why_r[SP_CONF_WHY_MAX])
{
	char *bytes = malloc(SP_IMPORT_BYTES_MAX + 1);

	if (bytes == NULL) {
		snprintf(why_r, SP_CONF_WHY_MAX, "out of memory");
		return NULL;
	}
	setvbuf(in, NULL, _IONBF, 0);
	*length_r = fread(bytes, 1, SP_IMPORT_BYTES_MAX, in);
	if (ferror(in))
		snprintf(why_r, SP_CONF_WHY_MAX, "cannot be read: %s", strerror(errno));
	else if (*length_r == SP_IMPORT_BYTES_MAX)
		snprintf(why_r, SP_CONF_WHY_MAX, "is %d MiB or more: split it",
		    SP_IMPORT_BYTES_MAX / (1024 * 1024));
	else {
		bytes[*length_r] = '\0';
		return bytes;
	}
	explicit_bzero(bytes, *length_r);
	free(bytes);
	return NULL;
}

bool sp_import_read(enum sp_import_format format, FILE *in, struct sp_import_records *records_r,
    char why_r[SP_CONF_WHY_MAX])
{
	size_t length;
	char *bytes = read_all(in, &length, why_r);

	*records_r = (struct sp_import_records){0};
	if (bytes == NULL)
		return false;
	snprintf(why_r, SP_CONF_WHY_MAX, "out of memory");
	size_t mark = strncmp(bytes, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK)) == 0
			  ? strlen(BYTE_ORDER_MARK)
			  : 0;
	bool ok = formats[format].read(bytes + mark, length - mark, records_r, why_r);
	explicit_bzero(bytes, length);
	free(bytes);
	if (!ok)
		sp_import_records_clear(records_r);
	return ok;
}
