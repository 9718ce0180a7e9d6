/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/try_file.h"

char try_directory[] = "/tmp/sendpass-test-XXXXXX";
char try_path[sizeof(try_directory) + sizeof("/file")];

int try_file_make_directory(void **state)
{
	(void)state;
	if (mkdtemp(try_directory) == NULL)
		return -1;
	snprintf(try_path, sizeof(try_path), "%s/file", try_directory);
	/* tests that give up root must get through */
	return chmod(try_directory, 0755);
}

int try_file_remove(void **state)
{
	(void)state;
	unlink(try_path);
	return 0;
}

int try_file_remove_directory(void **state)
{
	try_file_remove(state);
	return rmdir(try_directory);
}

void try_file_write(const char *bytes, size_t length, mode_t mode)
{
	FILE *out = fopen(try_path, "w");

	assert_non_null(out);
	assert_int_equal(fwrite(bytes, 1, length, out), length);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(chmod(try_path, mode), 0);
}
