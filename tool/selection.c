/* SPDX-License-Identifier: BSD-2-Clause */
#include "tool/selection.h"

#include <stdlib.h>
#include <string.h>

#include "tool/message.h"

static bool take_state(const struct sp_run *run, struct sp_selection *selection)
{
	selection->has_state = sp_credential_state_parse(optarg, &selection->state);
	if (!selection->has_state)
		sp_fail_usage(run,
		    "--state must be active, revoked, suspended, expired, not_yet_valid or "
		    "unusable");
	return selection->has_state;
}

/* The login or department in optarg, once: of two, all that was asked of one would not
 * be done. */
static bool take_name(const struct sp_run *run, const char *what, size_t max, const char **name)
{
	if (*name != NULL) {
		sp_fail_usage(run, "%s is given twice: run it for one at a time", what);
		return false;
	}
	*name = optarg;
	return sp_text_is_fit(run, what, optarg, max);
}

bool sp_take_selection(
    const struct sp_run *run, int option, time_t now, struct sp_selection *selection)
{
	const char *fault;

	switch (option) {
	case SP_OPTION_OWNER:
		return take_name(run, "--owner", SP_LOGIN_MAX, &selection->owner);
	case SP_OPTION_DEPARTMENT:
		return take_name(
		    run, "the department", SP_TEXT_ARGUMENT_MAX, &selection->department);
	case SP_OPTION_LABEL_PART:
		selection->label = optarg;
		return true;
	case SP_OPTION_STATE:
		return take_state(run, selection);
	case SP_OPTION_UNUSED_SINCE:
		fault = sp_argument_past_day(optarg, now, &selection->unused_since);
		if (fault != NULL)
			sp_fail_usage(run, "--unused-since %s", fault);
		return fault == NULL;
	case SP_OPTION_UNUSED_FOR:
		return sp_take_period(run, "--unused-for", now, -1, &selection->unused_since);
	case SP_OPTION_NEVER_USED:
		selection->never_used = true;
		return true;
	case SP_OPTION_EXPIRING_WITHIN:
		return sp_take_period(
		    run, "--expiring-within", now, 1, &selection->expiring_before);
	}
	return false;
}

static bool is_unused_since(const struct sp_credential *credential, time_t since)
{
	time_t last =
	    credential->last_used != SP_NO_TIME ? credential->last_used : credential->created;

	return last != SP_NO_TIME && last < since;
}

static bool expires_before(const struct sp_credential *credential, time_t end, time_t now)
{
	return credential->revoked == SP_NO_TIME && credential->expires != SP_NO_TIME &&
	       credential->expires > now && credential->expires <= end;
}

bool sp_selects(
    const struct sp_selection *selection, const struct sp_credential *credential, time_t now)
{
	if (selection->label != NULL &&
	    (credential->label == NULL || strcasestr(credential->label, selection->label) == NULL))
		return false;
	if (selection->not_revoked && credential->revoked != SP_NO_TIME)
		return false;
	if (selection->has_state && sp_credential_state(credential, now) != selection->state)
		return false;
	if (selection->unused_since != SP_NO_TIME &&
	    !is_unused_since(credential, selection->unused_since))
		return false;
	if (selection->never_used && credential->last_used != SP_NO_TIME)
		return false;
	return selection->expiring_before == SP_NO_TIME ||
	       expires_before(credential, selection->expiring_before, now);
}

/* NULL: everybody. */
static bool is_among(const struct sp_credential_list *list, const struct sp_credential *credential)
{
	for (size_t i = 0; list != NULL && i < list->count; i++) {
		if (strcmp(list->items[i]->dn, credential->dn) == 0)
			return true;
	}
	return list == NULL;
}

/* Frees the others and closes the gaps. */
static void keep_selected(const struct sp_selection *selection,
    const struct sp_credential_list *department, time_t now, struct sp_credential_list *list)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++) {
		if (sp_selects(selection, list->items[i], now) &&
		    is_among(department, list->items[i]))
			list->items[kept++] = list->items[i];
		else
			sp_credential_free(&list->items[i]);
	}
	list->count = kept;
}

/* Those of the owner, or of everybody. */
static enum sp_admin_status list_owner(struct sp_session *session, const char *login,
    struct sp_credential_list *list_r, char why_r[SP_CONF_WHY_MAX])
{
	char *owner = NULL;
	enum sp_admin_status status = SP_ADMIN_OK;

	if (login != NULL)
		status = sp_admin_find_owner(session->admin, login, &owner, why_r);
	if (status == SP_ADMIN_OK)
		status = sp_admin_list(session->admin, owner, list_r, why_r);
	free(owner);
	return status;
}

enum sp_exit sp_select(struct sp_session *session, const struct sp_selection *selection, time_t now,
    struct sp_credential_list *list_r)
{
	struct sp_credential_list department = {0};
	char why[SP_CONF_WHY_MAX];
	bool both = selection->department != NULL && selection->owner != NULL;
	enum sp_admin_status status = SP_ADMIN_OK;

	*list_r = (struct sp_credential_list){0};
	if (selection->department != NULL)
		status = sp_admin_list_department(
		    session->admin, selection->department, both ? &department : list_r, why);
	if (status == SP_ADMIN_OK && (both || selection->department == NULL))
		status = list_owner(session, selection->owner, list_r, why);
	if (status == SP_ADMIN_OK)
		keep_selected(selection, both ? &department : NULL, now, list_r);
	sp_credential_list_free(&department);
	return sp_session_judge(status, why);
}
