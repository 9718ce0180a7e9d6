/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/transactions.h"

static struct sp_transactions *transactions;

static int make(void **state)
{
	(void)state;
	transactions = sp_transactions_new();
	return transactions == NULL;
}

static int unmake(void **state)
{
	(void)state;
	sp_transactions_free(&transactions);
	return 0;
}

static struct sp_policy_request request_of(
    const char *instance, enum sp_policy_stage stage, const char *recipient, uint32_t count)
{
	struct sp_policy_request request = {.stage = stage, .recipient_count = count};

	snprintf(request.instance, sizeof(request.instance), "%s", instance);
	snprintf(request.recipient, sizeof(request.recipient), "%s", recipient);
	return request;
}

/* What is due, as messages * 100 + recipients; and counts it. */
static uint32_t charge(
    const char *instance, enum sp_policy_stage stage, const char *recipient, uint32_t count)
{
	struct sp_policy_request request = request_of(instance, stage, recipient, count);
	struct sp_due due = sp_transactions_due(transactions, &request);

	sp_transactions_charged(transactions, &request, &due);
	return due.messages * 100 + due.recipients;
}

static void a_message_counts_once_whoever_asks(void **state)
{
	(void)state;
	assert_int_equal(charge("1.2.3", SP_POLICY_MAIL, "", 0), 0);
	assert_int_equal(charge("1.2.3", SP_POLICY_RCPT, "a@x", 0), 101);
	assert_int_equal(charge("1.2.3", SP_POLICY_RCPT, "a@x", 0), 0);
	assert_int_equal(charge("1.2.3", SP_POLICY_RCPT, "b@x", 0), 1);
	assert_int_equal(charge("1.2.3", SP_POLICY_RCPT, "b@x", 0), 0);
	assert_int_equal(charge("1.2.3", SP_POLICY_DATA, "", 2), 0);
	assert_int_equal(charge("1.2.3", SP_POLICY_END_OF_MESSAGE, "", 2), 0);
	assert_int_equal(charge("1.2.4", SP_POLICY_RCPT, "b@x", 0), 101);
}

static void what_was_not_seen_at_rcpt_counts_later(void **state)
{
	(void)state;
	assert_int_equal(charge("1", SP_POLICY_DATA, "", 5), 105);
	assert_int_equal(charge("1", SP_POLICY_END_OF_MESSAGE, "", 5), 0);
	assert_int_equal(charge("2", SP_POLICY_END_OF_MESSAGE, "", 3), 103);
	assert_int_equal(charge("3", SP_POLICY_RCPT, "a@x", 0), 101);
	assert_int_equal(charge("3", SP_POLICY_DATA, "", 4), 3);
}

static void what_was_refused_is_due_again(void **state)
{
	struct sp_policy_request request = request_of("1", SP_POLICY_RCPT, "a@x", 0);

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct sp_due due = sp_transactions_due(transactions, &request);
		assert_int_equal(due.messages * 100 + due.recipients, 101);
	}
}

static void without_an_instance_everything_counts(void **state)
{
	(void)state;
	assert_int_equal(charge("", SP_POLICY_RCPT, "a@x", 0), 101);
	assert_int_equal(charge("", SP_POLICY_RCPT, "a@x", 0), 101);
}

static void the_oldest_is_forgotten_first(void **state)
{
	char instance[20];

	(void)state;
	for (int i = 0; i < 3 * SP_TRANSACTIONS_MAX; i++) {
		snprintf(instance, sizeof(instance), "%d", i);
		assert_int_equal(charge(instance, SP_POLICY_DATA, "", 1), 101);
	}
	assert_int_equal(charge(instance, SP_POLICY_DATA, "", 1), 0);
	assert_int_equal(charge("0", SP_POLICY_DATA, "", 1), 101);
	assert_int_equal(charge(instance, SP_POLICY_DATA, "", 1), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_message_counts_once_whoever_asks),
	    TEST(what_was_not_seen_at_rcpt_counts_later),
	    TEST(what_was_refused_is_due_again),
	    TEST(without_an_instance_everything_counts),
	    TEST(the_oldest_is_forgotten_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
