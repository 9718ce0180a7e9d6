/* SPDX-License-Identifier: BSD-2-Clause */
/* report.c - `sendpass report`: what there is, what is due, and who is refused */
#include "tool/report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/directory/departments.h"
#include "tool/arguments.h"
#include "tool/message.h"
#include "tool/session.h"

enum form { TEXT, JSON, HTML };

/* What the command line asks for. */
struct order {
	enum form form;
	bool has_form; /* --format was given */
	bool legacy;
	const char **logs; /* "-": standard input */
	size_t log_count;
};

const struct sp_report_heading sp_report_headings[SP_REPORT_LISTS] = {
    [SP_REPORT_EXPIRING] = {"Expiring within 30 days", "expiring",
	"sendpass list --expiring-within 30d"},
    [SP_REPORT_UNUSED] = {"Unused for 180 days", "unused",
	"sendpass list --state active --unused-for 180d"},
    [SP_REPORT_NEVER_USED] = {"Never used", "never_used",
	"sendpass list --state active --never-used"},
    [SP_REPORT_IMPORTED] = {"Imported", "imported", "sendpass report --json"},
};

bool sp_report_uses_are_unknown(const struct sp_report_data *data)
{
	return data->total > 0 && !data->uses_are_known;
}

/* ---- the log ---- */

static enum sp_exit read_log(const char *path, struct sp_report_log *log)
{
	bool standard = strcmp(path, "-") == 0;
	FILE *in = standard ? stdin : fopen(path, "re");
	enum sp_exit status = SP_EXIT_OK;

	if (in == NULL || !sp_report_log_read(log, in))
		status = sp_fail(SP_EXIT_FAILED, "--log %s: %s", path,
		    errno == E2BIG ? "too many different logins by mailbox password"
				   : strerror(errno));
	if (in != NULL && !standard)
		fclose(in);
	return status;
}

static enum sp_exit read_logs(const struct order *order, struct sp_report_log *log)
{
	enum sp_exit status = SP_EXIT_OK;

	for (size_t i = 0; i < order->log_count && status == SP_EXIT_OK; i++)
		status = read_log(order->logs[i], log);
	if (status == SP_EXIT_OK && !sp_report_log_settle(log))
		status = sp_fail(SP_EXIT_FAILED, "out of memory");
	return status;
}

/* ---- writing ---- */

static enum sp_exit write_report(const struct order *order, const struct sp_report *report)
{
	switch (order->form) {
	case TEXT:
		return sp_report_text(report);
	case JSON:
		return sp_report_json(report);
	case HTML:
		return sp_report_html(report);
	}
	return SP_EXIT_FAILED;
}

static enum sp_exit report_legacy(const struct order *order, time_t now)
{
	struct sp_report_log log;

	sp_report_log_init(&log);
	enum sp_exit status = read_logs(order, &log);
	if (status == SP_EXIT_OK)
		status = write_report(order, &(struct sp_report){.now = now, .log = &log});
	sp_report_log_clear(&log);
	return status;
}

static enum sp_exit report_data(const struct order *order, const struct sp_conf *conf,
    const struct sp_report_data *data, time_t now)
{
	struct sp_report_log log;

	sp_report_log_init(&log);
	const struct sp_report report = {
	    .now = now,
	    .organization = conf->handover_organization,
	    .directory = conf->ldap_uri.items[0],
	    .base = conf->directory_credential_base,
	    .data = data,
	    .log = order->log_count > 0 ? &log : NULL,
	};
	enum sp_exit status = order->log_count > 0 ? read_logs(order, &log) : SP_EXIT_OK;
	if (status == SP_EXIT_OK)
		status = write_report(order, &report);
	sp_report_log_clear(&log);
	return status;
}

/* ---- the directory ---- */

/* *departments_r is NULL if no attribute names them. */
static enum sp_exit read_departments(struct sp_session *session,
    const struct sp_credential_list *list, struct sp_departments **departments_r)
{
	char why[SP_CONF_WHY_MAX];

	*departments_r = NULL;
	if (session->conf->directory_owner_department_attribute[0] == '\0')
		return SP_EXIT_OK;
	*departments_r = sp_departments_new(list);
	if (*departments_r == NULL)
		return sp_fail(SP_EXIT_FAILED, "out of memory");
	return sp_session_judge(
	    sp_admin_read_departments(session->admin, *departments_r, why), why);
}

