/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * message.h - what the tool tells its user, with nothing in it that a terminal would obey
 */
#ifndef SP_TOOL_MESSAGE_H
#define SP_TOOL_MESSAGE_H

#include <stddef.h>
#include <stdio.h>

#include "sendpass/attributes.h"
#include "tool/verb.h"

/* Writes text with every byte of a control, or of a character that breaks a line or turns
 * the direction of text, and every byte that is not UTF-8, as \xHH. Returns the columns it takes,
 * counting a character as one. With a NULL out it only counts. */
size_t sp_escape(FILE *out, const char *text);

/* The same as text of its own, for the caller to free; NULL when there is no memory. */
SP_NODISCARD char *sp_escaped(const char *text);

/* A line to standard error, escaped as above. Longer than 2 KiB is cut. */
void sp_say(const char *format, ...) SP_PRINTF(1, 2);

/* A line "sendpass: ..." to standard error. Returns status, so that a verb can
 * return what it says. */
enum sp_exit sp_fail(enum sp_exit status, const char *format, ...) SP_PRINTF(2, 3);

#endif
