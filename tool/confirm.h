/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * confirm.h - asks before much is changed
 */
#ifndef SP_TOOL_CONFIRM_H
#define SP_TOOL_CONFIRM_H

#include <stdbool.h>

#include "sendpass/attributes.h"
#include "tool/verb.h"

/* Whether the verb may go on to ask: yes, of the option --yes, is set, or standard
 * input is a terminal. False, which has been told, if neither is so. */
SP_NODISCARD bool sp_may_confirm(const struct sp_run *run, bool yes);

/* Asks on the terminal, adding " [y/N] ". SP_EXIT_OK is the answer y or yes;
 * anything else, which has been told, is no. */
SP_NODISCARD enum sp_exit sp_confirm(const char *format, ...) SP_PRINTF(1, 2);

#endif
