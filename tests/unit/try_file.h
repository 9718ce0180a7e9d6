/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * try_file.h - one file in a private directory, for tests of what reads files
 */
#ifndef SP_TESTS_TRY_FILE_H
#define SP_TESTS_TRY_FILE_H

#include <stddef.h>
#include <sys/types.h>

extern char try_directory[];
extern char try_path[];

/* cmocka's fixtures: for the group, and after a test. */
int try_file_make_directory(void **state);
int try_file_remove_directory(void **state);
int try_file_remove(void **state);

void try_file_write(const char *bytes, size_t length, mode_t mode);

#endif
