/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * doctor.h - what a check of `sendpass doctor` is, knows and says
 *
 * Checks are rows of tables, a table for each theme. They run in order, and later
 * ones need what earlier ones found. No check changes anything.
 */
#ifndef SP_TOOL_DOCTOR_H
#define SP_TOOL_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/secret.h"
#include "lib/conf/conf.h"
#include "lib/directory/inspect.h"
#include "sendpass/attributes.h"
#include "tool/verb.h"

enum sp_finding_level {
	SP_FINDING_OK,
	SP_FINDING_SKIPPED, /* could not be looked at, and why */
	SP_FINDING_WARNING,
	SP_FINDING_ERROR,
};

struct sp_finding {
	const char *check;
	enum sp_finding_level level;
	char *text;
	char *remedy; /* NULL for none */
};

#define SP_DOCTOR_SERVERS_MAX 16

struct sp_check;
struct sp_postfix_view; /* doctor_postfix.h */

struct sp_doctor {
	const char *conf_path;
	const char *postfix_directory; /* its configuration's; NULL: Postfix's own */
	const char *exim_file;         /* its configuration; NULL: Exim's own */
	const char *login;             /* to try; NULL for none */
	struct sp_secret password;     /* to try it with */

	struct sp_conf *conf; /* NULL until it has been read */
	struct sp_conf *defaults;

	/* Connections to the first server that takes the identity; NULL for none. */
	struct sp_inspection *verifier; /* as [ldap] says */
	struct sp_inspection *admin;    /* as [admin] says */
	struct sp_inspection *nobody;
	size_t server; /* of `nobody`, and of `verifier` if there is one */
	bool bad_certificate[SP_DOCTOR_SERVERS_MAX];

	struct sp_postfix_view *postfix; /* NULL until it has been read */

	const struct sp_check *check; /* the one that runs */
	struct sp_finding *findings;
	size_t finding_count;
	bool out_of_memory;
};

/* What must be there for a check; without it the check is skipped. */
enum {
	SP_NEEDS_CONF = 1,
	SP_NEEDS_DIRECTORY = 2, /* a server that answers */
	SP_NEEDS_VERIFIER = 4,
	SP_NEEDS_ADMIN = 8,
	SP_NEEDS_POSTFIX = 16, /* that can be read */
	SP_NEEDS_ROOT = 32,
};

struct sp_check {
	const char *name;
	const char *what; /* is well, if examine() has nothing to say */
	unsigned needs;
	void (*examine)(struct sp_doctor *doctor);
};

struct sp_check_list {
	const struct sp_check *checks;
	size_t count;
};

extern const struct sp_check_list sp_checks_of_files, sp_checks_of_doors, sp_checks_of_servers,
    sp_checks_of_directory, sp_checks_of_access, sp_checks_of_orphans, sp_checks_of_argon2,
    sp_checks_of_postfix, sp_checks_of_exim, sp_checks_of_login;

/* Adds a finding of the check that runs. */
void sp_doctor_tell(struct sp_doctor *doctor, enum sp_finding_level level, const char *format, ...)
    SP_PRINTF(3, 4);

/* Gives the last finding its remedy: what to change, and where. */
void sp_doctor_advise(struct sp_doctor *doctor, const char *format, ...) SP_PRINTF(2, 3);

/* Who [admin] says the tool binds as; the caller wipes *secret_r, which *identity_r
 * points to. NULL, or for people why the doctor cannot bind that way. */
SP_NODISCARD const char *sp_doctor_admin_identity(
    const struct sp_conf *conf, struct sp_admin_identity *identity_r, struct sp_secret *secret_r);

void sp_doctor_close_postfix(struct sp_postfix_view **view);

/* Whether the doors have one at that place. */
SP_NODISCARD bool sp_doctor_has_door(const struct sp_conf_doors *doors, const char *place);

#endif
