/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <event2/event.h>

#include "daemon/rate_file.h"
#include "daemon/rate_keeper.h"

#define ID   "k7qf2m9x"
#define HOUR 3600000
#define DAY  (24 * (int64_t)HOUR)

static char directory[] = "/tmp/sendpass-keeper-XXXXXX";
static struct event_base *base;
static struct sp_rate_keeper *keeper;

static int set_up(void **state)
{
	(void)state;
	base = event_base_new();
	return base == NULL || mkdtemp(directory) == NULL;
}

static int remove_files(void **state)
{
	char path[sizeof(directory) + 20];

	(void)state;
	sp_rate_keeper_stop(&keeper);
	snprintf(path, sizeof(path), "%s/rates.lmdb", directory);
	unlink(path);
	snprintf(path, sizeof(path), "%s/rates.lmdb-lock", directory);
	unlink(path);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	event_base_free(base);
	return rmdir(directory);
}

static void start(const char *where)
{
	keeper = sp_rate_keeper_start(base, where);
	assert_non_null(keeper);
}

static enum sp_rate_outcome charge_to(const char *id, uint32_t limit)
{
	const struct sp_rate_charge one = {id, {SP_RATE_MESSAGES, limit, HOUR}, 1};

	return sp_rate_keeper_charge(keeper, &one, 1, true);
}

static enum sp_rate_outcome charge(uint32_t limit)
{
	return charge_to(ID, limit);
}

static void what_is_counted_outlives_an_orderly_end(void **state)
{
	(void)state;
	start(directory);
	assert_int_equal(charge(2), SP_RATE_WITHIN);
	sp_rate_keeper_stop(&keeper);
	assert_null(keeper);
	start(directory);
	assert_int_equal(charge(2), SP_RATE_WITHIN);
	sp_rate_keeper_stop(&keeper);
	start(directory);
	assert_int_equal(charge(2), SP_RATE_OVER);
}

/* One message, counted so long after the system's clock of today. */
static void write_record(const char *id, int64_t after_ms)
{
	const char *why;
	struct sp_rate_file *file = sp_rate_file_open(directory, &why);
	int64_t slot_ms = (HOUR + SP_RATE_SLOTS - 2) / (SP_RATE_SLOTS - 1);
	struct sp_rate_record record = {.kind = SP_RATE_MESSAGES,
	    .window_ms = HOUR,
	    .newest = ((int64_t)time(NULL) * 1000 + after_ms) / slot_ms,
	    .total = 1};

	assert_non_null(file);
	snprintf(record.id, sizeof(record.id), "%s", id);
	record.slots[record.newest % SP_RATE_SLOTS] = 1;
	assert_true(sp_rate_file_write(file, &record, 1, &why));
	sp_rate_file_close(&file);
}

static void a_clock_that_went_back_frees_nothing(void **state)
{
	(void)state;
	write_record(ID, 3 * DAY);
	start(directory);
	assert_int_equal(charge(1), SP_RATE_OVER);
	assert_int_equal(charge(2), SP_RATE_WITHIN);
}

static void what_had_passed_before_the_clock_went_back_is_free(void **state)
{
	(void)state;
	write_record("other", 3 * DAY - 2 * HOUR);
	write_record(ID, 3 * DAY);
	start(directory);
	assert_int_equal(charge(1), SP_RATE_OVER);
	assert_int_equal(charge_to("other", 1), SP_RATE_WITHIN);
	assert_int_equal(charge_to("other", 1), SP_RATE_OVER);
	sp_rate_keeper_stop(&keeper);
	start(directory); /* the clock is behind the file still */
	assert_int_equal(charge(1), SP_RATE_OVER);
	assert_int_equal(charge_to("other", 1), SP_RATE_OVER);
	assert_int_equal(charge_to("third", 1), SP_RATE_WITHIN);
}

static void take_earliest(void *context, const struct sp_rate_record *record)
{
	int64_t *earliest_ms = context;

	if (sp_rate_record_time(record) < *earliest_ms)
		*earliest_ms = sp_rate_record_time(record);
}

static void time_goes_on_from_the_latest_in_the_file(void **state)
{
	int64_t earliest_ms = INT64_MAX;
	struct sp_rate_file *file;
	const char *why;

	(void)state;
	write_record(ID, 3 * DAY);
	start(directory);
	assert_int_equal(charge_to("other", 1), SP_RATE_WITHIN);
	sp_rate_keeper_stop(&keeper);
	file = sp_rate_file_open(directory, &why);
	assert_non_null(file);
	assert_true(sp_rate_file_read(file, take_earliest, &earliest_ms, &why));
	sp_rate_file_close(&file);
	assert_true(earliest_ms > (int64_t)time(NULL) * 1000 + 2 * DAY);
}

static void what_has_passed_is_free(void **state)
{
	(void)state;
	write_record(ID, -3 * DAY);
	start(directory);
	assert_int_equal(charge(1), SP_RATE_WITHIN);
}

static void counting_goes_on_without_a_file(void **state)
{
	(void)state;
	start("");
	assert_int_equal(charge(1), SP_RATE_WITHIN);
	assert_int_equal(charge(1), SP_RATE_OVER);
	sp_rate_keeper_stop(&keeper);
	start("/nonexistent/sendpass");
	assert_int_equal(charge(1), SP_RATE_WITHIN);
	assert_int_equal(charge(1), SP_RATE_OVER);
}

#define TEST(name) cmocka_unit_test_teardown(name, remove_files)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(what_is_counted_outlives_an_orderly_end),
	    TEST(a_clock_that_went_back_frees_nothing),
	    TEST(what_had_passed_before_the_clock_went_back_is_free),
	    TEST(time_goes_on_from_the_latest_in_the_file),
	    TEST(what_has_passed_is_free),
	    TEST(counting_goes_on_without_a_file),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
