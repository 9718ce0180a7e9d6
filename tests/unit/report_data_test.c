/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tool/report.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define NONE         SP_NO_TIME
#define DAY          ((time_t)86400)
#define NOW          (10000 * DAY + 7)

#define ALICE "uid=alice,ou=people,dc=example"
#define BOB   "uid=bob,ou=people,dc=example"
#define CAROL "uid=carol,ou=people,dc=example"
#define GONE  "uid=gone,ou=people,dc=example"

static struct sp_report_data data;

/* verbs.c's */
void sp_verb_help(const struct sp_verb *verb)
{
	(void)verb;
}

static int clear(void **state)
{
	(void)state;
	sp_report_data_clear(&data);
	return 0;
}

static struct sp_credential made(time_t created)
{
	return (struct sp_credential){
	    .dn = "sendpassId=x",
	    .owner = ALICE,
	    .created = created,
	    .not_before = NONE,
	    .expires = NONE,
	    .revoked = NONE,
	    .last_used = NONE,
	};
}

static void gather(
    struct sp_credential *const *items, size_t count, const struct sp_departments *departments)
{
	const struct sp_credential_list list = {(struct sp_credential **)items, count};

	sp_report_data_clear(&data);
	assert_true(sp_report_gather(&list, departments, NOW, &data));
	assert_int_equal(data.total, count);
}

static void ages_begin_with_their_day(void **state)
{
	static const struct {
		time_t created;
		size_t age;
	} cases[] = {
	    {NOW, 0},
	    {NOW + 5 * DAY, 0},
	    {NOW - 30 * DAY + 1, 0},
	    {NOW - 30 * DAY, 1},
	    {NOW - 90 * DAY + 1, 1},
	    {NOW - 90 * DAY, 2},
	    {NOW - 180 * DAY + 1, 2},
	    {NOW - 180 * DAY, 3},
	    {NOW - 365 * DAY + 1, 3},
	    {NOW - 365 * DAY, 4},
	    {NOW - 730 * DAY + 1, 4},
	    {NOW - 730 * DAY, 5},
	    {0, 5},
	    {NONE, SP_REPORT_AGES},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sp_credential credential = made(cases[i].created);
		struct sp_credential *items[] = {&credential};
		gather(items, 1, NULL);
		for (size_t age = 0; age <= SP_REPORT_AGES; age++) {
			if (data.ages[age].all != (age == cases[i].age))
				fail_msg("case %zu: age %zu", i, age);
		}
		credential.suspended = true;
		gather(items, 1, NULL);
		assert_int_equal(data.ages[cases[i].age].all, 1);
		assert_int_equal(data.ages[cases[i].age].active, 0);
	}
}

static void every_state_is_counted_as_it_is_now(void **state)
{
	struct sp_credential credentials[SP_REPORT_STATES + 1];
	struct sp_credential *items[SP_REPORT_STATES + 1];

	(void)state;
	for (size_t i = 0; i < COUNT(credentials); i++) {
		credentials[i] = made(NOW - DAY);
		items[i] = &credentials[i];
	}
	credentials[SP_STATE_UNUSABLE].unusable = "x";
	credentials[SP_STATE_REVOKED].revoked = NOW;
	credentials[SP_STATE_SUSPENDED].suspended = true;
	credentials[SP_STATE_EXPIRED].expires = NOW;
	credentials[SP_STATE_NOT_YET_VALID].not_before = NOW + 1;
	credentials[SP_REPORT_STATES].not_before = NOW; /* a second active one */
	gather(items, COUNT(items), NULL);
	for (size_t i = 0; i < SP_REPORT_STATES; i++)
		assert_int_equal(data.states[i], i == SP_STATE_ACTIVE ? 2 : 1);
	assert_int_equal(data.ages[0].active, 2);
	assert_int_equal(data.ages[0].all, COUNT(items));
	assert_false(data.has_departments);
	assert_false(data.uses_are_known);
}

