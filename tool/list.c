/* SPDX-License-Identifier: BSD-2-Clause */
/* list.c - `sendpass list`: a table for people, TAB-separated lines for programs */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tool/arguments.h"
#include "tool/message.h"
#include "tool/output.h"
#include "tool/session.h"

enum { ID, OWNER, LABEL, STATE, EXPIRES, CREATED, COLUMN_COUNT };

struct row {
	const char *cells[COLUMN_COUNT];
	char owner[64], expires[SP_TIME_TEXT_SIZE], created[SP_TIME_TEXT_SIZE];
};

static const struct row header = {
    .cells = {"ID", "OWNER", "LABEL", "STATE", "EXPIRES", "CREATED"},
};

static const char *or_dash(const char *text)
{
	return text != NULL ? text : "-";
}

static void fill_row(struct row *row, const struct sp_credential *credential, time_t now)
{
	row->cells[ID] = or_dash(credential->id);
	row->cells[OWNER] = or_dash(credential->owner);
	row->cells[LABEL] = or_dash(credential->label);
	row->cells[STATE] = sp_credential_state_name(sp_credential_state(credential, now));
	row->cells[EXPIRES] = sp_format_time(credential->expires, row->expires);
	row->cells[CREATED] = sp_format_time(credential->created, row->created);
}

/* For people: the owner's name without the rest of its DN, days without the time. */
static void shorten_row(struct row *row)
{
	const char *name = strchr(row->cells[OWNER], '=');

	if (name != NULL) {
		snprintf(
		    row->owner, sizeof(row->owner), "%.*s", (int)strcspn(name + 1, ","), name + 1);
		row->cells[OWNER] = row->owner;
	}
	row->expires[strcspn(row->expires, "T")] = '\0';
	row->created[strcspn(row->created, "T")] = '\0';
}

static void print_row(const struct row *row)
{
	for (int i = 0; i < COLUMN_COUNT; i++) {
		if (i > 0)
			putchar('\t');
		sp_escape(stdout, row->cells[i]);
	}
	putchar('\n');
}

static void print_aligned(const struct row *row, const size_t widths[COLUMN_COUNT])
{
	for (int i = 0; i < COLUMN_COUNT; i++) {
		size_t columns = sp_escape(stdout, row->cells[i]);
		if (i < COLUMN_COUNT - 1)
			printf("%*s", (int)(widths[i] - columns) + 2, "");
	}
	putchar('\n');
}

static void widen(size_t widths[COLUMN_COUNT], const struct row *row)
{
	for (int i = 0; i < COLUMN_COUNT; i++) {
		size_t columns = sp_escape(NULL, row->cells[i]);
		if (columns > widths[i])
			widths[i] = columns;
	}
}

static void print_table(struct row *rows, size_t count)
{
	size_t widths[COLUMN_COUNT] = {0};

	widen(widths, &header);
	for (size_t i = 0; i < count; i++) {
		shorten_row(&rows[i]);
		widen(widths, &rows[i]);
	}
	print_aligned(&header, widths);
	for (size_t i = 0; i < count; i++)
		print_aligned(&rows[i], widths);
}

static enum sp_exit print_rows(const struct sp_credential_list *list, time_t now)
{
	struct row *rows = calloc(list->count + 1, sizeof(*rows));

	if (rows == NULL)
		return sp_fail(SP_EXIT_FAILED, "out of memory");
	for (size_t i = 0; i < list->count; i++)
		fill_row(&rows[i], list->items[i], now);
	if (isatty(STDOUT_FILENO)) {
		print_table(rows, list->count);
	} else {
		for (size_t i = 0; i < list->count; i++)
			print_row(&rows[i]);
	}
	free(rows);
	return SP_EXIT_OK;
}

/* login may be NULL: everybody's. */
static enum sp_exit list(const struct sp_run *run, struct sp_session *session, const char *login)
{
	struct sp_credential_list found = {0};
	char *owner = NULL;
	char why[SP_CONF_WHY_MAX];
	enum sp_admin_status status = SP_ADMIN_OK;

	if (login != NULL)
		status = sp_admin_find_owner(session->admin, login, &owner, why);
	if (status == SP_ADMIN_OK)
		status = sp_admin_list(session->admin, owner, &found, why);
	enum sp_exit result = sp_session_judge(status, why);
	if (result == SP_EXIT_OK)
		result = run->json ? sp_json_credentials(&found, time(NULL))
				   : print_rows(&found, time(NULL));
	sp_credential_list_free(&found);
	free(owner);
	return result;
}

enum sp_exit sp_verb_list(struct sp_run *run)
{
	static const struct option options[] = {SP_OPTIONS_OF_EVERY_VERB};
	struct sp_session session;
	enum sp_exit status = SP_EXIT_FAILED;

	if (sp_next_option(run, options, &status) != SP_OPTIONS_END)
		return status;
	char **operands = sp_operands(run, 0, 1);
	if (operands == NULL)
		return SP_EXIT_USAGE;
	status = sp_session_open(run, &session);
	if (status == SP_EXIT_OK)
		status = list(run, &session, operands[0]);
	sp_session_close(&session);
	return status;
}
