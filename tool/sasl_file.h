/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sasl_file.h - an application's configuration of libsasl2, read as libsasl2 reads it
 */
#ifndef SP_TOOL_SASL_FILE_H
#define SP_TOOL_SASL_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "sendpass/attributes.h"

#define SP_SASL_OPTIONS_MAX 64

struct sp_sasl_file {
	char text[16384]; /* cut in place */
	size_t count;
	struct {
		const char *name; /* in lower case */
		const char *value;
	} options[SP_SASL_OPTIONS_MAX];
	int bad_line; /* the first that libsasl2 refuses, and with it the whole file; 0 for none */
};

/* Cuts file->text, which the caller has filled. */
void sp_sasl_file_cut(struct sp_sasl_file *file);

/* Reads the file at path. False with errno if it cannot be read, or is larger
 * than the text (EFBIG). */
SP_NODISCARD bool sp_sasl_file_read(const char *path, struct sp_sasl_file *file_r);

/* NULL if it is not set. The first of several counts. */
const char *sp_sasl_file_get(const struct sp_sasl_file *file, const char *name);

/* Whether the option, a list of words, has the word in it, in any case; *others_r
 * counts its other words. */
SP_NODISCARD bool sp_sasl_file_lists(
    const struct sp_sasl_file *file, const char *name, const char *word, size_t *others_r);

#endif
