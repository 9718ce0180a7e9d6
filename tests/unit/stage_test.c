/* SPDX-License-Identifier: BSD-2-Clause */
/* stage_test.c - what becomes of jobs as a stage ends */
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/stage.h"

#define JOBS 50

/* Two stages that feed each other, as the pipeline's do. */
static struct sp_stage *first, *second;

/* The lock is held while the job of `second` must not come to its end. */
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

static size_t done;
static struct sp_job *turned_away;

static void *begin(void *context)
{
	return context;
}

static void count(void *context, void *worker, struct sp_job *job)
{
	(void)context, (void)worker, (void)job;
	done++;
}

static void go_back(void *context, void *worker, struct sp_job *job)
{
	(void)context, (void)worker;
	pthread_mutex_lock(&gate);
	pthread_mutex_unlock(&gate);
	turned_away = sp_stage_push(first, job);
}

static void end(void *worker)
{
	(void)worker;
}

static const struct sp_stage_calls counting = {.begin = begin, .work = count, .end = end};
static const struct sp_stage_calls returning = {.begin = begin, .work = go_back, .end = end};

static void what_is_queued_is_done_before_a_stage_stops(void **state)
{
	struct sp_job jobs[JOBS] = {0};

	(void)state;
	done = 0;
	first = sp_stage_start(1, JOBS, &counting, NULL);
	assert_non_null(first);
	for (size_t i = 0; i < JOBS; i++)
		assert_null(sp_stage_push(first, &jobs[i]));
	sp_stage_stop(first);
	assert_int_equal(done, JOBS);
	sp_stage_free(&first);
	assert_null(first);
}

static void a_job_for_a_stage_that_has_stopped_comes_back(void **state)
{
	struct sp_job job = {0};

	(void)state;
	done = 0;
	turned_away = NULL;
	first = sp_stage_start(1, JOBS, &counting, NULL);
	second = sp_stage_start(1, JOBS, &returning, NULL);
	assert_true(first != NULL && second != NULL);
	pthread_mutex_lock(&gate);
	assert_null(sp_stage_push(second, &job));
	sp_stage_stop(first);
	pthread_mutex_unlock(&gate);
	sp_stage_stop(second);
	assert_ptr_equal(turned_away, &job);
	assert_int_equal(done, 0);
	sp_stage_free(&first);
	sp_stage_free(&second);
}

/* A job that waits at the gate, and two that wait for its worker. */
static void the_load_is_what_works_and_what_waits(void **state)
{
	struct sp_job jobs[3] = {0};
	struct sp_stage_load load;

	(void)state;
	done = 0;
	first = sp_stage_start(1, JOBS, &counting, NULL);
	second = sp_stage_start(1, JOBS, &returning, NULL);
	assert_true(first != NULL && second != NULL);
	load = sp_stage_load(second);
	assert_int_equal(load.workers, 1);
	assert_int_equal(load.limit, JOBS);
	assert_true(load.busy == 0 && load.waiting == 0);
	pthread_mutex_lock(&gate);
	for (size_t i = 0; i < 3; i++)
		assert_null(sp_stage_push(second, &jobs[i]));
	do {
		poll(NULL, 0, 1);
		load = sp_stage_load(second);
		assert_int_equal(load.busy + load.waiting, 3);
	} while (load.busy == 0);
	assert_int_equal(load.busy, 1);
	pthread_mutex_unlock(&gate);
	sp_stage_stop(second);
	load = sp_stage_load(second);
	assert_true(load.busy == 0 && load.waiting == 0);
	sp_stage_stop(first);
	assert_int_equal(done, 3);
	sp_stage_free(&first);
	sp_stage_free(&second);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_queued_is_done_before_a_stage_stops),
	    cmocka_unit_test(a_job_for_a_stage_that_has_stopped_comes_back),
	    cmocka_unit_test(the_load_is_what_works_and_what_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
