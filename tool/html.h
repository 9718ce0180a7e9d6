/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * html.h - what every part of an HTML page needs
 *
 * Pages are whole by themselves: no scripts, and nothing that is fetched.
 */
#ifndef SP_TOOL_HTML_H
#define SP_TOOL_HTML_H

/* The style sheet, for a <style> element: light and dark, narrow, wide and printed. */
extern const char sp_html_style[];

/* Writes text to standard output, for an element's content or an attribute in quotes:
 * first as sp_escape() shows it, then without anything that HTML would obey. Whatever is
 * not the program's own passes through here. */
void sp_html_text(const char *text);

#endif
