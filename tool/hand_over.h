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
#include "tool/verb.h"

/* Hands the password of a credential over that the directory has just taken.
 * False if it did not reach its reader, which has been told. */
typedef bool sp_hand_over(const struct sp_run *run, const struct sp_credential *credential,
    const struct sp_secret *password);

/* The password alone on standard output, which is closed behind it, and then what
 * it is for to standard error; or, with --json, all in one object. */
SP_NODISCARD sp_hand_over sp_hand_over_one;

#endif
