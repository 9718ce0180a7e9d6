/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * guess_watch.h - guessing that a single attempt does not show
 *
 * Two events, each once an hour for its subject (distinct.h):
 *
 *	event=many_wrong_secrets	one id, tried with many wrong secrets, from wherever
 *	event=many_wrong_ids	one client address that was wrong with many ids
 *
 * An address of throttle_exempt, behind which there are many people, is not told of. The event
 * loop's.
 */
#ifndef SP_DAEMON_GUESS_WATCH_H
#define SP_DAEMON_GUESS_WATCH_H

#include <stdint.h>

#include "daemon/attempt_log.h"
#include "lib/base/secret.h"
#include "lib/policy/throttle.h"

struct sp_guess_watch;

/* NULL when there is no memory or no randomness. */
struct sp_guess_watch *sp_guess_watch_new(void);
void sp_guess_watch_free(struct sp_guess_watch **watch);

/* To tell the secret of an attempt from others once it is wiped. */
uint64_t sp_guess_watch_digest(const struct sp_guess_watch *watch, const struct sp_secret *secret);

/* The attempt was logged. secret is its digest, and nothing where it named no id. */
void sp_guess_watch_tell(struct sp_guess_watch *watch, const struct sp_attempt_record *record,
    const struct sp_throttle_subject *subject, uint64_t secret);

#endif
