/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/throttle_gate.h"

#include <stdlib.h>

#include "lib/base/clock.h"

struct sp_throttle_gate {
	struct sp_generations *generations;
	struct sp_throttle *throttle;
};

struct sp_throttle_gate *sp_throttle_gate_new(struct sp_generations *generations)
{
	struct sp_throttle_gate *gate = calloc(1, sizeof(*gate));

	if (gate == NULL)
		return NULL;
	gate->generations = generations;
	gate->throttle = sp_throttle_new();
	if (gate->throttle == NULL)
		sp_throttle_gate_free(&gate);
	return gate;
}

void sp_throttle_gate_free(struct sp_throttle_gate **gate)
{
	if (gate == NULL || *gate == NULL)
		return;
	sp_throttle_free(&(*gate)->throttle);
	free(*gate);
	*gate = NULL;
}

bool sp_throttle_gate_holds(struct sp_throttle_gate *gate, const struct sp_attempt_request *request,
    struct sp_throttle_subject *subject_r)
{
	struct sp_generation *generation = sp_generations_hold(gate->generations);

	sp_throttle_describe(gate->throttle, &generation->throttle, request, subject_r);
	bool holds =
	    sp_throttle_holds(gate->throttle, &generation->throttle, subject_r, sp_now_ms());
	sp_generation_release(gate->generations, &generation);
	return holds;
}

static enum sp_guess count_failure(
    struct sp_throttle_gate *gate, const struct sp_throttle_subject *subject)
{
	struct sp_generation *generation = sp_generations_hold(gate->generations);

	enum sp_guess guess =
	    sp_throttle_failed(gate->throttle, &generation->throttle, subject, sp_now_ms());
	sp_generation_release(gate->generations, &generation);
	return guess;
}

enum sp_guess sp_throttle_gate_tell(
    struct sp_throttle_gate *gate, const struct sp_throttle_subject *subject, enum sp_reason reason)
{
	switch (reason) {
	case SP_REASON_OK:
	case SP_REASON_LEGACY:
		sp_throttle_passed(gate->throttle, subject);
		break;
	case SP_REASON_MALFORMED:
	case SP_REASON_NO_CREDENTIAL:
	case SP_REASON_WRONG_OWNER:
	case SP_REASON_BAD_SECRET:
		return count_failure(gate, subject);
	default:
		break;
	}
	return SP_GUESS_UNCOUNTED;
}
