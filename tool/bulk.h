/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bulk.h - does the same to many app passwords, once somebody has said yes
 */
#ifndef SP_TOOL_BULK_H
#define SP_TOOL_BULK_H

#include <stdbool.h>
#include <time.h>

#include "lib/directory/credential.h"
#include "sendpass/attributes.h"
#include "tool/session.h"
#include "tool/verb.h"

struct sp_bulk {
	const char *verb;   /* for the question: "Revoke" */
	const char *undone; /* for what failed: "was not revoked" */
	/* Does it to one, and prints its line unless the output is JSON. What it makes of
	 * *credential is shown as JSON in the end. Anything but SP_EXIT_OK has been told. */
	enum sp_exit (*act)(const struct sp_run *run, struct sp_session *session,
	    struct sp_credential *credential, void *context);
	void *context;
	bool own_output; /* act prints JSON, too, itself, and must not go on unread */
	bool yes;        /* --yes: do not ask */
	time_t now;
};

/* Shows the list on standard error and asks, unless --yes is given; then does it to
 * each, whole or not at all whatever signal comes, and goes on after a failure,
 * but not without a directory, nor without a reader of own output. The list is
 * then left with those it was done to. SP_EXIT_OK if that is all of them, or else
 * the status of the first failure. */
SP_NODISCARD enum sp_exit sp_bulk(const struct sp_run *run, struct sp_session *session,
    struct sp_credential_list *list, const struct sp_bulk *bulk);

#endif
