/* SPDX-License-Identifier: BSD-2-Clause */
/* report_text.c - a report as tables */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tool/credential_table.h"
#include "tool/message.h"
#include "tool/output.h"
#include "tool/report.h"
#include "tool/table.h"

#define NUMBER_SIZE 24

/* A table that is filled cell by cell. */
struct sheet {
	struct sp_table table;
	struct sp_cell *cells;
	char (*numbers)[NUMBER_SIZE];
	size_t used, number_count;
	int width; /* of a number */
};

static bool begin(struct sheet *sheet, const char *const *headings, size_t columns, size_t rows)
{
	*sheet = (struct sheet){.table = {headings, columns, NULL, rows}, .width = 6};
	sheet->cells = calloc(rows * columns + 1, sizeof(*sheet->cells));
	sheet->numbers = calloc(rows * columns + 1, sizeof(*sheet->numbers));
	return sheet->cells != NULL && sheet->numbers != NULL;
}

static void add(struct sheet *sheet, const char *text, enum sp_colour colour)
{
	sheet->cells[sheet->used++] = (struct sp_cell){text, colour};
}

static void add_number(struct sheet *sheet, size_t number)
{
	char *text = sheet->numbers[sheet->number_count++];

	snprintf(text, NUMBER_SIZE, "%*zu", sheet->width, number);
	add(sheet, text, SP_PLAIN);
}

static enum sp_exit end(struct sheet *sheet, void (*print)(FILE *out, const struct sp_table *table))
{
	bool ok = sheet->cells != NULL && sheet->numbers != NULL;

	sheet->table.cells = sheet->cells;
	if (ok)
		print(stdout, &sheet->table);
	free(sheet->cells);
	free(sheet->numbers);
	return ok ? SP_EXIT_OK : sp_fail(SP_EXIT_FAILED, "out of memory");
}

static void put_title(const char *title)
{
	putchar('\n');
	sp_write_coloured(stdout, SP_BOLD, title);
	putchar('\n');
}

static size_t shown(size_t count)
{
	return count < SP_REPORT_ROWS_MAX ? count : SP_REPORT_ROWS_MAX;
}

static void put_rest(size_t count, const char *command)
{
	if (count > SP_REPORT_ROWS_MAX)
		printf("... and %zu more: %s\n", count - SP_REPORT_ROWS_MAX, command);
}

/* ---- the directory ---- */

static void put_heading(const struct sp_report *report)
{
	char time[SP_TIME_TEXT_SIZE];

	fputs("App passwords", stdout);
	if (report->organization[0] != '\0') {
		fputs(" of ", stdout);
		sp_escape(stdout, report->organization);
	}
	printf(", %s\n", sp_format_time(report->now, time));
	sp_escape(stdout, report->directory);
	fputs(", below ", stdout);
	sp_escape(stdout, report->base);
	putchar('\n');
}

static enum sp_exit put_states(const struct sp_report_data *data)
{
	static const char *const headings[] = {"STATE", "   ALL"};
	struct sheet sheet;

	put_title("By state");
	if (begin(&sheet, headings, 2, SP_REPORT_STATES + 1)) {
		for (size_t i = 0; i < SP_REPORT_STATES; i++) {
			add(&sheet, sp_credential_state_name((enum sp_credential_state)i),
			    SP_PLAIN);
			add_number(&sheet, data->states[i]);
		}
		add(&sheet, "all", SP_PLAIN);
		add_number(&sheet, data->total);
	}
	return end(&sheet, sp_table_for_people);
}

static enum sp_exit put_departments(const struct sp_report *report)
{
	static const char *const headings[] = {"DEPARTMENT", "ACTIVE", "   ALL"};
	const struct sp_report_data *data = report->data;
	size_t rows = shown(data->department_count);
	struct sheet sheet;

	put_title("By department");
	if (!data->has_departments) {
		puts("[directory] owner_department_attribute is empty.");
		return SP_EXIT_OK;
	}
	if (begin(&sheet, headings, 3, rows)) {
		for (size_t i = 0; i < rows; i++) {
			add(&sheet, data->departments[i].name, SP_PLAIN);
			add_number(&sheet, data->departments[i].count.active);
			add_number(&sheet, data->departments[i].count.all);
		}
	}
	enum sp_exit status = end(&sheet, sp_table_for_people);
	put_rest(data->department_count, "sendpass report --json");
	return status;
}

static enum sp_exit put_ages(const struct sp_report_data *data)
{
	static const char *const headings[] = {"MADE", "ACTIVE", "   ALL"};
	struct sheet sheet;

