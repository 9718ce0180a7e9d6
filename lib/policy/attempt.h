/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * attempt.h - the one verification flow
 *
 *	parse -> look up -> owner -> Argon2 -> state and restrictions -> verdict
 *
 * The steps are separate functions so that each can run on the stage that may
 * wait for it: the first on the event loop, the second on a directory worker,
 * the third on an Argon2 slot. Each does one step and says whether the next is
 * needed; the verdict is valid once a step says SP_STEP_DONE, and reads
 * `internal` until then. No step does I/O but through struct sp_directory.
 *
 * State and restrictions are judged after the secret, so that only the secret's
 * holder can learn that a credential is revoked.
 *
 * With a cache of verified passwords, a right one that is known there skips Argon2
 * and nothing else. So it is done after the second step.
 */
#ifndef SP_POLICY_ATTEMPT_H
#define SP_POLICY_ATTEMPT_H

#include <stdbool.h>
#include <time.h>

#include "lib/base/secret.h"
#include "lib/directory/directory.h"
#include "lib/password/app_password.h"
#include "lib/password/argon2_slot.h"
#include "lib/password/phc.h"
#include "lib/password/verified_cache.h"
#include "lib/policy/request.h"
#include "sendpass/attributes.h"
#include "sendpass/verdict.h"

/* What the site's configuration has to say to a verdict. */
struct sp_attempt_rules {
	struct sp_argon2_cost caps; /* no hash may ask for more */
	bool require_tls;           /* of every client whose door knows */
	bool policy_door;           /* one is open, to hold senders and rates */
	bool own_addresses;         /* are all that a credential without senders may use */
	const char *fixed_login;    /* goes with every credential; NULL: none does */
	unsigned max_imported;      /* hashes made elsewhere that are tried for a login; 0: none */
	time_t legacy_until;        /* mailbox passwords pass until then; 0: never */
	char *const *legacy_logins; /* of these alone, NULL-terminated; NULL or none: of all */
};

struct sp_attempt {
	struct sp_attempt_request request;
	struct sp_app_password parsed;
	bool whole_password; /* no app password, but maybe an imported or a mailbox password */
	struct sp_directory_answer found;
	bool owner_active;
	struct sp_verified_cache *verified; /* not the attempt's own; NULL for none */
	bool cached;                        /* the password was known there */
	struct sp_owner_entry owner;        /* of sp_attempt_recheck() */
	enum sp_reason reason;              /* starts as SP_REASON_INTERNAL */
	const char *detail; /* static text that explains the reason further, or NULL */
};

enum sp_step {
	SP_STEP_DONE = 0,  /* the reason stands */
	SP_STEP_DIRECTORY, /* sp_attempt_look_up() next */
	SP_STEP_ARGON2,    /* sp_attempt_verify() next */
	SP_STEP_BIND,      /* sp_attempt_bind() next, where sp_attempt_look_up() was */
};

/* Checks the login (UTF-8, no controls, length) and reads the password. What is no
 * app password goes no further, unless the rules let others pass at `now`. */
SP_NODISCARD enum sp_step sp_attempt_parse(
    struct sp_attempt *attempt, const struct sp_attempt_rules *rules, time_t now);

/* Finds credential and owner, and judges whether they belong together; or the
 * owner's imported credentials. Where the cache knows the password, judges state
 * and restrictions at `now`, too. */
SP_NODISCARD enum sp_step sp_attempt_look_up(struct sp_attempt *attempt,
    struct sp_directory *directory, const struct sp_attempt_rules *rules, time_t now);

/* Runs Argon2 under the caps, then judges state and restrictions at `now`. For an
 * app password always the last step, and the password is wiped when it returns. */
SP_NODISCARD enum sp_step sp_attempt_verify(struct sp_attempt *attempt, struct sp_argon2_slot *slot,
    const struct sp_attempt_rules *rules, time_t now);

/* Asks the directory whether the password is the owner's own, which passes as
 * `legacy`. Always the last step. The password is wiped when it returns. */
void sp_attempt_bind(struct sp_attempt *attempt, struct sp_directory *directory,
    const struct sp_attempt_rules *rules);

/* For a session that has logged in before, with what was known then: its request,
 * without a password, and the credential's id in parsed. Judges as of `now` all
 * but the secret, and reads the owner's addresses where they decide who the
 * credential may send as. The one and last step. */
void sp_attempt_recheck(struct sp_attempt *attempt, struct sp_directory *directory,
    const struct sp_attempt_rules *rules, time_t now);

/* Wipes all secrets and frees what was found; the struct can then be freed or reused. */
void sp_attempt_clear(struct sp_attempt *attempt);

#endif
