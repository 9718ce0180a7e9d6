/* SPDX-License-Identifier: BSD-2-Clause */
#include "tool/credential_table.h"

#include <stdlib.h>
#include <string.h>

#include "tool/message.h"
#include "tool/output.h"
#include "tool/table.h"

/* Later ones stand at the end: programs count them. */
enum { ID, OWNER, LABEL, STATE, EXPIRES, CREATED, LAST_USED, COLUMN_COUNT };

static const char *const headings[] = {
    "ID", "OWNER", "LABEL", "STATE", "EXPIRES", "CREATED", "LAST USED"};

/* What a row's cells point to, where that is not the credential. */
struct texts {
	char owner[SP_OWNER_NAME_SIZE];
	char expires[SP_TIME_TEXT_SIZE], created[SP_TIME_TEXT_SIZE], last_used[SP_TIME_TEXT_SIZE];
};

struct rows {
	struct sp_cell *cells;
	struct texts *texts;
};

const char *sp_owner_name(const char *dn, char name_r[SP_OWNER_NAME_SIZE])
{
	const char *name = strchr(dn, '=');

	if (name == NULL)
		return dn;
	snprintf(name_r, SP_OWNER_NAME_SIZE, "%.*s", (int)strcspn(name + 1, ","), name + 1);
	return name_r;
}

static const char *or_dash(const char *text)
{
	return text != NULL ? text : "-";
}

static enum sp_colour colour_of(enum sp_credential_state state)
{
	switch (state) {
	case SP_STATE_REVOKED:
	case SP_STATE_EXPIRED:
	case SP_STATE_UNUSABLE:
		return SP_RED;
	case SP_STATE_SUSPENDED:
		return SP_YELLOW;
	case SP_STATE_ACTIVE:
	case SP_STATE_NOT_YET_VALID:
		break;
	}
	return SP_PLAIN;
}

static void fill_row(struct sp_cell cells[COLUMN_COUNT], struct texts *texts,
    const struct sp_credential *credential, time_t now)
{
	enum sp_credential_state state = sp_credential_state(credential, now);

	cells[ID].text = or_dash(credential->id);
	cells[OWNER].text = or_dash(credential->owner);
	cells[LABEL].text = or_dash(credential->label);
	cells[STATE] = (struct sp_cell){sp_credential_state_name(state), colour_of(state)};
	cells[EXPIRES].text = sp_format_time(credential->expires, texts->expires);
	cells[CREATED].text = sp_format_time(credential->created, texts->created);
	cells[LAST_USED].text = sp_format_time(credential->last_used, texts->last_used);
}

static void shorten_row(struct sp_cell cells[COLUMN_COUNT], struct texts *texts)
{
	cells[OWNER].text = sp_owner_name(cells[OWNER].text, texts->owner);
	texts->expires[strcspn(texts->expires, "T")] = '\0';
	texts->created[strcspn(texts->created, "T")] = '\0';
	texts->last_used[strcspn(texts->last_used, "T")] = '\0';
}

static bool make_rows(const struct sp_credential_list *list, time_t now, struct rows *rows_r)
{
	rows_r->cells = calloc(list->count + 1, COLUMN_COUNT * sizeof(*rows_r->cells));
	rows_r->texts = calloc(list->count + 1, sizeof(*rows_r->texts));
	if (rows_r->cells == NULL || rows_r->texts == NULL)
		return false;
	for (size_t i = 0; i < list->count; i++)
		fill_row(&rows_r->cells[i * COLUMN_COUNT], &rows_r->texts[i], list->items[i], now);
	return true;
}

static enum sp_exit print(FILE *out, const struct sp_credential_list *list, time_t now, bool people)
{
	struct rows rows;
	enum sp_exit status = SP_EXIT_OK;

	if (make_rows(list, now, &rows)) {
		const struct sp_table table = {headings, COLUMN_COUNT, rows.cells, list->count};
		for (size_t i = 0; people && i < list->count; i++)
			shorten_row(&rows.cells[i * COLUMN_COUNT], &rows.texts[i]);
		if (people)
			sp_table_for_people(out, &table);
		else
			sp_table_for_programs(out, &table);
	} else {
		status = sp_fail(SP_EXIT_FAILED, "out of memory");
	}
	free(rows.cells);
	free(rows.texts);
	return status;
}

enum sp_exit sp_credentials_for_people(FILE *out, const struct sp_credential_list *list, time_t now)
{
	return print(out, list, now, true);
}

enum sp_exit sp_credentials_for_programs(
    FILE *out, const struct sp_credential_list *list, time_t now)
{
	return print(out, list, now, false);
}
