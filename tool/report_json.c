/* SPDX-License-Identifier: BSD-2-Clause */
/* report_json.c - a report as JSON, as sendpass(1) documents it */
#include <jansson.h>
#include <string.h>

#include "tool/output.h"
#include "tool/report.h"

/* Each value is NULL when there is no memory, which json_pack() passes on. */

static json_t *number(size_t count)
{
	return json_integer((json_int_t)count);
}

/* Takes the item over. False when there is no memory. */
static bool append(json_t *array, json_t *item)
{
	return json_array_append_new(array, item) == 0;
}

static json_t *finished(json_t *array, bool ok)
{
	if (ok)
		return array;
	json_decref(array);
	return NULL;
}

static json_t *states_value(const struct sp_report_data *data)
{
	json_t *object = json_object();
	bool ok = object != NULL;

	for (size_t i = 0; i < SP_REPORT_STATES && ok; i++)
		ok = json_object_set_new(object,
			 sp_credential_state_name((enum sp_credential_state)i),
			 number(data->states[i])) == 0;
	return finished(object, ok);
}

static json_t *departments_value(const struct sp_report_data *data)
{
	json_t *array = data->has_departments ? json_array() : json_null();
	bool ok = array != NULL;

	for (size_t i = 0; i < data->department_count && ok; i++) {
		const struct sp_report_department *row = &data->departments[i];
		ok = append(array, json_pack("{s:s, s:o, s:o}", "department", row->name, "active",
				       number(row->count.active), "all", number(row->count.all)));
	}
	return finished(array, ok);
}

static json_t *ages_value(const struct sp_report_data *data)
{
	json_t *array = json_array();
	bool ok = array != NULL;

	for (size_t i = 0; i <= SP_REPORT_AGES && ok; i++) {
		json_t *from =
		    i < SP_REPORT_AGES ? json_integer(sp_report_age_days[i]) : json_null();
		ok = append(
		    array, json_pack("{s:o, s:o, s:o}", "days", from, "active",
			       number(data->ages[i].active), "all", number(data->ages[i].all)));
	}
	return finished(array, ok);
}

static json_t *refusals_value(const struct sp_report_log *log)
{
	json_t *array = json_array();
	bool ok = array != NULL;

	for (size_t i = 0; i < log->refusal_count && ok; i++) {
		const struct sp_report_refusals *refusals = &log->refusals[i];
		ok = append(
		    array, json_pack("{s:s, s:s, s:o, s:o}", "reason", refusals->reason, "result",
			       refusals->result, "logins", number(refusals->logins), "messages",
			       number(refusals->messages)));
	}
	return finished(array, ok);
}

static json_t *told(const char *text)
{
	return strcmp(text, SP_REPORT_NO_TEXT) == 0 ? json_null() : json_string(text);
}

static json_t *legacy_value(const struct sp_report_log *log)
{
	json_t *array = json_array();
	bool ok = array != NULL;

	for (size_t i = 0; i < log->legacy_count && ok; i++) {
		const struct sp_report_legacy *legacy = log->legacy[i];
		ok = append(
		    array, json_pack("{s:o, s:o, s:o, s:o}", "login", told(legacy->login), "logins",
			       number(legacy->count), "last_time", told(legacy->last_time),
			       "last_address", told(legacy->last_address)));
	}
	return finished(array, ok);
}

static json_t *log_value(const struct sp_report_log *log)
{
	if (log == NULL)
		return json_null();
	/* clang-format off */
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
	    "lines", number(log->lines),
	    "foreign_lines", number(log->foreign),
	    "broken_lines", number(log->broken),
	    "first_time", told(log->first_time),
	    "last_time", told(log->last_time),
	    "granted", number(log->granted),
	    "granted_legacy", number(log->by_legacy),
	    "denied", number(log->denied),
	    "unavailable", number(log->unavailable),
	    "refusals", refusals_value(log),
	    "legacy", legacy_value(log));
	/* clang-format on */
}

enum sp_exit sp_report_json(const struct sp_report *report)
{
	const struct sp_report_data *data = report->data;
	json_t *lists[SP_REPORT_LISTS];
	char time[SP_TIME_TEXT_SIZE];

	if (data == NULL)
		return sp_json_write(legacy_value(report->log));
	for (size_t i = 0; i < SP_REPORT_LISTS; i++)
		lists[i] = sp_json_credentials_value(&data->lists[i], report->now);
	/* clang-format off */
	return sp_json_write(json_pack(
	    "{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:o}",
	    "time", sp_format_time(report->now, time),
	    "directory", report->directory,
	    "base", report->base,
	    "total", number(data->total),
	    "states", states_value(data),
	    "departments", departments_value(data),
	    "ages", ages_value(data),
	    "uses_known", data->uses_are_known,
	    sp_report_headings[SP_REPORT_EXPIRING].key, lists[SP_REPORT_EXPIRING],
	    sp_report_headings[SP_REPORT_UNUSED].key, lists[SP_REPORT_UNUSED],
	    sp_report_headings[SP_REPORT_NEVER_USED].key, lists[SP_REPORT_NEVER_USED],
	    sp_report_headings[SP_REPORT_IMPORTED].key, lists[SP_REPORT_IMPORTED],
	    "log", log_value(report->log)));
	/* clang-format on */
}
