/* SPDX-License-Identifier: BSD-2-Clause */
/* import_table.c - sources whose first line names their columns: CSV, and mailcow's app_passwd */
#include <csv.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tool/arguments.h"
#include "tool/import_source.h"
#include "tool/wiped_memory.h"

#define COLUMNS_MAX 32
#define FIELD_SIZE  65536 /* room that the parser seldom has to make anew */

/* What a column is to us. */
enum role { IGNORED, LOGIN, HASH, LABEL, EXPIRES, MUST_BE_ONE };

struct column {
	const char *name;
	enum role role;
};

static const struct column csv_columns[] = {
    {"login", LOGIN}, {"hash", HASH}, {"label", LABEL}, {"expires", EXPIRES}, {NULL, IGNORED}};

/* mailcow's data/web/inc/init_db.inc.php */
static const struct column mailcow_columns[] = {{"mailbox", LOGIN}, {"password", HASH},
    {"name", LABEL}, {"active", MUST_BE_ONE}, {"smtp_access", MUST_BE_ONE}, {"id", IGNORED},
    {"domain", IGNORED}, {"created", IGNORED}, {"modified", IGNORED}, {"imap_access", IGNORED},
    {"dav_access", IGNORED}, {"eas_access", IGNORED}, {"pop3_access", IGNORED},
    {"sieve_access", IGNORED}, {NULL, IGNORED}};

struct table {
	const struct column *known;
	struct sp_import_records *records;
	char *why;
	bool failed;
	unsigned long line;
	const struct column *columns[COLUMNS_MAX]; /* of the first line */
	size_t column_count;
	bool in_header;
	struct sp_import_record *row; /* that is being read */
	size_t field;                 /* its next */
};

static void fail(struct table *table, const char *what, const char *name)
{
	if (!table->failed)
		snprintf(table->why, SP_CONF_WHY_MAX, "line %lu: %s%.64s", table->line, what, name);
	table->failed = true;
}

static void take_column(struct table *table, const char *name)
{
	const struct column *column = table->known;
	bool twice = false;

	while (column->name != NULL && strcasecmp(column->name, name) != 0)
		column++;
	for (size_t i = 0; i < table->column_count; i++)
		twice = twice || table->columns[i] == column;
	if (column->name == NULL)
		fail(table,
		    table->known == csv_columns ? "columns are login, hash, label and expires, "
						  "divided by commas, and not "
						: "app_passwd has no column ",
		    name);
	else if (twice)
		fail(table, "this column is named twice: ", name);
	else if (table->column_count == COLUMNS_MAX)
		fail(table, "too many columns", "");
	else
		table->columns[table->column_count++] = column;
}

static bool take_expiry(struct sp_import_record *record, const char *text)
{
	const char *why =
	    text[0] != '\0' ? sp_argument_expiry(text, time(NULL), &record->expires) : NULL;

	return why == NULL || sp_import_fault(record, "expires %s", why);
}

static bool take_value(struct table *table, const struct column *column, const char *text)
{
	struct sp_import_record *record = table->row;

	switch (column->role) {
	case LOGIN:
		record->login = strdup(text);
		return record->login != NULL &&
		       (text[0] != '\0' || sp_import_fault(record, "%s is empty", column->name));
	case HASH:
		return sp_import_take_hash(record, text, strlen(text));
	case LABEL:
		record->label = text[0] != '\0' ? strdup(text) : NULL;
		return record->label != NULL || text[0] == '\0';
	case EXPIRES:
		return take_expiry(record, text);
	case MUST_BE_ONE:
		return strcmp(text, "1") == 0 ||
		       sp_import_fault(record, "%s is not 1", column->name);
	case IGNORED:
		break;
	}
	return true;
}

static void on_field(void *bytes, size_t length, void *context)
{
	struct table *table = context;
	const char *text = bytes; /* with a NUL behind, as CSV_APPEND_NULL has it */

	(void)length;
	if (table->failed)
		return;
	if (table->in_header) {
		take_column(table, text);
		return;
	}
	if (table->row == NULL && (table->row = sp_import_add(table->records, 0)) == NULL) {
		table->failed = true;
		return;
	}
	if (table->field < table->column_count &&
	    !take_value(table, table->columns[table->field], text))
		table->failed = true;
	table->field++;
}

static bool has_role(const struct table *table, enum role role)
{
	bool found = false;

	for (size_t i = 0; i < table->column_count; i++)
		found = found || table->columns[i]->role == role;
	return found;
}

static void on_row(int terminator, void *context)
{
	struct table *table = context;

	(void)terminator;
	if (table->failed)
		return;
	if (table->in_header) {
		table->in_header = false;
		if (!has_role(table, LOGIN) || !has_role(table, HASH))
			fail(table, "the first line must name these columns: ",
			    table->known == csv_columns ? "login, hash" : "mailbox, password");
		return;
	}
	if (table->row != NULL) {
		table->row->line = table->line;
		if (table->field != table->column_count &&
		    !sp_import_fault(table->row, "it has %zu columns, and the first line %zu",
			table->field, table->column_count))
			table->failed = true;
	}
	table->row = NULL;
	table->field = 0;
}

static bool read_table(
    struct table *table, char *bytes, size_t length, unsigned char delimiter, unsigned char quote)
{
	struct csv_parser parser;

	if (memchr(bytes, '\0', length) != NULL) {
		fail(table, "it is no text", "");
		return false;
	}
	if (csv_init(&parser, CSV_APPEND_NULL | CSV_STRICT | CSV_STRICT_FINI) != 0)
		return false;
	csv_set_blk_size(&parser, FIELD_SIZE);
	csv_set_free_func(&parser, sp_wiping_free); /* a field may have been a hash */
	csv_set_delim(&parser, delimiter);
	csv_set_quote(&parser, quote);
	table->in_header = true;
	for (char *at = bytes, *end = bytes + length; at < end && !table->failed;) {
		char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t part = newline != NULL ? (size_t)(newline - at) + 1 : (size_t)(end - at);
		table->line++;
		if (csv_parse(&parser, at, part, on_field, on_row, table) != part)
			fail(table, "a quotation mark where none may be", "");
		at += part;
	}
	if (!table->failed && csv_fini(&parser, on_field, on_row, table) != 0)
		fail(table, "a quotation mark without its end", "");
	if (!table->failed && table->in_header)
		fail(table, "there is no line that names the columns", "");
	csv_free(&parser);
	return !table->failed;
}

bool sp_import_csv(
    char *bytes, size_t length, struct sp_import_records *records, char why_r[SP_CONF_WHY_MAX])
{
	struct table table = {.known = csv_columns, .records = records, .why = why_r};

	return read_table(&table, bytes, length, CSV_COMMA, CSV_QUOTE);
}

/* No byte of such a file is a quotation mark to us: mysql -B writes none. */
bool sp_import_mailcow(
    char *bytes, size_t length, struct sp_import_records *records, char why_r[SP_CONF_WHY_MAX])
{
	struct table table = {.known = mailcow_columns, .records = records, .why = why_r};

	return read_table(&table, bytes, length, CSV_TAB, '\0');
}
