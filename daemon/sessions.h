/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sessions.h - which app password a mail client's session logged in with
 *
 * Kept in memory, at most SP_SESSIONS_MAX of about 200 bytes each: the one used
 * longest ago makes room. Not thread-safe.
 */
#ifndef SP_DAEMON_SESSIONS_H
#define SP_DAEMON_SESSIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/policy/request.h"
#include "sendpass/attributes.h"
#include "sendpass/limits.h"

#define SP_SESSIONS_MAX     100000
#define SP_SESSIONS_FIT_MAX 16

struct sp_sessions;

/* NULL when there is no memory. */
struct sp_sessions *sp_sessions_new(size_t max);
void sp_sessions_free(struct sp_sessions **sessions);

/* Remembers that the request was granted to the credential with that id. A login
 * from the same address and port replaces the one before: a port belongs to one
 * session. Where the door knows no port, each credential has a record of its
 * own. False, and nothing has changed, when there is no memory. */
SP_NODISCARD bool sp_sessions_record(struct sp_sessions *sessions,
    const struct sp_attempt_request *request, const char *id, int64_t now_ms);

/* What was recorded of one login. */
struct sp_session_fit {
	char id[SP_ID_MAX + 1];
	char service[SP_SERVICE_MAX + 1];
	enum sp_tls tls;
};

/* The credentials that the session may have logged in with, each once, newest
 * first; *count_r of them. That is the one recorded with its port, and those
 * recorded later without one, since they may be of a session that now has this
 * port; if none has the port, all those without; and if none has the address,
 * those without address. What nobody has asked for during lifetime_ms is
 * forgotten. False if more fit than fits_r holds, which is "cannot know". */
SP_NODISCARD bool sp_sessions_find(struct sp_sessions *sessions, const char *address, uint16_t port,
    const char *login, int64_t now_ms, int64_t lifetime_ms,
    struct sp_session_fit fits_r[SP_SESSIONS_FIT_MAX], size_t *count_r);

/* The credential may no longer be used. Where other records fit as well, those
 * without a port that belong to it stop counting SP_SESSION_ENDED_MS later: its
 * sessions are over by then, and people go on with a new app password from the
 * same address. */
#define SP_SESSION_ENDED_MS (60 * 60 * 1000)
void sp_sessions_end(struct sp_sessions *sessions, const char *address, const char *login,
    const char *id, int64_t now_ms);

#endif
