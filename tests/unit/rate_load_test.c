/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rate_load_test.c - what rates and sessions cost when there are many
 *
 * With a number it is no test: `rate_load_test 100000 /var/tmp` prints what so many
 * app passwords take, with their counters kept in a directory there. The numbers
 * in docs/restrictions.md are from that.
 */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <event2/event.h>

#include "daemon/rate_keeper.h"
#include "daemon/sessions.h"
#include "lib/base/number.h"

#define FEW             2000 /* credentials of the test */
#define RATES           2
#define BYTES_A_COUNTER 380
#define BYTES_A_SESSION 240
#define AT_ONCE         5000 /* have more counters than one write takes */

static char directory[256];
static struct event_base *base;
static struct sp_rate_keeper *keeper;
static uint32_t limit = 3;

static double read_ms(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static double now_ms(void)
{
	return read_ms(CLOCK_MONOTONIC);
}

static double cpu_ms(void)
{
	return read_ms(CLOCK_THREAD_CPUTIME_ID);
}

/* Ids are random, so no two neighbours of the file are charged one after another:
 * a bijection of the number, in its digits. */
static void write_id(size_t number, char id_r[SP_ID_MAX + 1])
{
	snprintf(id_r, SP_ID_MAX + 1, "%08x", (unsigned)((uint32_t)number * UINT32_C(2654435761)));
}

static enum sp_rate_outcome charge(size_t number)
{
	char id[SP_ID_MAX + 1];
	const struct sp_rate_charge charges[RATES] = {
	    {id, {SP_RATE_MESSAGES, limit, 3600000}, 1},
	    {id, {SP_RATE_RECIPIENTS, 1000000, 86400000}, 1},
	};

	write_id(number, id);
	return sp_rate_keeper_charge(keeper, charges, RATES, true);
}

static bool start(const char *where)
{
	keeper = sp_rate_keeper_start(base, where);
	return keeper != NULL;
}

/* How many of the charges of `count` credentials had that outcome. */
static size_t charge_all(size_t count, enum sp_rate_outcome outcome)
{
	size_t matching = 0;

	for (size_t i = 0; i < count; i++)
		matching += charge(i) == outcome;
	return matching;
}

/* One session each, from a host of its own. */
static void record_sessions(struct sp_sessions *sessions, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct sp_attempt_request request = {.service = "smtp", .port = 40000};
		char id[SP_ID_MAX + 1];

		write_id(i, id);
		snprintf(request.address, sizeof(request.address), "10.%zu.%zu.%zu", i >> 16 & 255,
		    i >> 8 & 255, i & 255);
		snprintf(request.login, sizeof(request.login), "person%06zu@mail.example.org", i);
		assert_true(sp_sessions_record(sessions, &request, id, 0));
	}
}

static bool make_directory(const char *under)
{
	snprintf(directory, sizeof(directory), "%s/sendpass-load-XXXXXX", under);
	return mkdtemp(directory) != NULL;
}

static int set_up(void **state)
{
	(void)state;
	base = event_base_new();
	return base == NULL || !make_directory("/tmp");
}

static void path_of(const char *name, char path_r[300])
{
	snprintf(path_r, 300, "%s/%s", directory, name);
}

static int tear_down(void **state)
{
	static const char *const names[] = {"rates.lmdb", "rates.lmdb-lock"};
	char path[300];

	(void)state;
	sp_rate_keeper_stop(&keeper);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		path_of(names[i], path);
		unlink(path);
	}
	event_base_free(base);
	return rmdir(directory);
}

/* ---- the test ---- */

static void memory_for_each_counter_and_session_is_bounded(void **state)
{
	struct sp_sessions *sessions = sp_sessions_new(SP_SESSIONS_MAX);

	(void)state;
	assert_non_null(sessions);
	assert_true(start(directory));
	size_t before = mallinfo2().uordblks;
	assert_int_equal(charge_all(FEW, SP_RATE_WITHIN), FEW);
	assert_true(mallinfo2().uordblks - before <= (size_t)FEW * RATES * BYTES_A_COUNTER);
	before = mallinfo2().uordblks;
	record_sessions(sessions, FEW);
	assert_true(mallinfo2().uordblks - before <= (size_t)FEW * BYTES_A_SESSION);
	sp_sessions_free(&sessions);
}

static void every_count_is_the_same_after_a_restart(void **state)
{
	(void)state; /* each has been charged once */
	sp_rate_keeper_stop(&keeper);
	assert_true(start(directory));
	assert_int_equal(charge_all(FEW, SP_RATE_WITHIN), FEW);
	sp_rate_keeper_stop(&keeper);
	assert_true(start(directory));
	assert_int_equal(charge_all(FEW, SP_RATE_WITHIN), FEW);
	assert_int_equal(charge_all(FEW, SP_RATE_OVER), FEW);
	sp_rate_keeper_stop(&keeper);
	assert_true(start(directory));
	assert_int_equal(charge_all(FEW, SP_RATE_OVER), FEW);
}

