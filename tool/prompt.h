/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * prompt.h - a password from its person, or from a pipe
 */
#ifndef SP_TOOL_PROMPT_H
#define SP_TOOL_PROMPT_H

#include "lib/base/secret.h"
#include "tool/verb.h"

/* Asks on /dev/tty with the echo off if standard input is a terminal, and
 * otherwise reads the first line of standard input. A signal that stops or ends
 * the process finds the terminal as it was. The secret may be empty. Anything
 * but SP_EXIT_OK has been told, and *secret_r is then empty. */
enum sp_exit sp_prompt(const char *whose, struct sp_secret *secret_r);

#endif
