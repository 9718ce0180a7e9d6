/* SPDX-License-Identifier: BSD-2-Clause */
/* revoke.c - `sendpass revoke`: ends app passwords for good, one or many */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/arguments.h"
#include "tool/bulk.h"
#include "tool/change.h"
#include "tool/confirm.h"
#include "tool/message.h"
#include "tool/output.h"
#include "tool/selection.h"
#include "tool/session.h"

/* What the command line asks for. */
struct order {
	const char *id; /* NULL: what is selected */
	struct sp_selection selection;
	const char *reason;
	bool yes;
	time_t now;
};

static void print_line(const struct sp_credential *credential, bool before)
{
	char time[SP_TIME_TEXT_SIZE];

	printf("%s: %s %s\n", credential->id != NULL ? credential->id : credential->dn,
	    before ? "already revoked at" : "revoked at",
	    sp_format_time(credential->revoked, time));
}

/* Makes of *credential what the directory has then. */
static enum sp_exit revoke(
    struct sp_session *session, struct sp_credential *credential, const struct order *order)
{
	struct sp_credential revoked = *credential;

	revoked.revoked = time(NULL); /* a question may have waited for long */
	revoked.revoked_reason = (char *)order->reason;
	enum sp_exit status = sp_change(session, "credential_revoked", credential, &revoked);
	if (status != SP_EXIT_OK)
		return status;
	credential->revoked = revoked.revoked;
	free(credential->revoked_reason);
	credential->revoked_reason = order->reason != NULL ? strdup(order->reason) : NULL;
	return SP_EXIT_OK;
}

/* ---- one ---- */

static enum sp_exit revoke_one(
    const struct sp_run *run, struct sp_session *session, const struct order *order)
{
	struct sp_credential *credential = NULL;
	char why[SP_CONF_WHY_MAX];
	enum sp_exit status =
	    sp_session_judge(sp_admin_get(session->admin, order->id, &credential, why), why);

	if (status != SP_EXIT_OK)
		return status;
	bool before = credential->revoked != SP_NO_TIME;
	if (!before)
		status = revoke(session, credential, order);
	if (status == SP_EXIT_OK && run->json)
		status = sp_json_credential(credential, order->now);
	else if (status == SP_EXIT_OK)
		print_line(credential, before);
	sp_credential_free(&credential);
	return status;
}

/* ---- many ---- */

/* Makes of *credential what the directory has now: the question may have waited for long. */
static enum sp_exit read_again(struct sp_session *session, struct sp_credential *credential)
{
	struct sp_credential *found = NULL;
	char why[SP_CONF_WHY_MAX];
	enum sp_admin_status status = SP_ADMIN_AMBIGUOUS;

	if (credential->id != NULL)
		status = sp_admin_get(session->admin, credential->id, &found, why);
	if (status == SP_ADMIN_AMBIGUOUS)
		return SP_EXIT_OK; /* the list has each by its DN */
	if (status == SP_ADMIN_OK) {
		struct sp_credential listed = *credential;
		*credential = *found;
		*found = listed;
	}
	sp_credential_free(&found);
	return sp_session_judge(status, why);
}

static enum sp_exit act(const struct sp_run *run, struct sp_session *session,
    struct sp_credential *credential, void *context)
{
	const struct order *order = context;
	enum sp_exit status = read_again(session, credential);
	bool before = credential->revoked != SP_NO_TIME;

	if (status == SP_EXIT_OK && !before &&
	    !sp_selects(&order->selection, credential, order->now))
		status = sp_fail(SP_EXIT_NO, "app password %s has been used or changed meanwhile",
		    credential->id);
	if (status == SP_EXIT_OK && !before)
		status = revoke(session, credential, order);
	if (status == SP_EXIT_OK && !run->json)
		print_line(credential, before);
	return status;
}

/* If nobody's use is recorded or readable, all of them look unused. */
static enum sp_exit check_uses_are_known(struct sp_session *session)
{
	struct sp_credential_list all;
	char why[SP_CONF_WHY_MAX];
	bool known = false;
	enum sp_exit status = sp_session_judge(sp_admin_list(session->admin, NULL, &all, why), why);

