/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * throttle_gate.h - the throttle before the stages, by the current configuration
 */
#ifndef SP_DAEMON_THROTTLE_GATE_H
#define SP_DAEMON_THROTTLE_GATE_H

#include <stdbool.h>

#include "daemon/generation.h"
#include "lib/policy/throttle.h"
#include "sendpass/attributes.h"
#include "sendpass/verdict.h"

struct sp_throttle_gate;

/* NULL when there is no memory or no randomness. */
struct sp_throttle_gate *sp_throttle_gate_new(struct sp_generations *generations);
void sp_throttle_gate_free(struct sp_throttle_gate **gate);

/* Whether the request comes from somebody who guessed too much. Before its
 * password is wiped; subject_r is for sp_throttle_gate_tell(). */
SP_NODISCARD bool sp_throttle_gate_holds(struct sp_throttle_gate *gate,
    const struct sp_attempt_request *request, struct sp_throttle_subject *subject_r);

/* What came of it. Guesses count. Who has the right secret of a credential that
 * may not be used is no guesser, and what nobody could judge is no guess. */
enum sp_guess sp_throttle_gate_tell(struct sp_throttle_gate *gate,
    const struct sp_throttle_subject *subject, enum sp_reason reason);

#endif
