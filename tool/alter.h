/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * alter.h - reads one app password, changes it and shows what it is now
 */
#ifndef SP_TOOL_ALTER_H
#define SP_TOOL_ALTER_H

#include "lib/directory/credential.h"
#include "sendpass/attributes.h"
#include "tool/verb.h"

struct sp_alteration {
	const char *event; /* as sp_change() logs it */
	/* Makes of *after, which is as the directory has it, what it is to be. What is
	 * put there stays the caller's. */
	void (*make)(struct sp_credential *after, const void *context);
	const void *context;
};

/* Alters the app password that the operand names. One that is revoked is refused;
 * where there is nothing to change, that is told. */
SP_NODISCARD enum sp_exit sp_alter(
    const struct sp_run *run, const char *operand, const struct sp_alteration *alteration);

#endif