static enum sp_exit report_all(const struct order *order, struct sp_session *session, time_t now)
{
	struct sp_credential_list list;
	struct sp_departments *departments = NULL;
	struct sp_report_data data = {0};
	char why[SP_CONF_WHY_MAX];
	enum sp_exit status =
	    sp_session_judge(sp_admin_list(session->admin, NULL, &list, why), why);

	if (status != SP_EXIT_OK)
		return status;
	status = read_departments(session, &list, &departments);
	if (status == SP_EXIT_OK && !sp_report_gather(&list, departments, now, &data))
		status = sp_fail(SP_EXIT_FAILED, "out of memory");
	if (status == SP_EXIT_OK)
		status = report_data(order, session->conf, &data, now);
	sp_report_data_clear(&data);
	sp_departments_free(&departments);
	sp_credential_list_free(&list);
	return status;
}

/* ---- the command line ---- */

enum { FORMAT = SP_OPTION_OWN, LEGACY, LOG };

static bool take_format(const struct sp_run *run, struct order *order)
{
	static const char *const names[] = {[TEXT] = "text", [JSON] = "json", [HTML] = "html"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(optarg, names[i]) == 0) {
			order->form = (enum form)i;
			order->has_form = true;
			return true;
		}
	}
	sp_fail_usage(run, "--format must be text, json or html");
	return false;
}

static bool take_log(const struct sp_run *run, struct order *order)
{
	for (size_t i = 0; i < order->log_count && strcmp(optarg, "-") == 0; i++) {
		if (strcmp(order->logs[i], "-") == 0) {
			sp_fail_usage(run, "--log - can be given once");
			return false;
		}
	}
	order->logs[order->log_count++] = optarg;
	return true;
}

static bool take_option(const struct sp_run *run, struct order *order, int option)
{
	switch (option) {
	case FORMAT:
		return take_format(run, order);
	case LEGACY:
		order->legacy = true;
		return true;
	case LOG:
		return take_log(run, order);
	}
	return false;
}

static bool reads_standard_input(const struct order *order)
{
	for (size_t i = 0; i < order->log_count; i++) {
		if (strcmp(order->logs[i], "-") == 0)
			return true;
	}
	return false;
}

static bool is_sensible(const struct sp_run *run, struct order *order)
{
	if (sp_operands(run, 0, 0) == NULL)
		return false;
	if (run->json && order->has_form && order->form != JSON)
		sp_fail_usage(run, "--json and --format exclude each other");
	else if (order->legacy && order->log_count == 0)
		sp_fail_usage(run, "--legacy needs the log: " SP_REPORT_LOG_COMMAND " --legacy");
	else if (!order->legacy && run->bind_dn != NULL && reads_standard_input(order))
		/* a line of the log would go to the directory as the password */
		sp_fail_usage(run, "--log - and --bind-dn both read standard input: give the "
				   "log as a file");
	else
		return true;
	return false;
}

static enum sp_exit report(struct sp_run *run, struct order *order)
{
	static const struct option options[] = {
	    {"format", required_argument, NULL, FORMAT},
	    {"legacy", no_argument, NULL, LEGACY},
	    {"log", required_argument, NULL, LOG},
	    SP_OPTIONS_OF_EVERY_VERB,
	};
	struct sp_session session;
	time_t now = time(NULL);
	enum sp_exit status = SP_EXIT_FAILED;

	for (int option; (option = sp_next_option(run, options, &status)) != SP_OPTIONS_END;) {
		if (option == 0)
			return status;
		if (!take_option(run, order, option))
			return SP_EXIT_USAGE;
	}
	if (!is_sensible(run, order))
		return SP_EXIT_USAGE;
	if (run->json)
		order->form = JSON;
	if (order->legacy)
		return report_legacy(order, now);
	status = sp_session_open(run, &session);
	if (status == SP_EXIT_OK)
		status = report_all(order, &session, now);
	sp_session_close(&session);
	return status;
}

enum sp_exit sp_verb_report(struct sp_run *run)
{
	struct order order = {.logs = calloc((size_t)run->argc, sizeof(*order.logs))};

	if (order.logs == NULL)
		return sp_fail(SP_EXIT_FAILED, "out of memory");
	enum sp_exit status = report(run, &order);
	free((void *)order.logs);
	return status;
}
