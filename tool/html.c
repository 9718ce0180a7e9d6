/* SPDX-License-Identifier: BSD-2-Clause */
#include "tool/html.h"

#include <stdio.h>
#include <stdlib.h>

#include "tool/message.h"

/* What stands for a byte that HTML gives a meaning. */
static const char *reference_of(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	}
	return NULL;
}

void sp_html_text(const char *text)
{
	char *shown = sp_escaped(text);

	for (const char *c = shown != NULL ? shown : "(out of memory)"; *c != '\0'; c++) {
		const char *reference = reference_of(*c);
		if (reference != NULL)
			fputs(reference, stdout);
		else
			putchar(*c);
	}
	free(shown);
}
