/* SPDX-License-Identifier: BSD-2-Clause */
/* report_html.c - a report as a page that is whole by itself */
#include <stdio.h>
#include <string.h>

#include "tool/credential_table.h"
#include "tool/html.h"
#include "tool/output.h"
#include "tool/report.h"
#include "tool/report_plots.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A bar's row with its name and its number. */
#define BAR_HEIGHT   10
#define STATE_HEIGHT 22

static size_t shown(size_t count)
{
	return count < SP_REPORT_ROWS_MAX ? count : SP_REPORT_ROWS_MAX;
}

static void put_rest(size_t count, const char *command)
{
	if (count > SP_REPORT_ROWS_MAX)
		printf("<p class=\"more\">and %zu more: <code>%s</code></p>\n",
		    count - SP_REPORT_ROWS_MAX, command);
}

/* A state's or a reason's name, for people. */
static void put_words(const char *name)
{
	for (; *name != '\0'; name++)
		putchar(*name == '_' ? ' ' : *name);
}

static void put_time(time_t time)
{
	char text[SP_TIME_TEXT_SIZE];

	sp_format_time(time, text);
	printf("<time datetime=\"%s\">%.10s %.5s UTC</time>", text, text,
	    strlen(text) > 11 ? text + 11 : "");
}

/* ---- head ---- */

static void put_head(const struct sp_report *report, const char *title)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	      "<meta http-equiv=\"Content-Security-Policy\" "
	      "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
	      "<meta name=\"robots\" content=\"noindex\">\n<title>",
	    stdout);
	sp_html_text(title);
	fputs("</title>\n<style>\n", stdout);
	fputs(sp_html_style, stdout);
	fputs("</style>\n</head>\n<body>\n<main>\n<h1>", stdout);
	sp_html_text(title);
	if (report->data != NULL && report->organization[0] != '\0') {
		fputs(" of ", stdout);
		sp_html_text(report->organization);
	}
	fputs("</h1>\n<p class=\"quiet\">Made ", stdout);
	put_time(report->now);
	if (report->data != NULL) {
		fputs(" from <b>", stdout);
		sp_html_text(report->directory);
		fputs("</b>, below <b>", stdout);
		sp_html_text(report->base);
		fputs("</b>", stdout);
	}
	fputs("</p>\n", stdout);
}

/* ---- tiles ---- */

static void put_tile(const char *target, size_t count, const char *name, bool due)
{
	printf("<a class=\"tile%s\" href=\"#%s\"><b>%zu</b><span>%s</span></a>\n",
	    due && count > 0 ? " due" : "", target, count, name);
}

static void put_tiles(const struct sp_report *report)
{
	const struct sp_report_data *data = report->data;

	puts("<nav class=\"tiles\">");
	put_tile("states", data->states[SP_STATE_ACTIVE], "Active", false);
	for (size_t i = 0; i < SP_REPORT_LISTS; i++)
		put_tile(sp_report_headings[i].key, data->lists[i].count,
		    sp_report_headings[i].title, i == SP_REPORT_EXPIRING);
	if (report->log != NULL) {
		put_tile("legacy", report->log->legacy_count, SP_REPORT_LEGACY_TITLE, false);
		put_tile("refusals", report->log->denied, "Logins denied", false);
	}
	puts("</nav>");
}

/* ---- plots ---- */

static void put_states(const struct sp_report_data *data)
{
	struct sp_plot_part parts[SP_REPORT_STATES];

	for (size_t i = 0; i < SP_REPORT_STATES; i++)
		parts[i] = (struct sp_plot_part){
		    sp_credential_state_name((enum sp_credential_state)i), data->states[i]};
	printf(
	    "<div class=\"card\" id=\"states\"><h2>By state <span>%zu</span></h2>\n", data->total);
	sp_plot_bar(parts, SP_REPORT_STATES, data->total, STATE_HEIGHT);
	puts("<div class=\"rows\">");
	for (size_t i = 0; i < SP_REPORT_STATES; i++) {
		printf(
		    "<div class=\"row\"><span><span class=\"key %s\"></span>", parts[i].class_name);
		put_words(parts[i].class_name);
		printf("</span><b>%zu</b></div>\n", parts[i].value);
	}
	puts("</div></div>");
}