static void those_to_look_at_are_listed(void **state)
{
	static const struct {
		const char *name;
		time_t created, last_used, expires;
		bool suspended, imported;
		bool listed[SP_REPORT_LISTS]; /* expiring, unused, never used, imported */
	} cases[] = {
	    {"used today", NOW - 999 * DAY, NOW, NONE, false, false, {0, 0, 0, 0}},
	    {"used 180 days ago", 0, NOW - 180 * DAY, NONE, false, false, {0, 0, 0, 0}},
	    {"used before", 0, NOW - 180 * DAY - 1, NONE, false, false, {0, 1, 0, 0}},
	    {"new and never used", NOW, NONE, NONE, false, false, {0, 0, 1, 0}},
	    {"old and never used", NOW - 181 * DAY, NONE, NONE, false, false, {0, 1, 1, 0}},
	    {"suspended", NOW - 181 * DAY, NONE, NONE, true, true, {0, 0, 0, 0}},
	    {"expires in 30 days", NOW, NOW, NOW + 30 * DAY, false, false, {1, 0, 0, 0}},
	    {"expires later", NOW, NOW, NOW + 30 * DAY + 1, false, false, {0, 0, 0, 0}},
	    {"expired", NOW, NONE, NOW, false, true, {0, 0, 0, 0}},
	    {"imported", NOW, NOW, NONE, false, true, {0, 0, 0, 1}},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sp_credential credential = made(cases[i].created);
		struct sp_credential *items[] = {&credential};
		credential.last_used = cases[i].last_used;
		credential.expires = cases[i].expires;
		credential.suspended = cases[i].suspended;
		credential.imported = cases[i].imported;
		gather(items, 1, NULL);
		for (size_t list = 0; list < SP_REPORT_LISTS; list++) {
			if (data.lists[list].count != cases[i].listed[list])
				fail_msg("%s: list %zu", cases[i].name, list);
		}
		assert_int_equal(data.uses_are_known, cases[i].last_used != NONE);
	}
}

static void lists_begin_with_the_most_urgent(void **state)
{
	struct sp_credential later = made(NOW - 300 * DAY), sooner = made(NOW - 200 * DAY);
	struct sp_credential *items[] = {&later, &sooner};

	(void)state;
	later.expires = NOW + 2 * DAY;
	sooner.expires = NOW + DAY;
	sooner.last_used = NOW - 400 * DAY;
	gather(items, 2, NULL);
	assert_ptr_equal(data.lists[SP_REPORT_EXPIRING].items[0], &sooner);
	assert_ptr_equal(data.lists[SP_REPORT_UNUSED].items[0], &sooner);
	assert_ptr_equal(data.lists[SP_REPORT_UNUSED].items[1], &later);
	later.expires = NOW + DAY / 2;
	later.last_used = NOW - 500 * DAY;
	gather(items, 2, NULL);
	assert_ptr_equal(data.lists[SP_REPORT_EXPIRING].items[0], &later);
	assert_ptr_equal(data.lists[SP_REPORT_UNUSED].items[0], &later);
}

static void assert_department(size_t row, const char *name, size_t active, size_t all)
{
	assert_string_equal(data.departments[row].name, name);
	assert_int_equal(data.departments[row].count.active, active);
	assert_int_equal(data.departments[row].count.all, all);
}

static void departments_are_those_of_the_owners(void **state)
{
	static char *const owners[] = {
	    ALICE, "UID=Alice, ou=people, dc=example", BOB, CAROL, GONE, NULL, ALICE};
	struct sp_credential credentials[COUNT(owners)];
	struct sp_credential *items[COUNT(owners)];
	struct sp_credential_list list = {items, COUNT(owners)};

	(void)state;
	for (size_t i = 0; i < COUNT(owners); i++) {
		credentials[i] = made(NOW);
		credentials[i].owner = owners[i];
		items[i] = &credentials[i];
	}
	credentials[6].suspended = true;
	struct sp_departments *departments = sp_departments_new(&list);
	assert_non_null(departments);
	assert_true(sp_departments_set(departments, "uid=alice,ou=PEOPLE,dc=example", "sales"));
	assert_true(sp_departments_set(departments, BOB, "sales"));
	assert_true(sp_departments_set(departments, CAROL, NULL));
	assert_true(sp_departments_set(departments, "uid=dave,dc=example", "of nobody here"));
	gather(items, COUNT(items), departments);
	assert_true(data.has_departments);
	assert_int_equal(data.department_count, 3);
	assert_department(0, "sales", 3, 4);
	assert_department(1, "(gone)", 2, 2);
	assert_department(2, "(none)", 1, 1);
	sp_report_data_clear(&data);
	sp_departments_free(&departments);
}

static void no_app_passwords_are_a_report_too(void **state)
{
	const struct sp_credential_list none = {0};
	struct sp_departments *departments = sp_departments_new(&none);

	(void)state;
	assert_non_null(departments);
	gather(NULL, 0, departments);
	assert_int_equal(data.department_count, 0);
	assert_false(sp_report_uses_are_unknown(&data));
	sp_departments_free(&departments);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(ages_begin_with_their_day, clear),
	    cmocka_unit_test_teardown(every_state_is_counted_as_it_is_now, clear),
	    cmocka_unit_test_teardown(those_to_look_at_are_listed, clear),
	    cmocka_unit_test_teardown(lists_begin_with_the_most_urgent, clear),
	    cmocka_unit_test_teardown(departments_are_those_of_the_owners, clear),
	    cmocka_unit_test_teardown(no_app_passwords_are_a_report_too, clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
