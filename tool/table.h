/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * table.h - rows of text: aligned for people, TAB-separated for programs
 *
 * Cells are written as sp_escape() writes them, so a value from outside can
 * neither break a row nor drive a terminal.
 */
#ifndef SP_TOOL_TABLE_H
#define SP_TOOL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum sp_colour { SP_PLAIN, SP_BOLD, SP_RED, SP_YELLOW, SP_GREEN };

struct sp_cell {
	const char *text;
	enum sp_colour colour;
};

#define SP_TABLE_COLUMNS_MAX 16

struct sp_table {
	const char *const *headings; /* one for each column */
	size_t column_count;         /* 1 to SP_TABLE_COLUMNS_MAX */
	const struct sp_cell *cells; /* row after row */
	size_t row_count;
};

/* True if out is a terminal that shows colours: not with TERM unset or dumb, nor
 * with NO_COLOR set to anything (no-color.org). */
bool sp_shows_colours(FILE *out);

/* Writes text in the colour, if out shows colours. Returns the columns it takes. */
size_t sp_write_coloured(FILE *out, enum sp_colour colour, const char *text);

/* With headings, in columns as wide as they need be, coloured where out shows colours. */
void sp_table_for_people(FILE *out, const struct sp_table *table);

/* Without headings and colours, a TAB between cells. */
void sp_table_for_programs(FILE *out, const struct sp_table *table);

#endif
