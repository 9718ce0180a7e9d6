/* SPDX-License-Identifier: BSD-2-Clause */
#include "tool/table.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tool/message.h"

#define GAP 2 /* blanks between columns */

bool sp_shows_colours(FILE *out)
{
	const char *terminal = getenv("TERM");
	const char *refused = getenv("NO_COLOR");

	if (terminal == NULL || terminal[0] == '\0' || strcmp(terminal, "dumb") == 0)
		return false;
	if (refused != NULL && refused[0] != '\0')
		return false;
	return isatty(fileno(out)) == 1;
}

/* ECMA-48, section 8.3.117. */
static const char *sequence_of(enum sp_colour colour)
{
	switch (colour) {
	case SP_PLAIN:
		break;
	case SP_BOLD:
		return "\033[1m";
	case SP_RED:
		return "\033[31m";
	case SP_YELLOW:
		return "\033[33m";
	case SP_GREEN:
		return "\033[32m";
	}
	return "";
}

size_t sp_write_coloured(FILE *out, enum sp_colour colour, const char *text)
{
	bool coloured = colour != SP_PLAIN && sp_shows_colours(out);

	if (coloured)
		fputs(sequence_of(colour), out);
	size_t columns = sp_escape(out, text);
	if (coloured)
		fputs("\033[0m", out);
	return columns;
}

/* The columns that the widest cell of the table's column takes. */
static size_t width_of(const struct sp_table *table, size_t column)
{
	size_t widest = sp_escape(NULL, table->headings[column]);

	for (size_t row = 0; row < table->row_count; row++) {
		size_t columns =
		    sp_escape(NULL, table->cells[row * table->column_count + column].text);
		if (columns > widest)
			widest = columns;
	}
	return widest;
}

static void write_padded(FILE *out, enum sp_colour colour, const char *text, size_t width)
{
	size_t columns = sp_write_coloured(out, colour, text);

	if (width > 0)
		fprintf(out, "%*s", (int)(width - columns) + GAP, "");
}

void sp_table_for_people(FILE *out, const struct sp_table *table)
{
	size_t last = table->column_count - 1;
	size_t widths[SP_TABLE_COLUMNS_MAX];

	for (size_t i = 0; i < last; i++)
		widths[i] = width_of(table, i);
	widths[last] = 0;
	for (size_t i = 0; i <= last; i++)
		write_padded(out, SP_BOLD, table->headings[i], widths[i]);
	fputc('\n', out);
	for (size_t row = 0; row < table->row_count; row++) {
		const struct sp_cell *cells = &table->cells[row * table->column_count];
		for (size_t i = 0; i <= last; i++)
			write_padded(out, cells[i].colour, cells[i].text, widths[i]);
		fputc('\n', out);
	}
}

void sp_table_for_programs(FILE *out, const struct sp_table *table)
{
	for (size_t row = 0; row < table->row_count; row++) {
		const struct sp_cell *cells = &table->cells[row * table->column_count];
		for (size_t i = 0; i < table->column_count; i++) {
			if (i > 0)
				fputc('\t', out);
			sp_escape(out, cells[i].text);
		}
		fputc('\n', out);
	}
}
