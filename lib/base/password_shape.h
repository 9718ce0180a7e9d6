/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * password_shape.h - what an app password looks like, for those who must not log one
 *
 * On this floor because guests log too; lib/password/app_password.h reads and makes them.
 */
#ifndef SP_BASE_PASSWORD_SHAPE_H
#define SP_BASE_PASSWORD_SHAPE_H

#include <stdbool.h>

#include "sendpass/attributes.h"

#define SP_STANDARD_SYMBOLS 28
#define SP_COMPACT_SYMBOLS  16

/* True if text has the length and the symbols of an app password, dashes and
 * spaces aside, whether or not its check symbols hold: somebody typed it where a
 * login belongs. */
SP_NODISCARD bool sp_resembles_app_password(const char *text);

/* True if it resembles one and is written in groups of four with dashes, as app
 * passwords are handed over: one that was mistyped, and hardly anything else. */
bool sp_is_written_as_app_password(const char *text);

#endif
