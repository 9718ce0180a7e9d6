/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * qr.h - a QR code (ISO/IEC 18004) on a terminal
 */
#ifndef SP_TOOL_QR_H
#define SP_TOOL_QR_H

#include <stdio.h>

#include "tool/verb.h"

/* Draws text with its quiet zone, two modules in the height of a line: light ones are
 * U+2588, U+2580 and U+2584, so that it looks right on a dark ground. Where out shows
 * colours, it brings its own. SP_EXIT_FAILED, which has been told, if text is longer
 * than 2953 bytes. All memory that it passes through but out's is wiped. */
enum sp_exit sp_qr_draw(FILE *out, const char *text);

#endif
