/* SPDX-License-Identifier: BSD-2-Clause */
/* purge.c - `sendpass purge`: deletes what ended long ago, or belongs to nobody any more */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/arguments.h"
#include "tool/bulk.h"
#include "tool/change.h"
#include "tool/confirm.h"
#include "tool/message.h"
#include "tool/session.h"

/* What the command line asks for: all of which any of these holds. */
struct order {
	time_t revoked_before, expired_before; /* SP_NO_TIME: not asked */
	bool orphans;
	bool yes;
};

/* ---- which ones ---- */

static bool ended_before(const struct sp_credential *credential, const struct order *order)
{
	/* What cannot be understood may have an end that we do not see. */
	if (credential->unusable != NULL)
		return false;
	if (credential->revoked != SP_NO_TIME)
		return order->revoked_before != SP_NO_TIME &&
		       credential->revoked < order->revoked_before;
	return order->expired_before != SP_NO_TIME && credential->expires != SP_NO_TIME &&
	       credential->expires < order->expired_before;
}

static enum sp_exit is_orphan(
    struct sp_session *session, const struct sp_credential *credential, bool *orphan_r)
{
	char why[SP_CONF_WHY_MAX];

	*orphan_r = false;
	if (credential->owner == NULL)
		return SP_EXIT_OK;
	return sp_session_judge(
	    sp_admin_owner_is_gone(session->admin, credential->owner, orphan_r, why), why);
}

static enum sp_exit is_due(struct sp_session *session, const struct sp_credential *credential,
    const struct order *order, bool *due_r)
{
	*due_r = credential->id != NULL && ended_before(credential, order);
	if (*due_r || credential->id == NULL || !order->orphans)
		return SP_EXIT_OK;
	return is_orphan(session, credential, due_r);
}

/* Frees the others and closes the gaps; those behind a failure go, too. */
static enum sp_exit keep_due(
    struct sp_session *session, const struct order *order, struct sp_credential_list *list)
{
	enum sp_exit status = SP_EXIT_OK;
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++) {
		bool due = false;
		if (status == SP_EXIT_OK)
			status = is_due(session, list->items[i], order, &due);
		if (due)
			list->items[kept++] = list->items[i];
		else
			sp_credential_free(&list->items[i]);
	}
	list->count = kept;
	return status;
}

/* ---- deleting ---- */

/* As the directory has it now: a question may have waited for long. */
static enum sp_exit is_due_still(
    struct sp_session *session, const char *id, const struct order *order)
{
	struct sp_credential *credential = NULL;
	char why[SP_CONF_WHY_MAX];
	bool due = false;
	enum sp_exit status =
	    sp_session_judge(sp_admin_get(session->admin, id, &credential, why), why);

	if (status == SP_EXIT_OK)
		status = is_due(session, credential, order, &due);
	sp_credential_free(&credential);
	if (status != SP_EXIT_OK || due)
		return status;
	return sp_fail(SP_EXIT_NO, "app password %s has been changed meanwhile", id);
}

static enum sp_exit act(const struct sp_run *run, struct sp_session *session,
    struct sp_credential *credential, void *context)
{
	enum sp_exit status = is_due_still(session, credential->id, context);

	if (status == SP_EXIT_OK)
		status = sp_change_delete(session, "credential_purged", credential);
	if (status == SP_EXIT_OK && !run->json)
		printf("%s: deleted\n", credential->id);
	return status;
}

static enum sp_exit purge(
    const struct sp_run *run, struct sp_session *session, struct order *order, time_t now)
{
	struct sp_credential_list list;
	char why[SP_CONF_WHY_MAX];
	const struct sp_bulk bulk = {
	    .verb = "Delete",
	    .undone = "was not deleted",
	    .act = act,
	    .context = order,
	    .yes = order->yes,
	    .now = now,
	};
	enum sp_exit status =
	    sp_session_judge(sp_admin_list(session->admin, NULL, &list, why), why);

	if (status != SP_EXIT_OK)
		return status;
	status = keep_due(session, order, &list);
	if (status == SP_EXIT_OK)
		status = sp_bulk(run, session, &list, &bulk);
	sp_credential_list_free(&list);
	return status;
}

/* ---- the command line ---- */

enum { REVOKED_FOR = SP_OPTION_OWN, EXPIRED_FOR, ORPHANS, YES };

static bool take_option(const struct sp_run *run, struct order *order, int option, time_t now)
{
	switch (option) {
	case REVOKED_FOR:
		return sp_take_period(run, "--revoked-for", now, -1, &order->revoked_before);
	case EXPIRED_FOR:
		return sp_take_period(run, "--expired-for", now, -1, &order->expired_before);
	case ORPHANS:
		order->orphans = true;
		return true;
	case YES:
		order->yes = true;
		return true;
	}
	return false;
}

static bool is_sensible(const struct sp_run *run, const struct order *order)
{
	if (sp_operands(run, 0, 0) == NULL)
		return false;
	if (order->revoked_before != SP_NO_TIME || order->expired_before != SP_NO_TIME ||
	    order->orphans)
		return sp_may_confirm(run, order->yes);
	sp_fail_usage(run, "one of --revoked-for, --expired-for and --orphans is needed");
	return false;
}

enum sp_exit sp_verb_purge(struct sp_run *run)
{
	static const struct option options[] = {
	    {"revoked-for", required_argument, NULL, REVOKED_FOR},
	    {"expired-for", required_argument, NULL, EXPIRED_FOR},
	    {"orphans", no_argument, NULL, ORPHANS},
	    {"yes", no_argument, NULL, YES},
	    SP_OPTIONS_OF_EVERY_VERB,
	};
	struct order order = {.revoked_before = SP_NO_TIME, .expired_before = SP_NO_TIME};
	struct sp_session session;
	time_t now = time(NULL);
	enum sp_exit status = SP_EXIT_FAILED;

	for (int option; (option = sp_next_option(run, options, &status)) != SP_OPTIONS_END;) {
		if (option == 0)
			return status;
		if (!take_option(run, &order, option, now))
			return SP_EXIT_USAGE;
	}
	if (!is_sensible(run, &order))
		return SP_EXIT_USAGE;
	status = sp_session_open(run, &session);
	if (status == SP_EXIT_OK)
		status = purge(run, &session, &order, now);
	sp_session_close(&session);
	return status;
}
