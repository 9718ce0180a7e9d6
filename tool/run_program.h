/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * run_program.h - what another program of this host says about itself
 *
 * No shell, a fixed environment, nothing on its standard input, an end after 10
 * seconds.
 */
#ifndef SP_TOOL_RUN_PROGRAM_H
#define SP_TOOL_RUN_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>

#include "sendpass/attributes.h"

#define SP_PROGRAM_PATH_MAX   4096
#define SP_PROGRAM_OUTPUT_MAX ((size_t)256 * 1024)

/* Where the program is installed: /usr/local/sbin, /usr/sbin, /usr/local/bin,
 * /usr/bin. False if it is not. */
SP_NODISCARD bool sp_program_find(const char *name, char path_r[SP_PROGRAM_PATH_MAX]);

struct sp_program_result {
	int status;   /* its exit status, or 128 and the signal that ended it */
	char *output; /* NUL-terminated, up to SP_PROGRAM_OUTPUT_MAX bytes; of both streams */
	char *errors;
};

/* Runs arguments[0], an absolute path. False if it could not be run or did not end
 * in time, or said too much; *why_r is then static text. The caller frees the
 * result in every case. */
SP_NODISCARD bool sp_program_run(
    const char *const *arguments, struct sp_program_result *result_r, const char **why_r);
void sp_program_result_free(struct sp_program_result *result);

#endif