static void put_legend(void)
{
	puts("<div class=\"legend\"><span><span class=\"key active\"></span>active</span>"
	     "<span><span class=\"key rest\"></span>all others</span></div>");
}

static void put_ages(const struct sp_report_data *data)
{
	static const char *const names[SP_REPORT_AGES + 1] = {
	    "&lt; 30 d", "&lt; 90 d", "&lt; 180 d", "&lt; 1 y", "&lt; 2 y", "older", "?"};
	struct sp_plot_column columns[SP_REPORT_AGES + 1];
	size_t count = data->ages[SP_REPORT_AGES].all > 0 ? COUNT(columns) : COUNT(columns) - 1;

	for (size_t i = 0; i < count; i++) {
		const struct sp_report_count *age = &data->ages[i];
		columns[i] = (struct sp_plot_column){
		    names[i], {"active", age->active}, {"rest", age->all - age->active}};
	}
	puts("<div class=\"card\"><h2>By age <span>since they were made</span></h2>");
	put_legend();
	sp_plot_columns(columns, count);
	puts("</div>");
}

static void put_departments(const struct sp_report_data *data)
{
	size_t most = 0;

	puts("<div class=\"card\"><h2>By department</h2>");
	for (size_t i = 0; i < data->department_count; i++) {
		if (data->departments[i].count.all > most)
			most = data->departments[i].count.all;
	}
	if (data->has_departments)
		put_legend();
	else
		puts("<p class=\"quiet\">[directory] owner_department_attribute is empty.</p>");
	puts("<div class=\"rows\">");
	for (size_t i = 0; i < shown(data->department_count); i++) {
		const struct sp_report_department *row = &data->departments[i];
		size_t rest = row->count.all - row->count.active;
		const struct sp_plot_part parts[] = {{"active", row->count.active}, {"rest", rest}};
		fputs("<div class=\"row\"><span>", stdout);
		sp_html_text(row->name);
		printf("</span><b>%zu <i>of %zu</i></b>", row->count.active, row->count.all);
		sp_plot_bar(parts, COUNT(parts), most, BAR_HEIGHT);
		puts("</div>");
	}
	puts("</div>");
	put_rest(data->department_count, "sendpass report --json");
	puts("</div>");
}

static void put_no_log(void)
{
	puts("<p class=\"quiet\">No log was given: <code>" SP_REPORT_LOG_COMMAND "</code></p>");
}

static void put_refusal(const struct sp_report_refusals *refusals, size_t most)
{
	size_t sum = refusals->logins + refusals->messages;
	const struct sp_plot_part part = {refusals->result, sum};

	fputs("<div class=\"row\"><span>", stdout);
	put_words(refusals->reason);
	printf("</span><b>%zu", sum);
	if (refusals->messages == sum)
		fputs(" <i>messages</i>", stdout);
	else if (refusals->messages > 0)
		printf(" <i>%zu of them messages</i>", refusals->messages);
	fputs("</b>", stdout);
	sp_plot_bar(&part, 1, most, BAR_HEIGHT);
	puts("</div>");
}

static void put_refusals(const struct sp_report_log *log)
{
	puts("<div class=\"card\" id=\"refusals\"><h2>Refused, by reason</h2>");
	if (log == NULL) {
		put_no_log();
	} else {
		puts("<div class=\"legend\"><span><span class=\"key denied\"></span>denied</span>"
		     "<span><span class=\"key unavailable\"></span>try again later</span></div>"
		     "<div class=\"rows\">");
		for (size_t i = 0; i < log->refusal_count; i++)
			put_refusal(
			    &log->refusals[i], log->refusals[0].logins + log->refusals[0].messages);
		puts(log->refusal_count == 0 ? "<p class=\"quiet\">None.</p></div>" : "</div>");
	}
	puts("</div>");
}

/* ---- tables ---- */

static void put_cell(const char *class_name, const char *label, const char *text)
{
	printf("<td class=\"%s\" data-label=\"%s\">", class_name, label);
	sp_html_text(text != NULL ? text : "-");
	fputs("</td>", stdout);
}

static void put_day(const char *label, time_t time)
{
	char text[SP_TIME_TEXT_SIZE];

	sp_format_time(time, text);
	text[strcspn(text, "T")] = '\0';
	put_cell("day", label, text);
}

