/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * attempt_steps.h - what the steps of an attempt share: attempt.c and whole_password.c alone
 */
#ifndef SP_POLICY_ATTEMPT_STEPS_H
#define SP_POLICY_ATTEMPT_STEPS_H

#include "lib/policy/attempt.h"

#define SP_NO_APP_PASSWORD "not an app password"

/* Sets the reason, which stands from then on, and wipes the password. detail is
 * static text or NULL. Returns SP_STEP_DONE. */
enum sp_step sp_attempt_done(struct sp_attempt *attempt, enum sp_reason reason, const char *detail);

/* For what a directory could not tell. */
enum sp_reason sp_attempt_reason_for(enum sp_directory_status status);

/* Whether the attempt's cache knows that the secret is right for a stored hash, which
 * may be NULL, and the rules' caps let it pass. Sets attempt->cached. */
SP_NODISCARD bool sp_attempt_is_known(struct sp_attempt *attempt, const char *hash,
    const struct sp_secret *secret, const struct sp_attempt_rules *rules);

/* Holds the secret against a stored hash, which may be NULL, under the rules'
 * caps: by the attempt's cache, or else by Argon2, and then the cache learns what
 * is right. With SP_MATCH_ERROR *why_r is static text. */
SP_NODISCARD enum sp_match sp_attempt_compare(struct sp_attempt *attempt,
    struct sp_argon2_slot *slot, const char *hash, const struct sp_secret *secret,
    const struct sp_attempt_rules *rules, const char **why_r);

/* The secret was found.credential's: judges its state and restrictions. Returns
 * SP_STEP_DONE. */
enum sp_step sp_attempt_matched(
    struct sp_attempt *attempt, const struct sp_attempt_rules *rules, time_t now);

/* Whether the login's mailbox password may still pass at `now`. */
SP_NODISCARD bool sp_legacy_may_be(
    const struct sp_attempt_rules *rules, const char *login, time_t now);

/* The steps for a whole password. */
SP_NODISCARD enum sp_step sp_whole_look_up(struct sp_attempt *attempt,
    struct sp_directory *directory, const struct sp_attempt_rules *rules, time_t now);
SP_NODISCARD enum sp_step sp_whole_verify(struct sp_attempt *attempt, struct sp_argon2_slot *slot,
    const struct sp_attempt_rules *rules, time_t now);

#endif
