/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * safe_file.h - opening files as if they were hostile
 */
#ifndef SP_CONF_SAFE_FILE_H
#define SP_CONF_SAFE_FILE_H

#include <stdbool.h>

#include "lib/base/secret.h"
#include "sendpass/attributes.h"

enum sp_file_privacy {
	SP_FILE_PUBLIC, /* others may read it, but not write it */
	SP_FILE_SECRET, /* nobody but its owner may read it */
};

/* Opens path for reading and checks what was opened, not the name: absolute,
 * no symbolic link at its end, a regular file of root's or of ours, under 1 MiB,
 * modes as `privacy` demands. Below /run/credentials, which is systemd's (systemd.exec(5),
 * CREDENTIALS), it may be anybody's, and the group may read a secret.
 * Returns an fd (CLOEXEC), or -1 with *why_r static text. */
SP_NODISCARD int sp_file_open(const char *path, enum sp_file_privacy privacy, const char **why_r);

/* Whether a program at path may be run: absolute, no symbolic link at its end, a regular file
 * of root's or of ours that others cannot write, and that somebody can execute. False with
 * *why_r static text. */
SP_NODISCARD bool sp_file_is_safe_program(const char *path, const char **why_r);

/* The first line of a secret file. False with *why_r static text. */
SP_NODISCARD bool sp_file_read_secret(
    const char *path, struct sp_secret *secret_r, const char **why_r);

#endif
