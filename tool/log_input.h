/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * log_input.h - the lines of a log file, and of what is added to it
 */
#ifndef SP_TOOL_LOG_INPUT_H
#define SP_TOOL_LOG_INPUT_H

#include <stdbool.h>

#include "sendpass/attributes.h"

struct sp_log_input;

enum sp_log_read {
	SP_LOG_READ_FAILED = 0, /* errno says why */
	SP_LOG_READ_LINE,
	SP_LOG_READ_NOTHING, /* for now */
	SP_LOG_READ_END,     /* for good */
};

/* Path "-" is standard input. NULL, with errno set, when it cannot be opened or there
 * is no memory. */
struct sp_log_input *sp_log_input_open(const char *path);
void sp_log_input_close(struct sp_log_input **file);

/* The next line, without its LF; it is good until the next call. Lines over
 * SP_MAIL_LINE_MAX bytes or with a NUL are passed over. With `follow`, the end of a
 * file other than standard input is NOTHING, a line that is not yet finished is waited for, nothing
 * is read that is not there yet, and the file that takes the place of a renamed one, or that was
 * emptied, is read from its start. */
SP_NODISCARD enum sp_log_read sp_log_input_next(
    struct sp_log_input *file, bool follow, const char **line_r);

/* Back to the start. What cannot be read twice is first copied to a file without a
 * name in /tmp: at the first call, before anything was read. False with errno set. */
SP_NODISCARD bool sp_log_input_rewind(struct sp_log_input *file);

/* Passes over what a file other than standard input has so far. False with errno set. */
SP_NODISCARD bool sp_log_input_to_end(struct sp_log_input *file);

/* The descriptor on which poll() tells that there is more; -1 for a regular file, of
 * which it does not. */
int sp_log_input_descriptor(const struct sp_log_input *file);

#endif
