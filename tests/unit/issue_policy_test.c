/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tool/issue_policy.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define NOW   ((time_t)1795500000) /* 2026-11-24T06:00:00Z */
#define DAY   ((time_t)86400)
#define DAYS  (UINT64_C(86400) * 1000)
#define NEVER SP_NO_TIME

static char told[1024];
static FILE *standard_error;

static void start_listening(void)
{
	memset(told, 0, sizeof(told));
	standard_error = stderr;
	stderr = fmemopen(told, sizeof(told), "w");
	assert_non_null(stderr);
}

static void stop_listening(void)
{
	fclose(stderr);
	stderr = standard_error;
}

/* The lives in days, 0 for none; what is asked and what it becomes. */
static const struct {
	const char *name;
	unsigned by_default, least, most;
	time_t asked, becomes;
	const char *refusal; /* a part of what is told; NULL: it is permitted */
} lives[] = {
    {"nothing set, nothing asked", 0, 0, 0, NEVER, NEVER, NULL},
    {"nothing set", 0, 0, 0, NOW + 60, NOW + 60, NULL},
    {"a default", 90, 0, 0, NEVER, NOW + 90 * DAY, NULL},
    {"a default does not replace what is asked", 90, 0, 0, NOW + 1, NOW + 1, NULL},
    {"a default that is the most and the least", 90, 90, 90, NEVER, NOW + 90 * DAY, NULL},
    {"the most", 0, 0, 30, NOW + 30 * DAY, NOW + 30 * DAY, NULL},
    {"a second over the most", 0, 0, 30, NOW + 30 * DAY + 1, 0, "[issue] max_life is 30d"},
    {"for ever over the most", 0, 0, 30, NEVER, 0, "max_life is 30d: give --expires"},
    {"the least", 0, 7, 0, NOW + 7 * DAY, NOW + 7 * DAY, NULL},
    {"a second under the least", 0, 7, 0, NOW + 7 * DAY - 1, 0, "[issue] min_life is 1w"},
    {"for ever is not under the least", 0, 7, 0, NEVER, NEVER, NULL},
    {"between both", 0, 7, 30, NOW + 10 * DAY, NOW + 10 * DAY, NULL},
};

static void a_life_is_held_between_its_bounds(void **state)
{
	struct sp_conf *conf = sp_conf_defaults();

	(void)state;
	assert_non_null(conf);
	for (size_t i = 0; i < COUNT(lives); i++) {
		struct sp_credential wanted = {.expires = lives[i].asked};
		conf->issue_default_life = lives[i].by_default * DAYS;
		conf->issue_min_life = lives[i].least * DAYS;
		conf->issue_max_life = lives[i].most * DAYS;
		start_listening();
		enum sp_exit status = sp_issue_policy_permit(conf, SP_FORM_STANDARD, NOW, &wanted);
		stop_listening();
		const char *refusal = lives[i].refusal;
		bool right = refusal == NULL
				 ? status == SP_EXIT_OK && told[0] == '\0' &&
				       wanted.expires == lives[i].becomes
				 : status == SP_EXIT_FORBIDDEN && strstr(told, refusal) != NULL;
		if (!right)
			fail_msg("%s: status %d, told \"%s\"", lives[i].name, (int)status, told);
	}
	sp_conf_free(&conf);
}

static void what_was_asked_is_told(void **state)
{
	struct sp_conf *conf = sp_conf_defaults();
	struct sp_credential wanted = {.expires = NOW + 2 * DAY};

	(void)state;
	conf->issue_max_life = 1 * DAYS;
	start_listening();
	assert_int_equal(
	    sp_issue_policy_permit(conf, SP_FORM_STANDARD, NOW, &wanted), SP_EXIT_FORBIDDEN);
	stop_listening();
	assert_string_equal(told, "sendpass: the app password would expire at "
				  "2026-11-26T06:00:00Z, and [issue] max_life is 1d\n");
	sp_conf_free(&conf);
}

