/* SPDX-License-Identifier: BSD-2-Clause */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/rate_file.h"

#define MANY 5000

static char directory[] = "/tmp/sendpass-rates-XXXXXX";
static char path[sizeof(directory) + 16];
static const char *why;

static int make_directory(void **state)
{
	(void)state;
	if (mkdtemp(directory) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/rates.lmdb", directory);
	return 0;
}

static int remove_files(void **state)
{
	char lock[sizeof(path) + 8];

	(void)state;
	snprintf(lock, sizeof(lock), "%s-lock", path);
	unlink(path);
	unlink(lock);
	return 0;
}

static int remove_directory(void **state)
{
	(void)state;
	return rmdir(directory);
}

static struct sp_rate_file *open_file(void)
{
	struct sp_rate_file *file = sp_rate_file_open(directory, &why);

	if (file == NULL)
		fail_msg("%s", why);
	return file;
}

static struct sp_rate_record record_of(unsigned number, uint32_t total)
{
	struct sp_rate_record record = {.kind = SP_RATE_RECIPIENTS,
	    .window_ms = 1000,
	    .newest = number,
	    .total = total,
	    .slots = {total}};

	snprintf(record.id, sizeof(record.id), "%u", number);
	return record;
}

static struct {
	size_t count;
	uint64_t sum;
	struct sp_rate_record last;
} read_back;

static void take(void *context, const struct sp_rate_record *record)
{
	(void)context;
	read_back.count++;
	read_back.sum += record->total;
	read_back.last = *record;
}

static void read_all(struct sp_rate_file *file)
{
	memset(&read_back, 0, sizeof(read_back));
	assert_true(sp_rate_file_read(file, take, NULL, &why));
}

static void records_outlive_the_process(void **state)
{
	struct sp_rate_record record = record_of(7, 3);
	struct sp_rate_file *file = open_file();
	struct stat status;

	(void)state;
	read_all(file);
	assert_int_equal(read_back.count, 0);
	assert_true(sp_rate_file_write(file, &record, 1, &why));
	sp_rate_file_close(&file);
	assert_null(file);
	file = open_file();
	read_all(file);
	assert_int_equal(read_back.count, 1);
	assert_memory_equal(&read_back.last, &record, sizeof(record));
	sp_rate_file_close(&file);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
}

static void a_later_record_takes_the_place_of_the_first_and_0_deletes(void **state)
{
	struct sp_rate_record records[] = {
	    record_of(1, 3), record_of(1, 5), record_of(2, 1), record_of(2, 0), record_of(3, 0)};
	struct sp_rate_file *file = open_file();

	(void)state;
	assert_true(sp_rate_file_write(file, records, 5, &why));
	read_all(file);
	assert_int_equal(read_back.count, 1);
	assert_int_equal(read_back.last.total, 5);
	sp_rate_file_close(&file);
}

static void many_are_kept(void **state)
{
	struct sp_rate_record *records = calloc(MANY, sizeof(*records));
	struct sp_rate_file *file = open_file();

	(void)state;
	assert_non_null(records);
	for (int round = 0; round < 20; round++) {
		for (unsigned i = 0; i < MANY; i++)
			records[i] = record_of(i, (uint32_t)round + 1);
		assert_true(sp_rate_file_write(file, records, MANY, &why));
	}
	sp_rate_file_close(&file);
	file = open_file();
	read_all(file);
	assert_int_equal(read_back.count, MANY);
	assert_int_equal(read_back.sum, MANY * 20);
	sp_rate_file_close(&file);
	free(records);
}

static void spoil(off_t length, const char *with)
{
	int fd = open(path, O_RDWR);

	assert_true(fd >= 0);
	if (with != NULL)
		assert_int_equal(pwrite(fd, with, strlen(with), 0), (ssize_t)strlen(with));
	assert_int_equal(ftruncate(fd, length), 0);
	close(fd);
}

static void a_file_that_is_none_is_refused(void **state)
{
	struct sp_rate_record record = record_of(7, 3);
	struct sp_rate_file *file = open_file();

	(void)state;
	assert_true(sp_rate_file_write(file, &record, 1, &why));
	sp_rate_file_close(&file);
	spoil(8192, NULL);
	assert_null(sp_rate_file_open(directory, &why));
	assert_non_null(why);
	spoil(8192, "this is no database, whatever its name may say, and has never been one");
	assert_null(sp_rate_file_open(directory, &why));
	spoil(100, NULL);
	assert_null(sp_rate_file_open(directory, &why));
}

static void a_directory_that_is_not_there_is_told(void **state)
{
	(void)state;
	assert_null(sp_rate_file_open("/nonexistent/sendpass", &why));
	assert_string_equal(why, strerror(2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(records_outlive_the_process, remove_files),
	    cmocka_unit_test_teardown(
		a_later_record_takes_the_place_of_the_first_and_0_deletes, remove_files),
	    cmocka_unit_test_teardown(many_are_kept, remove_files),
	    cmocka_unit_test_teardown(a_file_that_is_none_is_refused, remove_files),
	    cmocka_unit_test(a_directory_that_is_not_there_is_told),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
