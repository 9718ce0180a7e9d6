/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rate_file.h - rate counters in an LMDB file
 */
#ifndef SP_DAEMON_RATE_FILE_H
#define SP_DAEMON_RATE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/policy/rate_counter.h"
#include "sendpass/attributes.h"

struct sp_rate_file;

/* Opens `directory`/rates.lmdb, or makes it, mode 0600. NULL with *why_r static
 * text. One process at a time. */
struct sp_rate_file *sp_rate_file_open(const char *directory, const char **why_r);
void sp_rate_file_close(struct sp_rate_file **file);

typedef void sp_rate_file_record_fn(void *context, const struct sp_rate_record *record);

/* Hands over every record. False, with *why_r, if the file cannot be read to its end. */
SP_NODISCARD bool sp_rate_file_read(
    struct sp_rate_file *file, sp_rate_file_record_fn *take, void *context, const char **why_r);

/* Writes the records, all or none; those with a total of 0 are deleted. */
SP_NODISCARD bool sp_rate_file_write(struct sp_rate_file *file,
    const struct sp_rate_record *records, size_t count, const char **why_r);

#endif