static void the_one_too_many_is_told_to_wait_and_the_others_go_on(void **state)
{
	size_t room = SP_RATE_COUNTERS_MAX / RATES - FEW;

	(void)state;
	sp_rate_keeper_stop(&keeper);
	assert_true(start(""));
	for (size_t i = 0; i < FEW + room; i++)
		assert_int_equal(charge(i), SP_RATE_WITHIN);
	assert_int_equal(charge(FEW + room), SP_RATE_UNKNOWN);
	assert_int_equal(charge_all(FEW, SP_RATE_WITHIN), FEW);
}

/* Each turn of the loop is a tick: the first comes after a second, and hands over
 * what is written at once. */
static void what_is_too_much_for_one_write_does_not_wait_for_the_next_second(void **state)
{
	(void)state;
	sp_rate_keeper_stop(&keeper);
	limit = 1000;
	assert_true(start(directory));
	assert_int_equal(charge_all(AT_ONCE, SP_RATE_WITHIN), AT_ONCE);
	event_base_loop(base, EVLOOP_ONCE);
	double begin = now_ms();
	event_base_loop(base, EVLOOP_ONCE);
	assert_true(now_ms() - begin < 900);
}

/* ---- by hand ---- */

static long status_kib(const char *name)
{
	FILE *file = fopen("/proc/self/status", "r");
	char line[256];
	long kib = -1;

	while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
		if (strncmp(line, name, strlen(name)) == 0)
			kib = strtol(line + strlen(name) + 1, NULL, 10);
	}
	if (file != NULL)
		fclose(file);
	return kib;
}

static void print_memory(const char *when)
{
	printf("%-40s %6ld MB of its own, %ld MB of the file\n", when, status_kib("RssAnon") / 1024,
	    status_kib("RssFile") / 1024);
}

static void print_file(void)
{
	struct stat status;
	char path[300];

	path_of("rates.lmdb", path);
	if (stat(path, &status) == 0)
		printf("%-40s %6ld MB\n", "the file", (long)(status.st_blocks / 2048));
}

/* The loop's own work, while everybody sends. Not the time that passes, which
 * includes what other processes of the host do. */
static void measure_ticks(size_t count)
{
	double longest = 0, slowest = 0, end = now_ms() + 10000;
	size_t charges = 0;

	for (size_t i = 0; now_ms() < end; i = (i + 1) % count) {
		double begin = cpu_ms();
		(void)charge(i);
		double charged = cpu_ms();
		event_base_loop(base, EVLOOP_NONBLOCK);
		double ticked = cpu_ms() - charged;
		longest = ticked > longest ? ticked : longest;
		slowest = charged - begin > slowest ? charged - begin : slowest;
		charges++;
	}
	printf("%-40s %6.1f ms of processor (10 s of %zu charges)\n", "longest tick of the loop",
	    longest, charges);
	printf("%-40s %6.2f ms of processor\n", "slowest charge", slowest);
}

static int measure(size_t count, const char *under)
{
	struct sp_sessions *sessions = sp_sessions_new(SP_SESSIONS_MAX);

	limit = 1000000;
	base = event_base_new();
	if (base == NULL || sessions == NULL || !make_directory(under) || !start(directory))
		return EXIT_FAILURE;
	print_memory("nothing counted");
	double begin = now_ms();
	size_t within = charge_all(count, SP_RATE_WITHIN);
	printf("%-40s %6.0f ms, %zu of %zu within\n", "first charges", now_ms() - begin, within,
	    count);
	print_memory("all counted");
	record_sessions(sessions, count);
	print_memory("and a session each");
	measure_ticks(count);
	for (int round = 1; round <= 5; round++) {
		begin = now_ms();
		sp_rate_keeper_stop(&keeper);
		printf("round %d: %-31s %6.0f ms\n", round, "stop, with the last write",
		    now_ms() - begin);
		print_file();
		begin = now_ms();
		if (!start(directory))
			return EXIT_FAILURE;
		printf(
		    "round %d: %-31s %6.0f ms\n", round, "start from the file", now_ms() - begin);
		print_memory("");
		(void)charge_all(count, SP_RATE_WITHIN);
	}
	sp_sessions_free(&sessions);
	return tear_down(NULL) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(memory_for_each_counter_and_session_is_bounded),
	    cmocka_unit_test(every_count_is_the_same_after_a_restart),
	    cmocka_unit_test(what_is_too_much_for_one_write_does_not_wait_for_the_next_second),
	    cmocka_unit_test(the_one_too_many_is_told_to_wait_and_the_others_go_on),
	};
	uint64_t count;

	if (argc == 3 && sp_parse_number(argv[1], 1, 1000000, &count))
		return measure((size_t)count, argv[2]);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
