/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/transactions.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#define BUCKETS 4096

struct transaction {
	char instance[SP_POLICY_NAME_MAX + 1];
	uint64_t last_recipient; /* a hash: its lists ask one after another */
	uint32_t recipients;
	TAILQ_ENTRY(transaction) in_bucket;
	TAILQ_ENTRY(transaction) in_age; /* oldest first */
};

TAILQ_HEAD(transaction_list, transaction);

struct sp_transactions {
	size_t used;
	struct transaction items[SP_TRANSACTIONS_MAX];
	struct transaction_list age;
	struct transaction_list buckets[BUCKETS];
};

struct sp_transactions *sp_transactions_new(void)
{
	struct sp_transactions *transactions = calloc(1, sizeof(*transactions));

	if (transactions == NULL)
		return NULL;
	TAILQ_INIT(&transactions->age);
	for (size_t i = 0; i < BUCKETS; i++)
		TAILQ_INIT(&transactions->buckets[i]);
	return transactions;
}

void sp_transactions_free(struct sp_transactions **transactions)
{
	if (transactions == NULL)
		return;
	free(*transactions);
	*transactions = NULL;
}

/* FNV-1a. */
static uint64_t hash_of(const char *text)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (; *text != '\0'; text++)
		hash = (hash ^ (unsigned char)*text) * UINT64_C(1099511628211);
	return hash;
}

static struct transaction_list *bucket_of(
    struct sp_transactions *transactions, const char *instance)
{
	return &transactions->buckets[hash_of(instance) % BUCKETS];
}

static struct transaction *find(struct sp_transactions *transactions, const char *instance)
{
	struct transaction *transaction;

	TAILQ_FOREACH(transaction, bucket_of(transactions, instance), in_bucket)
	{
		if (strcmp(transaction->instance, instance) == 0)
			return transaction;
	}
	return NULL;
}

/* A free one, or the oldest. */
static struct transaction *add(struct sp_transactions *transactions, const char *instance)
{
	struct transaction *transaction;

	if (transactions->used < SP_TRANSACTIONS_MAX) {
		transaction = &transactions->items[transactions->used++];
	} else {
		transaction = TAILQ_FIRST(&transactions->age);
		TAILQ_REMOVE(&transactions->age, transaction, in_age);
		TAILQ_REMOVE(
		    bucket_of(transactions, transaction->instance), transaction, in_bucket);
	}
	memset(transaction, 0, sizeof(*transaction));
	memcpy(transaction->instance, instance, strnlen(instance, SP_POLICY_NAME_MAX));
	TAILQ_INSERT_TAIL(&transactions->age, transaction, in_age);
	TAILQ_INSERT_TAIL(bucket_of(transactions, instance), transaction, in_bucket);
	return transaction;
}

/* What the message comes to as far as this request tells. */
static uint32_t recipients_of(
    const struct sp_policy_request *request, const struct transaction *known)
{
	uint32_t before = known != NULL ? known->recipients : 0;

	if (request->stage == SP_POLICY_RCPT) {
		bool again = known != NULL && known->recipients > 0 &&
			     known->last_recipient == hash_of(request->recipient);
		return before + !again;
	}
	return request->recipient_count > before ? request->recipient_count : before;
}

struct sp_due sp_transactions_due(
    struct sp_transactions *transactions, const struct sp_policy_request *request)
{
	const struct transaction *known =
	    request->instance[0] != '\0' ? find(transactions, request->instance) : NULL;

	if (request->stage != SP_POLICY_RCPT && request->stage != SP_POLICY_DATA &&
	    request->stage != SP_POLICY_END_OF_MESSAGE)
		return (struct sp_due){0, 0};
	return (struct sp_due){
	    .messages = known == NULL,
	    .recipients = recipients_of(request, known) - (known != NULL ? known->recipients : 0),
	};
}

void sp_transactions_charged(struct sp_transactions *transactions,
    const struct sp_policy_request *request, const struct sp_due *due)
{
	if (request->instance[0] == '\0' || (due->messages == 0 && due->recipients == 0))
		return;
	struct transaction *transaction = find(transactions, request->instance);
	if (transaction == NULL)
		transaction = add(transactions, request->instance);
	transaction->recipients += due->recipients;
	if (request->stage == SP_POLICY_RCPT)
		transaction->last_recipient = hash_of(request->recipient);
}
