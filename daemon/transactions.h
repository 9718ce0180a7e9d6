/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * transactions.h - what of each mail transaction has been counted already
 *
 * Postfix asks once for each of its restriction lists, and at several stages;
 * all requests of one message carry the same instance. What an instance has
 * been charged once is not charged again. The latest SP_TRANSACTIONS_MAX are
 * remembered; one that was forgotten is charged anew, which errs on the strict
 * side. Not thread-safe.
 */
#ifndef SP_DAEMON_TRANSACTIONS_H
#define SP_DAEMON_TRANSACTIONS_H

#include <stdint.h>

#include "lib/wire/policy_request.h"
#include "sendpass/attributes.h"

#define SP_TRANSACTIONS_MAX 4096

struct sp_transactions;

/* NULL when there is no memory. */
struct sp_transactions *sp_transactions_new(void);
void sp_transactions_free(struct sp_transactions **transactions);

struct sp_due {
	uint32_t messages; /* 0 or 1 */
	uint32_t recipients;
};

/* What the request adds to what was counted: the message with its first
 * recipient, each recipient at its RCPT, and at DATA and END-OF-MESSAGE the
 * recipients that were not seen at RCPT. Without an instance nothing is known of
 * the message, so all of it is due each time. */
struct sp_due sp_transactions_due(
    struct sp_transactions *transactions, const struct sp_policy_request *request);

/* What was due has been counted. */
void sp_transactions_charged(struct sp_transactions *transactions,
    const struct sp_policy_request *request, const struct sp_due *due);

#endif
