/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "daemon/usage_queue.h"

#define LIMIT 3

static int set_up(void **state)
{
	*state = sp_usage_queue_new(LIMIT);
	return *state == NULL;
}

static int tear_down(void **state)
{
	sp_usage_queue_free((struct sp_usage_queue **)state);
	return *state != NULL;
}

static struct sp_usage_item *item(const char *dn, time_t at)
{
	struct sp_usage_item *made = sp_usage_item_new(
	    &(struct sp_last_use){.dn = (char *)dn, .at = at, .address = "192.0.2.7"});

	assert_non_null(made);
	return made;
}

/* Takes the first and frees it. */
static void expect(struct sp_usage_queue *queue, const char *dn, time_t at)
{
	struct sp_usage_item *taken = sp_usage_queue_take(queue);

	assert_non_null(taken);
	assert_string_equal(taken->use.dn, dn);
	assert_int_equal(taken->use.at, at);
	sp_usage_item_free(&taken);
}

static void each_credential_waits_once_with_its_latest_use(void **state)
{
	struct sp_usage_queue *queue = *state;

	for (time_t at = 1; at <= 1000; at++) {
		assert_true(sp_usage_queue_put(queue, item("cn=a", at)));
		assert_true(sp_usage_queue_put(queue, item("cn=b", at)));
	}
	assert_int_equal(sp_usage_queue_count(queue), 2);
	expect(queue, "cn=a", 1000);
	expect(queue, "cn=b", 1000);
	assert_null(sp_usage_queue_take(queue));
}

static void a_full_queue_drops_what_waits_longest_and_says_so(void **state)
{
	struct sp_usage_queue *queue = *state;

	assert_true(sp_usage_queue_put(queue, item("cn=a", 1)));
	assert_true(sp_usage_queue_put(queue, item("cn=b", 1)));
	assert_true(sp_usage_queue_put(queue, item("cn=c", 1)));
	assert_true(sp_usage_queue_put(queue, item("cn=a", 2)));
	assert_false(sp_usage_queue_put(queue, item("cn=d", 1)));
	assert_int_equal(sp_usage_queue_count(queue), LIMIT);
	expect(queue, "cn=b", 1);
	expect(queue, "cn=c", 1);
	expect(queue, "cn=d", 1);
}

static void what_is_given_back_is_first_again(void **state)
{
	struct sp_usage_queue *queue = *state;

	assert_true(sp_usage_queue_put(queue, item("cn=a", 1)));
	assert_true(sp_usage_queue_put(queue, item("cn=b", 1)));
	assert_true(sp_usage_queue_give_back(queue, sp_usage_queue_take(queue)));
	expect(queue, "cn=a", 1);
	expect(queue, "cn=b", 1);
}

static void what_is_given_back_gives_way_to_a_later_use(void **state)
{
	struct sp_usage_queue *queue = *state;
	struct sp_usage_item *taken;

	assert_true(sp_usage_queue_put(queue, item("cn=a", 1)));
	taken = sp_usage_queue_take(queue);
	assert_true(sp_usage_queue_put(queue, item("cn=a", 2)));
	assert_true(sp_usage_queue_give_back(queue, taken));
	assert_int_equal(sp_usage_queue_count(queue), 1);
	expect(queue, "cn=a", 2);
}

static void what_is_given_back_to_a_full_queue_is_dropped_and_says_so(void **state)
{
	struct sp_usage_queue *queue = *state;
	struct sp_usage_item *taken;

	assert_true(sp_usage_queue_put(queue, item("cn=a", 1)));
	taken = sp_usage_queue_take(queue);
	assert_true(sp_usage_queue_put(queue, item("cn=b", 1)));
	assert_true(sp_usage_queue_put(queue, item("cn=c", 1)));
	assert_true(sp_usage_queue_put(queue, item("cn=d", 1)));
	assert_false(sp_usage_queue_give_back(queue, taken));
	assert_int_equal(sp_usage_queue_count(queue), LIMIT);
	expect(queue, "cn=b", 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(each_credential_waits_once_with_its_latest_use),
	    TEST(a_full_queue_drops_what_waits_longest_and_says_so),
	    TEST(what_is_given_back_is_first_again),
	    TEST(what_is_given_back_gives_way_to_a_later_use),
	    TEST(what_is_given_back_to_a_full_queue_is_dropped_and_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
