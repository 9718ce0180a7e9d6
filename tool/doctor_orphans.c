/* SPDX-License-Identifier: BSD-2-Clause */
/* doctor_orphans.c - app passwords that belong to nobody any more */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tool/doctor.h"

#define OWNERS_MAX 2000 /* to look up, at a millisecond each */

static int by_owner(const void *a, const void *b)
{
	const struct sp_credential *one = *(struct sp_credential *const *)a;
	const struct sp_credential *other = *(struct sp_credential *const *)b;
	const char *owner = one->owner != NULL ? one->owner : "";

	return strcasecmp(owner, other->owner != NULL ? other->owner : "");
}

static bool has_owner_of(const struct sp_credential *one, const struct sp_credential *other)
{
	return other != NULL && other->owner != NULL && strcasecmp(one->owner, other->owner) == 0;
}

static void tell(struct sp_doctor *doctor, const char *first, size_t orphans, size_t owners)
{
	if (orphans > 0) {
		sp_doctor_tell(doctor, SP_FINDING_WARNING,
		    "%zu app password%s, such as %s, belong%s to nobody any more", orphans,
		    orphans == 1 ? "" : "s", first, orphans == 1 ? "s" : "");
		sp_doctor_advise(doctor, "look at them, then: sendpass purge --orphans");
	} else if (owners > OWNERS_MAX) {
		sp_doctor_tell(doctor, SP_FINDING_OK,
		    "the first %d owners exist; sendpass purge --orphans looks at all", OWNERS_MAX);
	}
}

/* Each owner is looked up once. */
static enum sp_admin_status count_orphans(struct sp_doctor *doctor, struct sp_admin *admin,
    struct sp_credential_list *list, char why_r[SP_CONF_WHY_MAX])
{
	enum sp_admin_status status = SP_ADMIN_OK;
	const char *first = NULL;
	size_t orphans = 0, owners = 0;
	bool gone = false;

	if (list->count > 0)
		qsort(list->items, list->count, sizeof(*list->items), by_owner);
	for (size_t i = 0; i < list->count && owners <= OWNERS_MAX; i++) {
		const struct sp_credential *credential = list->items[i];
		if (credential->owner == NULL)
			continue;
		if (!has_owner_of(credential, i > 0 ? list->items[i - 1] : NULL) &&
		    ++owners <= OWNERS_MAX) {
			status = sp_admin_owner_is_gone(admin, credential->owner, &gone, why_r);
			if (status != SP_ADMIN_OK)
				return status;
		}
		if (gone && owners <= OWNERS_MAX && orphans++ == 0)
			first = credential->id;
	}
	tell(doctor, first, orphans, owners);
	return SP_ADMIN_OK;
}

static void check_orphans(struct sp_doctor *doctor)
{
	struct sp_admin_identity identity;
	struct sp_secret secret = {0};
	struct sp_credential_list list = {0};
	struct sp_admin *admin = NULL;
	char why[SP_CONF_WHY_MAX];
	enum sp_admin_status status = SP_ADMIN_ERROR;
	const char *obstacle = sp_doctor_admin_identity(doctor->conf, &identity, &secret);

	if (obstacle != NULL)
		snprintf(why, sizeof(why), "%s", obstacle);
	else
		status = sp_admin_open(doctor->conf, &identity, &admin, why);
	sp_secret_wipe(&secret);
	if (status == SP_ADMIN_OK)
		status = sp_admin_list(admin, NULL, &list, why);
	if (status == SP_ADMIN_OK)
		status = count_orphans(doctor, admin, &list, why);
	if (status != SP_ADMIN_OK)
		sp_doctor_tell(doctor, SP_FINDING_SKIPPED, "owners cannot be looked up: %s", why);
	sp_credential_list_free(&list);
	sp_admin_close(&admin);
}

static const struct sp_check checks[] = {
    {"orphans", "every app password's owner exists", SP_NEEDS_ADMIN, check_orphans},
};

const struct sp_check_list sp_checks_of_orphans = {checks, sizeof(checks) / sizeof(checks[0])};
