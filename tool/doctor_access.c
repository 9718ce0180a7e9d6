/* SPDX-License-Identifier: BSD-2-Clause */
/* doctor_access.c - the directory's rules: what must be allowed, and what must not */
#include <stdio.h>

#include "tool/doctor.h"

#define RULES "compare the directory's rules with examples/openldap/acl.conf (docs/directory.md)"

/* False if it cannot be told, which has been told. */
static bool look(struct sp_doctor *doctor, struct sp_inspection *inspection,
    struct sp_inspect_credentials *credentials_r)
{
	char why[SP_CONF_WHY_MAX];

	if (sp_inspect_credentials(inspection, credentials_r, why))
		return true;
	sp_doctor_tell(doctor, SP_FINDING_SKIPPED, "the directory cannot be searched: %s", why);
	return false;
}

/* Whether there is an app password to try with: who cannot see it proves nothing otherwise. */
static bool find_one(struct sp_doctor *doctor, struct sp_inspect_credentials *credentials_r)
{
	struct sp_inspection *eyes = doctor->verifier != NULL ? doctor->verifier : doctor->admin;

	*credentials_r = (struct sp_inspect_credentials){0};
	if (eyes != NULL && !look(doctor, eyes, credentials_r))
		return false;
	if (credentials_r->seen > 0)
		return true;
	sp_doctor_tell(doctor, SP_FINDING_SKIPPED,
	    eyes == NULL ? "needs [ldap] or [admin] bind_secret_file"
			 : "there is no app password to try with: issue one");
	return false;
}

static void check_nobody(struct sp_doctor *doctor)
{
	struct sp_inspect_credentials found, any;

	if (!look(doctor, doctor->nobody, &found))
		return;
	if (found.with_hash > 0) {
		sp_doctor_tell(doctor, SP_FINDING_ERROR,
		    "anybody may read hashes of app passwords, without a bind");
		sp_doctor_advise(doctor, "at once: %s", RULES);
	} else if (found.seen > 0) {
		sp_doctor_tell(doctor, SP_FINDING_WARNING,
		    "anybody may see whose app passwords there are, without a bind");
		sp_doctor_advise(doctor, RULES);
	} else if (find_one(doctor, &any)) {
		return;
	}
}

static void check_reading(struct sp_doctor *doctor)
{
	struct sp_inspect_credentials found, admins = {0};

	if (!look(doctor, doctor->verifier, &found))
		return;
	if (found.seen == 0 && doctor->admin != NULL && !look(doctor, doctor->admin, &admins))
		return;
	const char *hidden = admins.seen > 0                 ? "app passwords"
			     : found.with_hash < found.seen  ? "sendpassHash"
			     : found.with_class < found.seen ? "objectClass of app passwords"
							     : NULL;
	if (hidden != NULL) {
		sp_doctor_tell(
		    doctor, SP_FINDING_ERROR, "sendpassd's account may not read %s", hidden);
		sp_doctor_advise(doctor, "give [ldap] bind_dn = %s the right to read: %s",
		    doctor->conf->ldap_bind_dn, RULES);
	} else if (found.seen == 0) {
		sp_doctor_tell(
		    doctor, SP_FINDING_SKIPPED, "there is no app password to try with: issue one");
	}
}

/* Where changes go elsewhere, this server would refuse them from everybody. */
static void check_last_use(struct sp_doctor *doctor, const char *dn)
{
	char why[SP_CONF_WHY_MAX];

	if (doctor->conf->ldap_write_uri[0] != '\0' ||
	    sp_inspect_may_take_away(doctor->verifier, dn, "sendpassLastAddress", why) !=
		SP_SIGHT_NO)
		return;
	sp_doctor_tell(doctor, SP_FINDING_WARNING,
	    "sendpassd's account may not write when an app password was last used");
	sp_doctor_advise(doctor,
	    "let [ldap] bind_dn = %s write sendpassLastUsed, -LastAddress and -LastService: %s",
	    doctor->conf->ldap_bind_dn, RULES);
}

/* Nothing is changed: see sp_inspect_may_take_away(). */
static void check_writing(struct sp_doctor *doctor)
{
	static const char *const forbidden[] = {
	    "sendpassHash", "sendpassLogin", "sendpassNetwork", "sendpassSender"};
	struct sp_inspect_credentials found;
	char why[SP_CONF_WHY_MAX];

	if (!find_one(doctor, &found))
		return;
	for (size_t i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++) {
		enum sp_sight may =
		    sp_inspect_may_take_away(doctor->verifier, found.dn, forbidden[i], why);
		if (may == SP_SIGHT_NO)
			continue;
		sp_doctor_tell(doctor, may == SP_SIGHT_YES ? SP_FINDING_ERROR : SP_FINDING_SKIPPED,
		    "sendpassd's account %s write %s%s%s",
		    may == SP_SIGHT_YES ? "may" : "perhaps may", forbidden[i],
		    may == SP_SIGHT_YES ? "" : ": ", may == SP_SIGHT_YES ? "" : why);
		sp_doctor_advise(doctor, RULES);
		return;
	}
	check_last_use(doctor, found.dn);
}

static void check_admin_reading(struct sp_doctor *doctor)
{
	struct sp_inspect_credentials found;

	if (!look(doctor, doctor->admin, &found))
		return;
	if (found.with_hash > 0) {
		sp_doctor_tell(doctor, SP_FINDING_WARNING,
		    "the tool's account may read hashes, which it has no use for");
		sp_doctor_advise(doctor, RULES);
	} else if (found.seen == 0) {
		(void)find_one(doctor, &found);
	}
}

static const struct sp_check checks[] = {
    {"acl-nobody", "who is not bound sees no app passwords", SP_NEEDS_DIRECTORY, check_nobody},
    {"acl-read", "sendpassd's account reads app passwords with their hashes", SP_NEEDS_VERIFIER,
	check_reading},
    {"acl-write", "sendpassd's account may write the last use and nothing else", SP_NEEDS_VERIFIER,
	check_writing},
    {"acl-admin", "the tool's account cannot read hashes", SP_NEEDS_ADMIN, check_admin_reading},
};

const struct sp_check_list sp_checks_of_access = {checks, sizeof(checks) / sizeof(checks[0])};
