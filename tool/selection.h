/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * selection.h - which app passwords a verb is about
 */
#ifndef SP_TOOL_SELECTION_H
#define SP_TOOL_SELECTION_H

#include <stdbool.h>
#include <time.h>

#include "lib/directory/credential.h"
#include "sendpass/attributes.h"
#include "tool/arguments.h"
#include "tool/session.h"
#include "tool/verb.h"

/* All that is given must hold. */
struct sp_selection {
	const char *owner;      /* the login of one; NULL: everybody's */
	const char *department; /* all of its; NULL: any */
	const char *label;      /* a part of it, letters of ASCII in either case; NULL: any */
	bool not_revoked;
	bool has_state;
	enum sp_credential_state state;
	time_t unused_since;    /* last used, or made if it never was, before; SP_NO_TIME: any */
	bool never_used;        /* as far as the directory tells */
	time_t expiring_before; /* and not ended by now; SP_NO_TIME: any */
};

#define SP_SELECT_ALL                                                                              \
	((struct sp_selection){.unused_since = SP_NO_TIME, .expiring_before = SP_NO_TIME})

enum {
	SP_OPTION_OWNER = SP_OPTION_SELECTION,
	SP_OPTION_DEPARTMENT,
	SP_OPTION_LABEL_PART,
	SP_OPTION_STATE,
	SP_OPTION_UNUSED_SINCE,
	SP_OPTION_UNUSED_FOR,
	SP_OPTION_NEVER_USED,
	SP_OPTION_EXPIRING_WITHIN,
};

/* Rows of a verb's table of options. */
#define SP_OPTION_ROW_OWNER                                                                        \
	{                                                                                          \
		"owner", required_argument, NULL, SP_OPTION_OWNER                                  \
	}
#define SP_OPTION_ROW_UNUSED_FOR                                                                   \
	{                                                                                          \
		"unused-for", required_argument, NULL, SP_OPTION_UNUSED_FOR                        \
	}

/* One of these options, with its value in optarg. False if the value is wrong, or a
 * second owner or department, which has been told, or if it is none of these options. */
SP_NODISCARD bool sp_take_selection(
    const struct sp_run *run, int option, time_t now, struct sp_selection *selection);

/* Whether the credential is one of them, whoever owns it. What cannot be known,
 * such as when it was made, selects nothing. */
bool sp_selects(
    const struct sp_selection *selection, const struct sp_credential *credential, time_t now);

/* Those of the directory, oldest first; the caller frees *list_r. Anything but
 * SP_EXIT_OK has been told. */
SP_NODISCARD enum sp_exit sp_select(struct sp_session *session,
    const struct sp_selection *selection, time_t now, struct sp_credential_list *list_r);

#endif
