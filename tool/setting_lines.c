/* SPDX-License-Identifier: BSD-2-Clause */
#include "tool/setting_lines.h"

#include <stdlib.h>
#include <string.h>

#define BLANKS " \t\r"

/* Without blanks at its ends, in place. */
static char *trim(char *text)
{
	text += strspn(text, BLANKS);
	size_t length = strlen(text);
	while (length > 0 && strchr(BLANKS, text[length - 1]) != NULL)
		length--;
	text[length] = '\0';
	return text;
}

static struct sp_setting_line cut_line(char *text)
{
	struct sp_setting_line line = {0};
	char *equals = strchr(text, '=');

	if (equals != NULL) {
		*equals = '\0';
		line.value = trim(equals + 1);
	}
	line.name = trim(text);
	return line;
}

bool sp_setting_lines_cut(char *text, struct sp_setting_lines *lines_r)
{
	size_t most = 1;

	for (const char *c = text; *c != '\0'; c++)
		most += *c == '\n';
	*lines_r = (struct sp_setting_lines){.items = calloc(most, sizeof(*lines_r->items))};
	if (lines_r->items == NULL)
		return false;
	while (text != NULL) {
		struct sp_setting_line line = cut_line(strsep(&text, "\n"));
		if (line.name[0] != '\0' || line.value != NULL)
			lines_r->items[lines_r->count++] = line;
	}
	return true;
}

void sp_setting_lines_free(struct sp_setting_lines *lines)
{
	free(lines->items);
	*lines = (struct sp_setting_lines){0};
}

const char *sp_setting_lines_find(const struct sp_setting_lines *lines, const char *name)
{
	for (size_t i = 0; i < lines->count; i++) {
		if (strcmp(lines->items[i].name, name) == 0)
			return lines->items[i].value;
	}
	return NULL;
}
