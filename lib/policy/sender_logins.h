/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sender_logins.h - which logins may send as an address
 *
 * For a mail server that knows a session by its login alone. A login may send as
 * what any app password that it can log in with may send as:
 *
 *	- the logins of an active owner, as each of the owner's addresses;
 *	- an active owner's logins and the credential's own, as the senders of a
 *	  credential that can be used now;
 *	- the own logins of a credential without senders, as its owner's addresses.
 */
#ifndef SP_POLICY_SENDER_LOGINS_H
#define SP_POLICY_SENDER_LOGINS_H

#include <stdbool.h>
#include <time.h>

#include "lib/directory/directory.h"
#include "sendpass/attributes.h"

#define SP_SENDER_LOGINS_MAX 65536 /* bytes of the list */

struct sp_sender_logins {
	bool owned; /* somebody may send as it, be it that no login of theirs is in the list */
	/* Each once, with a comma between two. A login with a comma, a blank or a
	 * control in it would read as others, so it is left out, and logged. */
	char list[SP_SENDER_LOGINS_MAX + 1];
};

/* Fills *found_r as of `now`. What is not complete (sender.h) is nobody's: the null
 * sender, a name without a domain, a domain without a name. Anything but
 * SP_DIRECTORY_OK leaves it empty; SP_DIRECTORY_ERROR too if the list is too long. */
SP_NODISCARD enum sp_directory_status sp_sender_logins_find(struct sp_directory *directory,
    const char *sender, time_t now, struct sp_sender_logins *found_r);

#endif
