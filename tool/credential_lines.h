/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * credential_lines.h - all of one app password but its hash
 */
#ifndef SP_TOOL_CREDENTIAL_LINES_H
#define SP_TOOL_CREDENTIAL_LINES_H

#include <time.h>

#include "lib/directory/credential.h"
#include "tool/verb.h"

/* To standard output: lines of "key: value", or JSON. Anything but SP_EXIT_OK has been told. */
enum sp_exit sp_print_credential(
    const struct sp_run *run, const struct sp_credential *credential, time_t now);

#endif
