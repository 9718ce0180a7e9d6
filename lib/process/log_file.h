/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * log_file.h - a file of lines that grows, and is moved away by others
 */
#ifndef SP_PROCESS_LOG_FILE_H
#define SP_PROCESS_LOG_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "sendpass/attributes.h"

/* Opens path to append to it (CLOEXEC). It must be a regular file with one name and
 * no symbolic link; one that is not there is made, 0640, and given to `owner` by
 * root. Returns an fd, or -1 with *why_r as strerror(3) has it or static text. */
SP_NODISCARD int sp_log_file_open(const char *path, uid_t owner, const char **why_r);

/* Appends lines, each of which ends in LF, and waits while a pipe is full. Returns how
 * many did not get in whole: none, or the last ones. *torn then tells whether the file
 * ends in a part of a line; what is written after that begins with a LF of its own. */
SP_NODISCARD size_t sp_log_file_write(int fd, const char *lines, size_t length, bool *torn);

#endif
