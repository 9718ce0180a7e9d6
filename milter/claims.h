/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * claims.h - the headers of one message that say whom it is from, collected
 */
#ifndef SP_MILTER_CLAIMS_H
#define SP_MILTER_CLAIMS_H

#include <stdbool.h>

#include "sendpass/attributes.h"

enum sp_claimed { SP_CLAIMED_FROM, SP_CLAIMED_SENDER };
#define SP_CLAIMED_COUNT (SP_CLAIMED_SENDER + 1)

struct sp_claims {
	struct sp_claim {
		unsigned count;
		char *value;   /* of the first; NULL for none */
		bool too_long; /* then there is no value */
	} claims[SP_CLAIMED_COUNT];
	unsigned id_headers; /* how many bear the name of our own header */
};

/* From or Sender. */
const char *sp_claim_name(enum sp_claimed claimed);

/* Takes a header if it is one of these; id_header is the name of our own, or
 * empty. Names are compared without regard to case and to blanks before the
 * colon. False when there is no memory. */
SP_NODISCARD bool sp_claims_take(
    struct sp_claims *claims, const char *id_header, const char *name, const char *value);

/* Why the header is refused whatever its mailboxes, as in header_senders.h; NULL
 * for no reason. From: must be there once, Sender: may be (RFC 5322, section 3.6). */
const char *sp_claim_fault(const struct sp_claims *claims, enum sp_claimed claimed);

/* Frees and empties them. */
void sp_claims_clear(struct sp_claims *claims);

#endif
