/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * doctor_sasl.h - how a mail server asks for passwords, and whether that is sendpassd
 */
#ifndef SP_TOOL_DOCTOR_SASL_H
#define SP_TOOL_DOCTOR_SASL_H

#include <stdbool.h>
#include <stddef.h>

#include "sendpass/attributes.h"
#include "sendpass/limits.h"
#include "tool/doctor.h"

#define SP_PATH_TEXT_MAX 4096

enum sp_way_kind {
	SP_WAY_ELSEWHERE, /* somebody else is asked, or what is wrong has been told */
	SP_WAY_AUTH,      /* an auth door, by our plugin or the Dovecot protocol */
	SP_WAY_SASLAUTHD, /* a saslauthd door */
};

/* Who asks, and where. */
struct sp_asker {
	char name[160];    /* "Postfix, submission/inet" */
	const char *user;  /* as which it asks */
	const char *queue; /* its directory; NULL: paths are absolute */
	bool chroot;       /* in that directory */
};

struct sp_way {
	struct sp_asker asker;
	enum sp_way_kind kind;
	char path[SP_SOCKET_PATH_SIZE]; /* as the asker sees it */
};

/* Reads the first of the NULL-terminated paths that exists, a configuration of
 * libsasl2, and tells what is wrong with it. *way_r has the asker filled in. */
void sp_doctor_judge_sasl(struct sp_doctor *doctor, const char *const *paths, struct sp_way *way_r);

/* Sets the way's path, which the asker has from `setting` of `where`, and its kind
 * if a door is there; otherwise tells. */
void sp_doctor_judge_socket(struct sp_doctor *doctor, struct sp_way *way, enum sp_way_kind kind,
    const char *path, const char *setting, const char *where);

/* The asker's path as it is seen from outside. */
void sp_doctor_outside(
    const struct sp_asker *asker, const char *path, char path_r[SP_PATH_TEXT_MAX]);

/* Connects as the asker does and tells if that fails. Needs root. */
void sp_doctor_try_socket(
    struct sp_doctor *doctor, const struct sp_asker *asker, const char *path, bool greets);

#endif
