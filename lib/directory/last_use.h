/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * last_use.h - writes to a credential's entry when it was last used
 *
 * sendpassLastUsed, -LastAddress and -LastService, in one LDAP modify that names
 * the time it takes the place of: where another host was first, it fails, and the
 * entry is read again, once. The newest time stays.
 *
 * It binds as the lookups do, to write_uri or else to the first server of uri that
 * answers, on a connection of its own. What it finds out about a server is not
 * told to the lookups: a server too slow to write may well be read. Referrals are
 * not followed. An instance is one thread's.
 */
#ifndef SP_DIRECTORY_LAST_USE_H
#define SP_DIRECTORY_LAST_USE_H

#include <stdint.h>
#include <time.h>

#include "lib/directory/live.h"
#include "sendpass/attributes.h"

struct sp_last_use {
	char *dn;     /* the credential's */
	time_t known; /* what the entry said before, or SP_NO_TIME */
	time_t at;
	char *address; /* NULL where it is not known: what was written before goes */
	char *service; /* likewise */
};

enum sp_last_use_status {
	SP_LAST_USE_ERROR = 0, /* the server refuses it for a reason of its own */
	SP_LAST_USE_DOWN,      /* no server can be reached, or none answers in time */
	SP_LAST_USE_FORBIDDEN, /* an ACL */
	SP_LAST_USE_READ_ONLY, /* the server takes no changes, or refers to another */
	SP_LAST_USE_WRITTEN,
	SP_LAST_USE_LATER, /* the entry has a later time, which stays */
	SP_LAST_USE_GONE,  /* there is no such entry any more */
};

#define SP_LAST_USE_WHY_MAX 256

struct sp_last_use_writer;

/* It connects when first used, and must be freed before the site. NULL when there is no memory. */
struct sp_last_use_writer *sp_last_use_writer_new(struct sp_ldap_site *site);
void sp_last_use_writer_free(struct sp_last_use_writer **writer);

/* Takes connect_timeout and twice timeout at most, and no longer than deadline_ms
 * (sp_now_ms()), but for name resolution. why_r is the server's word on the first
 * four, else empty. */
SP_NODISCARD enum sp_last_use_status sp_last_use_write(struct sp_last_use_writer *writer,
    const struct sp_last_use *use, int64_t deadline_ms, char why_r[SP_LAST_USE_WHY_MAX]);

#endif
