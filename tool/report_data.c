/* SPDX-License-Identifier: BSD-2-Clause */
#include "tool/report_data.h"

#include <stdlib.h>
#include <string.h>

#include "tool/selection.h"

#define DAY_S ((time_t)24 * 60 * 60)

const int sp_report_age_days[SP_REPORT_AGES] = {0, 30, 90, 180, 365, 730};
const char *const sp_report_age_names[SP_REPORT_AGES + 1] = {"under 30 days", "30 to 89 days",
    "90 to 179 days", "180 to 364 days", "1 to 2 years", "2 years or more", "unknown"};

/* ---- counting ---- */

static void count(struct sp_report_count *counted, enum sp_credential_state state)
{
	counted->all++;
	counted->active += state == SP_STATE_ACTIVE;
}

static size_t age_of(const struct sp_credential *credential, time_t now)
{
	size_t age = SP_REPORT_AGES - 1;

	if (credential->created == SP_NO_TIME)
		return SP_REPORT_AGES;
	while (age > 0 && now - credential->created < sp_report_age_days[age] * DAY_S)
		age--;
	return age;
}

/* ---- by department: a row for each, sorted by name, and then run together ---- */

static const char *department_of(
    const struct sp_departments *departments, const struct sp_credential *credential)
{
	const char *name;

	if (!sp_departments_find(departments, credential->owner, &name))
		return "(gone)";
	return name != NULL ? name : "(none)";
}

static int compare_names(const void *one, const void *other)
{
	const struct sp_report_department *a = one, *b = other;

	return strcmp(a->name, b->name);
}

static int compare_counts(size_t one, size_t other)
{
	return (one < other) - (one > other);
}

static int most_active_first(const void *one, const void *other)
{
	const struct sp_report_department *a = one, *b = other;
	int by_active = compare_counts(a->count.active, b->count.active);
	int by_all = compare_counts(a->count.all, b->count.all);

	if (by_active != 0)
		return by_active;
	return by_all != 0 ? by_all : compare_names(one, other);
}

static void run_together(struct sp_report_data *data)
{
	struct sp_report_department *rows = data->departments;
	size_t kept = 0;

	for (size_t i = 0; i < data->department_count; i++) {
		if (kept > 0 && strcmp(rows[kept - 1].name, rows[i].name) == 0) {
			rows[kept - 1].count.active += rows[i].count.active;
			rows[kept - 1].count.all += rows[i].count.all;
		} else {
			rows[kept++] = rows[i];
		}
	}
	data->department_count = kept;
}

static bool count_departments(const struct sp_credential_list *list,
    const struct sp_departments *departments, time_t now, struct sp_report_data *data)
{
	data->has_departments = true;
	data->departments = calloc(list->count + 1, sizeof(*data->departments));
	if (data->departments == NULL)
		return false;
	for (size_t i = 0; i < list->count; i++) {
		struct sp_report_department *row = &data->departments[i];
		row->name = department_of(departments, list->items[i]);
		count(&row->count, sp_credential_state(list->items[i], now));
	}
	data->department_count = list->count;
	qsort(data->departments, data->department_count, sizeof(*data->departments), compare_names);
	run_together(data);
	qsort(data->departments, data->department_count, sizeof(*data->departments),
	    most_active_first);
	return true;
}

/* ---- those to look at ---- */

/* As `sendpass list` selects them, but for those imported. */
static bool is_in(enum sp_report_list which, const struct sp_credential *credential, time_t now)
{
	struct sp_selection selection = SP_SELECT_ALL;

	selection.has_state = which != SP_REPORT_EXPIRING;
	selection.state = SP_STATE_ACTIVE;
	if (which == SP_REPORT_EXPIRING)
		selection.expiring_before = now + SP_REPORT_EXPIRING_DAYS * DAY_S;
	if (which == SP_REPORT_UNUSED)
		selection.unused_since = now - SP_REPORT_UNUSED_DAYS * DAY_S;
	selection.never_used = which == SP_REPORT_NEVER_USED;
	return sp_selects(&selection, credential, now) &&
	       (which != SP_REPORT_IMPORTED || credential->imported);
}

static int compare_times(time_t one, time_t other)
{
	return (one > other) - (one < other);
}

static int soonest_first(const void *one, const void *other)
{
	const struct sp_credential *const *a = one, *const *b = other;
	int by_time = compare_times((*a)->expires, (*b)->expires);

	return by_time != 0 ? by_time : strcmp((*a)->dn, (*b)->dn);
}

static time_t last_sign(const struct sp_credential *credential)
{
	return credential->last_used != SP_NO_TIME ? credential->last_used : credential->created;
}

static int longest_unused_first(const void *one, const void *other)
{
	const struct sp_credential *const *a = one, *const *b = other;
	int by_time = compare_times(last_sign(*a), last_sign(*b));

	return by_time != 0 ? by_time : strcmp((*a)->dn, (*b)->dn);
}

static bool list_those(const struct sp_credential_list *list, enum sp_report_list which, time_t now,
    struct sp_credential_list *those)
{
	those->items = calloc(list->count + 1, sizeof(struct sp_credential *));
	if (those->items == NULL)
		return false;
	for (size_t i = 0; i < list->count; i++) {
		if (is_in(which, list->items[i], now))
			those->items[those->count++] = list->items[i];
	}
	if (which == SP_REPORT_EXPIRING)
		qsort(those->items, those->count, sizeof(struct sp_credential *), soonest_first);
	if (which == SP_REPORT_UNUSED)
		qsort(those->items, those->count, sizeof(struct sp_credential *),
		    longest_unused_first);
	return true;
}

/* ---- all of it ---- */

bool sp_report_gather(const struct sp_credential_list *list,
    const struct sp_departments *departments, time_t now, struct sp_report_data *data_r)
{
	bool ok = true;

	*data_r = (struct sp_report_data){.total = list->count};
	for (size_t i = 0; i < list->count; i++) {
		const struct sp_credential *credential = list->items[i];
		enum sp_credential_state state = sp_credential_state(credential, now);
		data_r->states[state]++;
		count(&data_r->ages[age_of(credential, now)], state);
		if (credential->last_used != SP_NO_TIME)
			data_r->uses_are_known = true;
	}
	if (departments != NULL)
		ok = count_departments(list, departments, now, data_r);
	for (size_t i = 0; ok && i < SP_REPORT_LISTS; i++)
		ok = list_those(list, (enum sp_report_list)i, now, &data_r->lists[i]);
	return ok;
}

void sp_report_data_clear(struct sp_report_data *data)
{
	free(data->departments);
	for (size_t i = 0; i < SP_REPORT_LISTS; i++)
		free(data->lists[i].items);
	*data = (struct sp_report_data){0};
}