	if (status != SP_EXIT_OK)
		return status;
	for (size_t i = 0; i < all.count; i++)
		known = known || all.items[i]->last_used != SP_NO_TIME;
	known = known || all.count == 0;
	sp_credential_list_free(&all);
	if (known)
		return SP_EXIT_OK;
	return sp_fail(SP_EXIT_FAILED,
	    "no app password that %s sees has a use recorded, so none is known to be unused: "
	    "sendpassd must be let write sendpassLastUsed, and this identity read it",
	    session->identity);
}

static enum sp_exit revoke_many(
    const struct sp_run *run, struct sp_session *session, struct order *order)
{
	struct sp_credential_list list;
	const struct sp_bulk bulk = {
	    .verb = "Revoke",
	    .undone = "was not revoked",
	    .act = act,
	    .context = order,
	    .yes = order->yes,
	    .now = order->now,
	};
	enum sp_exit status = SP_EXIT_OK;

	if (order->selection.unused_since != SP_NO_TIME)
		status = check_uses_are_known(session);
	if (status == SP_EXIT_OK)
		status = sp_select(session, &order->selection, order->now, &list);
	if (status != SP_EXIT_OK)
		return status;
	status = sp_bulk(run, session, &list, &bulk);
	sp_credential_list_free(&list);
	return status;
}

/* ---- the command line ---- */

enum { REASON = SP_OPTION_OWN, YES };

static bool take_option(const struct sp_run *run, struct order *order, int option)
{
	switch (option) {
	case REASON:
		order->reason = optarg;
		return sp_text_is_fit(run, "--reason", optarg, SP_TEXT_ARGUMENT_MAX);
	case YES:
		order->yes = true;
		return true;
	}
	return sp_take_selection(run, option, order->now, &order->selection);
}

/* Which ones: the one of the operand, or what the options select. */
static bool take_operands(const struct sp_run *run, struct order *order, char id_r[SP_ID_MAX + 1])
{
	struct sp_selection *selection = &order->selection;
	bool selects = selection->owner != NULL || selection->department != NULL ||
		       selection->unused_since != SP_NO_TIME;
	char **operands = sp_operands(run, selects ? 0 : 1, 1);

	if (operands == NULL)
		return false;
	if (operands[0] != NULL && selects) {
		sp_fail_usage(
		    run, "ID and --owner, --everything-of or --unused-for exclude each other");
		return false;
	}
	if (!selects) {
		order->id = id_r;
		return sp_operand_id(run, operands[0], id_r);
	}
	selection->not_revoked = true;
	selection->has_state = selection->unused_since != SP_NO_TIME;
	selection->state = SP_STATE_ACTIVE;
	return sp_may_confirm(run, order->yes);
}

enum sp_exit sp_verb_revoke(struct sp_run *run)
{
	static const struct option options[] = {
	    SP_OPTION_ROW_OWNER,
	    {"everything-of", required_argument, NULL, SP_OPTION_DEPARTMENT},
	    SP_OPTION_ROW_UNUSED_FOR,
	    {"reason", required_argument, NULL, REASON},
	    {"yes", no_argument, NULL, YES},
	    SP_OPTIONS_OF_EVERY_VERB,
	};
	struct order order = {.selection = SP_SELECT_ALL, .now = time(NULL)};
	struct sp_session session;
	char id[SP_ID_MAX + 1];
	enum sp_exit status = SP_EXIT_FAILED;

	for (int option; (option = sp_next_option(run, options, &status)) != SP_OPTIONS_END;) {
		if (option == 0)
			return status;
		if (!take_option(run, &order, option))
			return SP_EXIT_USAGE;
	}
	if (!take_operands(run, &order, id))
		return SP_EXIT_USAGE;
	status = sp_session_open(run, &session);
	if (status == SP_EXIT_OK)
		status = order.id != NULL ? revoke_one(run, &session, &order)
					  : revoke_many(run, &session, &order);
	sp_session_close(&session);
	return status;
}
