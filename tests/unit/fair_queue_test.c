/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/fair_queue.h"

#define ATTACKER 1
#define HONEST   2

static struct sp_job *push(struct sp_fair_queue *queue, struct sp_job *job, uint64_t key)
{
	job->key = key;
	return sp_fair_queue_push(queue, job);
}

static void drain(struct sp_fair_queue *queue)
{
	while (sp_fair_queue_pop(queue) != NULL)
		continue;
}

static void jobs_of_one_key_come_out_in_order(void **state)
{
	struct sp_fair_queue *queue = sp_fair_queue_new(8);
	struct sp_job jobs[8];

	(void)state;
	assert_null(sp_fair_queue_pop(queue));
	for (size_t i = 0; i < 8; i++)
		assert_null(push(queue, &jobs[i], ATTACKER));
	for (size_t i = 0; i < 8; i++)
		assert_ptr_equal(sp_fair_queue_pop(queue), &jobs[i]);
	assert_null(sp_fair_queue_pop(queue));
	sp_fair_queue_free(&queue);
	assert_null(queue);
}

static void a_newcomer_is_served_next_whatever_the_crowd(void **state)
{
	struct sp_fair_queue *queue = sp_fair_queue_new(200);
	struct sp_job crowd[100], newcomer;

	(void)state;
	for (size_t i = 0; i < 100; i++)
		assert_null(push(queue, &crowd[i], ATTACKER));
	assert_null(push(queue, &newcomer, HONEST));
	assert_ptr_equal(sp_fair_queue_pop(queue), &crowd[0]);
	assert_ptr_equal(sp_fair_queue_pop(queue), &newcomer);
	drain(queue);
	sp_fair_queue_free(&queue);
}

static void a_full_queue_turns_away_the_longest_lanes_newest(void **state)
{
	struct sp_fair_queue *queue = sp_fair_queue_new(3);
	struct sp_job crowd[4], newcomer;

	(void)state;
	for (size_t i = 0; i < 3; i++)
		assert_null(push(queue, &crowd[i], ATTACKER));
	assert_ptr_equal(push(queue, &crowd[3], ATTACKER), &crowd[3]);
	assert_ptr_equal(push(queue, &newcomer, HONEST), &crowd[2]);
	assert_ptr_equal(sp_fair_queue_pop(queue), &crowd[0]);
	assert_ptr_equal(sp_fair_queue_pop(queue), &newcomer);
	assert_ptr_equal(sp_fair_queue_pop(queue), &crowd[1]);
	assert_null(sp_fair_queue_pop(queue));
	sp_fair_queue_free(&queue);
}

static void among_lanes_of_one_length_a_newcomer_is_the_one_refused(void **state)
{
	struct sp_fair_queue *queue = sp_fair_queue_new(2);
	struct sp_job first, second, third;

	(void)state;
	assert_null(push(queue, &first, 1));
	assert_null(push(queue, &second, 2));
	assert_ptr_equal(push(queue, &third, 1), &third);
	drain(queue);
	sp_fair_queue_free(&queue);
}

/* Guessers with many addresses, each of whom asks again as soon as it has an answer. */
static void a_newcomer_does_not_wait_for_a_crowd_of_regulars(void **state)
{
	struct sp_fair_queue *queue = sp_fair_queue_new(200);
	struct sp_job regulars[64], newcomer;

	(void)state;
	for (size_t i = 0; i < 64; i++)
		assert_null(push(queue, &regulars[i], 100 + i));
	for (size_t i = 0; i < 64; i++) {
		struct sp_job *served = sp_fair_queue_pop(queue);
		assert_ptr_equal(served, &regulars[i]);
		assert_null(push(queue, served, served->key));
	}
	assert_null(push(queue, &newcomer, HONEST));
	assert_ptr_equal(sp_fair_queue_pop(queue), &newcomer);
	/* once known, it is one of them */
	assert_null(push(queue, &newcomer, HONEST));
	for (size_t i = 0; i < 64; i++)
		assert_ptr_equal(sp_fair_queue_pop(queue), &regulars[i]);
	assert_ptr_equal(sp_fair_queue_pop(queue), &newcomer);
	sp_fair_queue_free(&queue);
}

static void nobody_waits_for_ever_for_newcomers(void **state)
{
	struct sp_fair_queue *queue = sp_fair_queue_new(4000);
	struct sp_job regular, newcomers[3000];
	size_t turns = 0;

	(void)state;
	assert_null(push(queue, &regular, ATTACKER));
	assert_ptr_equal(sp_fair_queue_pop(queue), &regular);
	assert_null(push(queue, &regular, ATTACKER));
	do {
		assert_null(push(queue, &newcomers[turns], 1000 + turns));
		turns++;
		assert_true(turns < 3000);
	} while (sp_fair_queue_pop(queue) != &regular);
	drain(queue);
	sp_fair_queue_free(&queue);
}

static void a_full_queue_turns_away_regulars_and_not_who_is_next(void **state)
{
	struct sp_fair_queue *queue = sp_fair_queue_new(2);
	struct sp_job regular, first, second;

	(void)state;
	assert_null(push(queue, &regular, ATTACKER));
	assert_ptr_equal(sp_fair_queue_pop(queue), &regular);
	assert_null(push(queue, &regular, ATTACKER));
	assert_null(push(queue, &first, HONEST));
	assert_ptr_equal(push(queue, &second, HONEST + 1), &regular);
	assert_ptr_equal(sp_fair_queue_pop(queue), &first);
	assert_ptr_equal(sp_fair_queue_pop(queue), &second);
	sp_fair_queue_free(&queue);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(jobs_of_one_key_come_out_in_order),
	    cmocka_unit_test(a_newcomer_is_served_next_whatever_the_crowd),
	    cmocka_unit_test(a_full_queue_turns_away_the_longest_lanes_newest),
	    cmocka_unit_test(among_lanes_of_one_length_a_newcomer_is_the_one_refused),
	    cmocka_unit_test(a_newcomer_does_not_wait_for_a_crowd_of_regulars),
	    cmocka_unit_test(nobody_waits_for_ever_for_newcomers),
	    cmocka_unit_test(a_full_queue_turns_away_regulars_and_not_who_is_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
