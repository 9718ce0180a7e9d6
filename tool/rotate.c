/* SPDX-License-Identifier: BSD-2-Clause */
/* rotate.c - `sendpass rotate`: new app passwords in place of old ones, one or all that are due */
#include <stdio.h>
#include <string.h>

#include "tool/arguments.h"
#include "tool/bulk.h"
#include "tool/confirm.h"
#include "tool/message.h"
#include "tool/output.h"
#include "tool/rotation.h"
#include "tool/selection.h"

/* What the command line asks for. */
struct order {
	const char *id; /* NULL: those that are due */
	bool due, yes;
	struct sp_selection selection; /* of those that are due */
	time_t overlap_s;
	enum sp_format format;
	time_t now;
};

/* ---- handing over ---- */

static bool write_json(const struct sp_credential *credential, const struct sp_secret *password,
    const struct sp_rotation *rotation)
{
	return sp_json_rotated(credential, password->bytes, rotation->account,
		   rotation->replaced_ends, rotation->mail) == SP_EXIT_OK;
}

/* One alone; standard output is closed behind it. */
static bool hand_over_one(
    const struct sp_credential *credential, const struct sp_secret *password, const void *context)
{
	const struct sp_rotation *rotation = context;
	char end[SP_TIME_TEXT_SIZE];

	if (rotation->account->format == SP_FORMAT_JSON) {
		bool ok = write_json(credential, password, rotation);
		return sp_output_finish() && ok;
	}
	if (!sp_hand_over_one(credential, password, rotation->account))
		return false;
	sp_say("replaces: %s, until %s", credential->replaces,
	    sp_format_time(rotation->replaced_ends, end));
	return true;
}

static void write_cell(const char *text)
{
	putchar('\t');
	sp_escape(stdout, text != NULL ? text : "-");
}

/* One of many, on a line that is written before its old one is let end. */
static bool hand_over_line(
    const struct sp_credential *credential, const struct sp_secret *password, const void *context)
{
	const struct sp_rotation *rotation = context;
	char end[SP_TIME_TEXT_SIZE];

	if (rotation->account->format == SP_FORMAT_JSON)
		return write_json(credential, password, rotation) && sp_output_flush();
	fputs(credential->id, stdout);
	write_cell(credential->owner);
	write_cell(credential->label);
	write_cell(password->bytes);
	write_cell(credential->replaces);
	write_cell(sp_format_time(rotation->replaced_ends, end));
	write_cell(rotation->mail);
	putchar('\n');
	return sp_output_flush();
}

/* ---- those that are due ---- */

/* How old they are then; 0: never. */
static time_t due_after_s(const struct sp_session *session)
{
	return (time_t)(session->conf->issue_rotate_after / 1000);
}

/* As the directory has it now: a question may have waited for long, and another run
 * have been there first. */
static enum sp_exit check_is_due_still(
    struct sp_session *session, const struct sp_credential *credential, time_t now)
{
	struct sp_credential_list all;
	char why[SP_CONF_WHY_MAX];
	bool due = false;
	enum sp_exit status =
	    sp_session_judge(sp_admin_list(session->admin, credential->owner, &all, why), why);

	for (size_t i = 0; i < all.count; i++) {
		if (strcmp(all.items[i]->dn, credential->dn) == 0)
			due = sp_rotation_is_due(all.items[i], &all, now, due_after_s(session));
	}
	sp_credential_list_free(&all);
	if (status != SP_EXIT_OK || due)
		return status;
	return sp_fail(SP_EXIT_NO,
	    "app password %s has been changed or replaced meanwhile, and is not due any more",
	    credential->id);
}

static enum sp_exit act(const struct sp_run *run, struct sp_session *session,
    struct sp_credential *credential, void *context)
{
	const struct order *order = context;
	enum sp_exit status = check_is_due_still(session, credential, order->now);

	(void)run;
	if (status != SP_EXIT_OK)
		return status;
	return sp_rotate(session, credential->id, order->overlap_s, order->format, hand_over_line);
}