	put_title("By age");
	if (begin(&sheet, headings, 3, SP_REPORT_AGES + 1)) {
		for (size_t i = 0; i <= SP_REPORT_AGES; i++) {
			add(&sheet, sp_report_age_names[i], SP_PLAIN);
			add_number(&sheet, data->ages[i].active);
			add_number(&sheet, data->ages[i].all);
		}
	}
	return end(&sheet, sp_table_for_people);
}

static enum sp_exit put_list(const struct sp_report *report, enum sp_report_list which)
{
	const struct sp_credential_list *all = &report->data->lists[which];
	const struct sp_credential_list first = {all->items, shown(all->count)};
	char title[80];
	enum sp_exit status = SP_EXIT_OK;

	snprintf(title, sizeof(title), "%s: %zu", sp_report_headings[which].title, all->count);
	put_title(title);
	if (which == SP_REPORT_UNUSED && sp_report_uses_are_unknown(report->data))
		puts(SP_REPORT_NO_USES);
	if (all->count > 0)
		status = sp_credentials_for_people(stdout, &first, report->now);
	put_rest(all->count, sp_report_headings[which].command);
	return status;
}

/* ---- the log ---- */

static enum sp_exit put_refusals(const struct sp_report_log *log)
{
	static const char *const headings[] = {"REASON", "RESULT", "LOGINS", "MESSAGES"};
	struct sheet sheet;

	put_title("Refused, by reason");
	if (log->refusal_count == 0) {
		puts("None.");
		return SP_EXIT_OK;
	}
	if (begin(&sheet, headings, 4, log->refusal_count)) {
		for (size_t i = 0; i < log->refusal_count; i++) {
			const struct sp_report_refusals *refusals = &log->refusals[i];
			add(&sheet, refusals->reason, SP_PLAIN);
			add(&sheet, refusals->result, SP_PLAIN);
			add_number(&sheet, refusals->logins);
			add_number(&sheet, refusals->messages);
		}
	}
	return end(&sheet, sp_table_for_people);
}

/* A line for each of the first ones. */
static enum sp_exit put_legacy_rows(const struct sp_report_log *log, size_t rows, bool people)
{
	static const char *const headings[] = {"LOGIN", "LOGINS", "LAST TIME", "LAST ADDRESS"};
	struct sheet sheet;

	if (begin(&sheet, headings, 4, rows)) {
		sheet.width = people ? sheet.width : 0;
		for (size_t i = 0; i < rows; i++) {
			const struct sp_report_legacy *legacy = log->legacy[i];
			add(&sheet, legacy->login, SP_PLAIN);
			add_number(&sheet, legacy->count);
			add(&sheet, legacy->last_time, SP_PLAIN);
			add(&sheet, legacy->last_address, SP_PLAIN);
		}
	}
	return end(&sheet, people ? sp_table_for_people : sp_table_for_programs);
}

static enum sp_exit put_log(const struct sp_report_log *log)
{
	char title[80];
	enum sp_exit status;

	put_title("Logins in the log");
	if (log == NULL) {
		puts("No log was given: " SP_REPORT_LOG_COMMAND);
		return SP_EXIT_OK;
	}
	printf("from %s to %s: %zu granted, %zu of them by mailbox password, %zu denied, "
	       "%zu unavailable\n",
	    log->first_time, log->last_time, log->granted, log->by_legacy, log->denied,
	    log->unavailable);
	printf("%zu lines, %zu of them not of sendpassd, %zu not readable\n", log->lines,
	    log->foreign, log->broken);
	status = put_refusals(log);
	if (status != SP_EXIT_OK)
		return status;
	snprintf(title, sizeof(title), "%s: %zu", SP_REPORT_LEGACY_TITLE, log->legacy_count);
	put_title(title);
	if (log->legacy_count > 0)
		status = put_legacy_rows(log, shown(log->legacy_count), true);
	put_rest(log->legacy_count, "sendpass report --legacy");
	return status;
}

static enum sp_exit put_legacy_alone(const struct sp_report_log *log)
{
	bool people = isatty(STDOUT_FILENO) == 1;

	if (people && log->legacy_count == 0) {
		printf("Nobody logged in with a mailbox password, in %zu logins.\n", log->granted);
		return SP_EXIT_OK;
	}
	return put_legacy_rows(log, log->legacy_count, people);
}

enum sp_exit sp_report_text(const struct sp_report *report)
{
	if (report->data == NULL)
		return put_legacy_alone(report->log);
	put_heading(report);
	enum sp_exit status = put_states(report->data);
	if (status == SP_EXIT_OK)
		status = put_departments(report);
	if (status == SP_EXIT_OK)
		status = put_ages(report->data);
	for (size_t i = 0; status == SP_EXIT_OK && i < SP_REPORT_LISTS; i++)
		status = put_list(report, (enum sp_report_list)i);
	return status == SP_EXIT_OK ? put_log(report->log) : status;
}
