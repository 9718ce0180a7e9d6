/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * setting_lines.h - the lines "name = value" that mail servers print of their settings
 */
#ifndef SP_TOOL_SETTING_LINES_H
#define SP_TOOL_SETTING_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "sendpass/attributes.h"

struct sp_setting_line {
	const char *name;  /* without blanks at its ends */
	const char *value; /* the same, perhaps empty; NULL: the line has no '=' */
};

/* The lines point into the text that they were cut from. */
struct sp_setting_lines {
	struct sp_setting_line *items;
	size_t count;
};

/* Cuts the text in place; empty lines are left out. False when there is no memory. */
SP_NODISCARD bool sp_setting_lines_cut(char *text, struct sp_setting_lines *lines_r);
void sp_setting_lines_free(struct sp_setting_lines *lines);

/* The value of the first line of that name; NULL for none. */
const char *sp_setting_lines_find(const struct sp_setting_lines *lines, const char *name);

#endif