/* Frees the others and closes the gaps. */
static void keep_due(struct sp_credential_list *list, const struct sp_credential_list *all,
    time_t now, time_t after_s)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++) {
		if (sp_rotation_is_due(list->items[i], all, now, after_s))
			list->items[kept++] = list->items[i];
		else
			sp_credential_free(&list->items[i]);
	}
	list->count = kept;
}

static enum sp_exit find_due(
    struct sp_session *session, const struct order *order, struct sp_credential_list *list_r)
{
	time_t after_s = due_after_s(session);
	struct sp_credential_list all;
	char why[SP_CONF_WHY_MAX];

	*list_r = (struct sp_credential_list){0};
	if (after_s == 0)
		return sp_fail(
		    SP_EXIT_FAILED, "[issue] rotate_after is not set: nothing is ever due");
	enum sp_exit status = sp_session_judge(sp_admin_list(session->admin, NULL, &all, why), why);
	if (status != SP_EXIT_OK)
		return status;
	status = sp_select(session, &order->selection, order->now, list_r);
	if (status == SP_EXIT_OK)
		keep_due(list_r, &all, order->now, after_s);
	sp_credential_list_free(&all);
	return status;
}

static enum sp_exit rotate_due(
    const struct sp_run *run, struct sp_session *session, struct order *order)
{
	struct sp_credential_list list;
	const struct sp_bulk bulk = {
	    .verb = "Rotate",
	    .undone = "was not rotated in full",
	    .act = act,
	    .context = order,
	    .own_output = true,
	    .yes = order->yes,
	    .now = order->now,
	};
	enum sp_exit status = find_due(session, order, &list);

	if (status == SP_EXIT_OK)
		status = sp_bulk(run, session, &list, &bulk);
	sp_credential_list_free(&list);
	return status;
}

/* ---- the command line ---- */

enum { OVERLAP = SP_OPTION_OWN, DUE, YES };

static bool take_option(const struct sp_run *run, struct order *order, int option)
{
	const char *fault;

	switch (option) {
	case OVERLAP:
		fault = sp_argument_period(optarg, 0, &order->overlap_s);
		if (fault != NULL)
			sp_fail_usage(run, "--overlap %s", fault);
		return fault == NULL;
	case DUE:
		order->due = true;
		return true;
	case YES:
		order->yes = true;
		return true;
	case SP_OPTION_FORMAT:
		return sp_take_format(run, &order->format);
	}
	return sp_take_selection(run, option, order->now, &order->selection);
}

static bool take_operands(const struct sp_run *run, struct order *order, char id_r[SP_ID_MAX + 1])
{
	char **operands = sp_operands(run, order->due ? 0 : 1, order->due ? 0 : 1);

	if (operands == NULL || !sp_settle_format(run, &order->format))
		return false;
	if (!order->due) {
		if (order->selection.owner != NULL || order->selection.department != NULL) {
			sp_fail_usage(run, "--owner and --department go with --due alone");
			return false;
		}
		order->id = id_r;
		return sp_operand_id(run, operands[0], id_r);
	}
	if (order->format != SP_FORMAT_TEXT && order->format != SP_FORMAT_JSON) {
		sp_fail_usage(run, "--due hands over as text or json alone");
		return false;
	}
	return sp_may_confirm(run, order->yes);
}

enum sp_exit sp_verb_rotate(struct sp_run *run)
{
	static const struct option options[] = {
	    {"overlap", required_argument, NULL, OVERLAP},
	    {"due", no_argument, NULL, DUE},
	    SP_OPTION_ROW_OWNER,
	    {"department", required_argument, NULL, SP_OPTION_DEPARTMENT},
	    {"yes", no_argument, NULL, YES},
	    SP_OPTION_ROW_FORMAT,
	    SP_OPTIONS_OF_EVERY_VERB,
	};
	struct order order = {
	    .selection = SP_SELECT_ALL, .overlap_s = SP_OVERLAP_S, .now = time(NULL)};
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
		status = order.due ? rotate_due(run, &session, &order)
				   : sp_rotate(&session, id, order.overlap_s, order.format,
					 hand_over_one);
	sp_session_close(&session);
	return status;
}
