/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hand_over.h - the one time that somebody sees a new app password
 */
#ifndef SP_TOOL_HAND_OVER_H
#define SP_TOOL_HAND_OVER_H

#include <stdbool.h>

#include "lib/base/secret.h"
#include "lib/directory/credential.h"
#include "sendpass/attributes.h"
#include "tool/account.h"
#include "tool/arguments.h"
#include "tool/verb.h"

/* Hands the password of a credential over that the directory has just taken.
 * False if it did not reach its reader, which has been told. */
typedef bool sp_hand_over(
    const struct sp_credential *credential, const struct sp_secret *password, const void *context);

/* In the format of the struct sp_account that is the context, on standard output, which
 * is closed behind it; then what it is for to standard error, but for JSON. */
SP_NODISCARD sp_hand_over sp_hand_over_one;

/* ---- --format ---- */

enum { SP_OPTION_FORMAT = SP_OPTION_HAND_OVER };

/* A row of a verb's table of options. */
#define SP_OPTION_ROW_FORMAT                                                                       \
	{                                                                                          \
		"format", required_argument, NULL, SP_OPTION_FORMAT                                \
	}

/* The format in optarg. False if there is no such format, which has been told. */
SP_NODISCARD bool sp_take_format(const struct sp_run *run, enum sp_format *format);

/* Once all options are read: --json is a format too. False if it contradicts
 * --format, or if the format is for a file and standard output is a terminal, which
 * has been told. */
SP_NODISCARD bool sp_settle_format(const struct sp_run *run, enum sp_format *format);

#endif