static void the_compact_form_can_be_forbidden(void **state)
{
	struct sp_conf *conf = sp_conf_defaults();
	struct sp_credential wanted = {.expires = NEVER};

	(void)state;
	assert_int_equal(SP_EXIT_OK, sp_issue_policy_permit(conf, SP_FORM_COMPACT, NOW, &wanted));
	conf->issue_compact = false;
	assert_int_equal(SP_EXIT_OK, sp_issue_policy_permit(conf, SP_FORM_STANDARD, NOW, &wanted));
	start_listening();
	assert_int_equal(
	    SP_EXIT_FORBIDDEN, sp_issue_policy_permit(conf, SP_FORM_COMPACT, NOW, &wanted));
	stop_listening();
	assert_non_null(strstr(told, "[issue] compact is no"));
	sp_conf_free(&conf);
}

static void lists_are_added_only_where_none_are_given(void **state)
{
	struct sp_conf *conf = sp_conf_defaults();
	char *own[] = {"own", NULL}, *standard[] = {"smtp", NULL}, *sender[] = {"@x.example", NULL};
	struct sp_credential given = {.services = own, .senders = own}, open = {0}, none = {0};

	(void)state;
	sp_issue_policy_add(conf, &none);
	assert_null(none.services);
	assert_null(none.senders);

	struct sp_conf with = *conf;
	with.issue_default_service = (struct sp_conf_list){standard, 1};
	with.issue_default_sender = (struct sp_conf_list){sender, 1};
	sp_issue_policy_add(&with, &given);
	assert_ptr_equal(given.services, own);
	assert_ptr_equal(given.senders, own);
	sp_issue_policy_add(&with, &open);
	assert_ptr_equal(open.services, standard);
	assert_ptr_equal(open.senders, sender);
	sp_conf_free(&conf);
}

/* With a max_life of 30 days, at NOW. */
static const struct {
	const char *name;
	time_t created, before, after;
	bool permitted;
} changes[] = {
    {"sooner", NOW - 9 * DAY, NOW + 9 * DAY, NOW + 8 * DAY, true},
    {"sooner, of one that is over it already", NOW - 99 * DAY, NOW + DAY, NOW + 60, true},
    {"as it is, of one that is over it already", NOW - 99 * DAY, NOW + DAY, NOW + DAY, true},
    {"an end for one without, over it", NOW - 99 * DAY, NEVER, NOW + DAY, true},
    {"still none", NOW - 99 * DAY, NEVER, NEVER, true},
    {"later, up to it", NOW - 9 * DAY, NOW + DAY, NOW + 21 * DAY, true},
    {"later, a second over it", NOW - 9 * DAY, NOW + DAY, NOW + 21 * DAY + 1, false},
    {"never", NOW - 9 * DAY, NOW + DAY, NEVER, false},
    {"nobody knows when it was made, up to it", NEVER, NOW + DAY, NOW + 30 * DAY, true},
    {"nobody knows when it was made", NEVER, NOW + DAY, NOW + 30 * DAY + 1, false},
};

static void an_end_is_put_off_only_so_far(void **state)
{
	struct sp_conf *conf = sp_conf_defaults();

	(void)state;
	for (size_t i = 0; i < COUNT(changes); i++) {
		const struct sp_credential before = {
		    .created = changes[i].created, .expires = changes[i].before};
		struct sp_credential after = before;
		after.expires = changes[i].after;
		conf->issue_max_life = 30 * DAYS;
		start_listening();
		enum sp_exit status = sp_issue_policy_alter(conf, &before, &after, NOW);
		stop_listening();
		if (status != (changes[i].permitted ? SP_EXIT_OK : SP_EXIT_FORBIDDEN))
			fail_msg("%s: status %d", changes[i].name, (int)status);
		conf->issue_max_life = 0;
		if (sp_issue_policy_alter(conf, &before, &after, NOW) != SP_EXIT_OK)
			fail_msg("%s: refused without max_life", changes[i].name);
	}
	sp_conf_free(&conf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_life_is_held_between_its_bounds),
	    cmocka_unit_test(what_was_asked_is_told),
	    cmocka_unit_test(the_compact_form_can_be_forbidden),
	    cmocka_unit_test(lists_are_added_only_where_none_are_given),
	    cmocka_unit_test(an_end_is_put_off_only_so_far),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