static void put_credential(const struct sp_credential *credential)
{
	char name[SP_OWNER_NAME_SIZE];

	fputs("<tr>", stdout);
	put_cell("text", "Label", credential->label);
	put_cell("text", "Owner",
	    credential->owner != NULL ? sp_owner_name(credential->owner, name) : NULL);
	put_cell("id", "Id", credential->id);
	put_day("Made", credential->created);
	put_day("Last used", credential->last_used);
	put_day("Expires", credential->expires);
	puts("</tr>");
}

static void put_list(const struct sp_report_data *data, enum sp_report_list which)
{
	const struct sp_credential_list *list = &data->lists[which];

	printf("<section class=\"card\" id=\"%s\"><h2>%s <span>%zu</span></h2>\n",
	    sp_report_headings[which].key, sp_report_headings[which].title, list->count);
	if (which == SP_REPORT_UNUSED && sp_report_uses_are_unknown(data))
		puts("<p class=\"quiet\">" SP_REPORT_NO_USES "</p>");
	if (list->count == 0) {
		puts("<p class=\"quiet\">None.</p></section>");
		return;
	}
	puts("<table><thead><tr><th>Label</th><th>Owner</th><th>Id</th><th>Made</th>"
	     "<th>Last used</th><th>Expires</th></tr></thead><tbody>");
	for (size_t i = 0; i < shown(list->count); i++)
		put_credential(list->items[i]);
	puts("</tbody></table>");
	put_rest(list->count, sp_report_headings[which].command);
	puts("</section>");
}

static void put_legacy_rows(const struct sp_report_log *log, size_t rows)
{
	if (rows == 0) {
		puts("<p class=\"quiet\">None.</p>");
		return;
	}
	puts("<table><thead><tr><th>Login</th><th class=\"number\">Logins</th><th>Last time</th>"
	     "<th>Last address</th></tr></thead><tbody>");
	for (size_t i = 0; i < rows; i++) {
		const struct sp_report_legacy *legacy = log->legacy[i];
		fputs("<tr>", stdout);
		put_cell("text", "Login", legacy->login);
		printf("<td class=\"number\" data-label=\"Logins\">%zu</td>", legacy->count);
		put_cell("day", "Last time", legacy->last_time);
		put_cell("text", "Last address", legacy->last_address);
		puts("</tr>");
	}
	puts("</tbody></table>");
}

static void put_log_facts(const struct sp_report_log *log)
{
	fputs("<p class=\"quiet\">The log from ", stdout);
	sp_html_text(log->first_time);
	fputs(" to ", stdout);
	sp_html_text(log->last_time);
	printf(" has %zu logins granted, %zu of them by mailbox password, %zu denied and %zu told "
	       "to try again. Of %zu lines, %zu are not of sendpassd and %zu not readable.</p>\n",
	    log->granted, log->by_legacy, log->denied, log->unavailable, log->lines, log->foreign,
	    log->broken);
}

static void put_legacy(const struct sp_report_log *log, bool all)
{
	printf("<section class=\"card\" id=\"legacy\"><h2>" SP_REPORT_LEGACY_TITLE
	       " <span>%zu</span></h2>\n",
	    log != NULL ? log->legacy_count : 0);
	if (log == NULL) {
		put_no_log();
	} else {
		put_log_facts(log);
		put_legacy_rows(log, all ? log->legacy_count : shown(log->legacy_count));
		if (!all)
			put_rest(log->legacy_count, "sendpass report --legacy");
	}
	puts("</section>");
}

enum sp_exit sp_report_html(const struct sp_report *report)
{
	if (report->data == NULL) {
		put_head(report, SP_REPORT_LEGACY_TITLE);
		put_legacy(report->log, true);
	} else {
		put_head(report, "App passwords");
		put_tiles(report);
		puts("<section class=\"grid\">");
		put_states(report->data);
		put_ages(report->data);
		put_departments(report->data);
		put_refusals(report->log);
		puts("</section>");
		put_legacy(report->log, false);
		for (size_t i = 0; i < SP_REPORT_LISTS; i++)
			put_list(report->data, (enum sp_report_list)i);
	}
	puts("</main>\n</body>\n</html>");
	return SP_EXIT_OK; /* sp_output_finish() tells of writing that failed */
}
