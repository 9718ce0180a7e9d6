/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib/directory/credential.h"
#include "tool/arguments.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define DAY          (24 * 3600)
/* 2026-11-24 06:07:08 UTC */
#define NOW ((time_t)1795500428)

static int helps;

/* verbs.c's */
void sp_verb_help(const struct sp_verb *verb)
{
	assert_string_equal(verb->name, "try");
	helps++;
}

static const struct sp_verb verb = {.name = "try", .synopsis = "A [B]"};

/* What standard error got while `standard_error` was open. */
static char told[1024];
static FILE *standard_error;

static int catch_errors(void **state)
{
	(void)state;
	memset(told, 0, sizeof(told));
	helps = 0;
	standard_error = stderr;
	stderr = fmemopen(told, sizeof(told), "w");
	optind = 0;
	return stderr != NULL ? 0 : -1;
}

static int release_errors(void **state)
{
	(void)state;
	fclose(stderr);
	stderr = standard_error;
	return 0;
}

static void assert_told(const char *line)
{
	fflush(stderr);
	assert_string_equal(told, line);
}

/* ---- options ---- */

enum { LABEL = SP_OPTION_OWN, COMPACT };

static const struct option options[] = {
    {"label", required_argument, NULL, LABEL},
    {"compact", no_argument, NULL, COMPACT},
    SP_OPTIONS_OF_EVERY_VERB,
};

static struct sp_run run_of(char **argv)
{
	struct sp_run run = {.verb = &verb, .argv = argv};

	while (argv[run.argc] != NULL)
		run.argc++;
	return run;
}

static void options_may_stand_among_operands(void **state)
{
	char *argv[] = {"try", "one", "--label", "text", "--json", "two", "--compact", NULL};
	struct sp_run run = run_of(argv);
	enum sp_exit status = SP_EXIT_FAILED;

	(void)state;
	assert_int_equal(sp_next_option(&run, options, &status), LABEL);
	assert_string_equal(optarg, "text");
	assert_int_equal(sp_next_option(&run, options, &status), COMPACT);
	assert_int_equal(sp_next_option(&run, options, &status), SP_OPTIONS_END);
	assert_true(run.json);
	char **operands = sp_operands(&run, 1, 2);
	assert_string_equal(operands[0], "one");
	assert_string_equal(operands[1], "two");
	assert_null(operands[2]);
	assert_told("");
}

static void behind_two_dashes_all_are_operands(void **state)
{
	char *argv[] = {"try", "--", "--json", NULL};
	struct sp_run run = run_of(argv);
	enum sp_exit status = SP_EXIT_FAILED;

	(void)state;
	assert_int_equal(sp_next_option(&run, options, &status), SP_OPTIONS_END);
	assert_false(run.json);
	assert_string_equal(sp_operands(&run, 1, 1)[0], "--json");
}

static void help_is_shown_and_ends_the_verb_well(void **state)
{
	char *words[] = {"--help", "-h"};

	(void)state;
	for (size_t i = 0; i < COUNT(words); i++) {
		char *argv[] = {"try", words[i], NULL};
		struct sp_run run = run_of(argv);
		enum sp_exit status = SP_EXIT_FAILED;

		optind = 0;
		assert_int_equal(sp_next_option(&run, options, &status), 0);
		assert_int_equal(status, SP_EXIT_OK);
		assert_int_equal(helps, i + 1);
	}
	assert_told("");
}

static void a_wrong_option_is_told_without_its_value(void **state)
{
	static const struct {
		char *option;
		const char *line;
	} cases[] = {
	    {"--password=hunter2", "sendpass: try: unknown or ambiguous option --password (see: "
				   "sendpass try --help)\n"},
	    {"--json=hunter2",
		"sendpass: try: no value goes with --json (see: sendpass try --help)\n"},
	    {"--label", "sendpass: try: --label needs a value (see: sendpass try --help)\n"},
	    {"-p", "sendpass: try: unknown option -p (see: sendpass try --help)\n"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char *argv[] = {"try", cases[i].option, NULL};
		struct sp_run run = run_of(argv);
		enum sp_exit status = SP_EXIT_OK;

		assert_int_equal(sp_next_option(&run, options, &status), 0);
		assert_int_equal(status, SP_EXIT_USAGE);
		assert_told(cases[i].line);
		release_errors(state);
		catch_errors(state);
	}
	assert_int_equal(helps, 0);
}

static void too_few_and_too_many_operands_are_told_but_not_shown(void **state)
{
	char *argv[] = {"try", "alice", "hunter2", NULL};
	struct sp_run run = run_of(argv);

	optind = 1;
	assert_null(sp_operands(&run, 0, 1));
	assert_told("sendpass: try: too many arguments; usage: sendpass try A [B] (see: sendpass "
		    "try --help)\n");
	release_errors(state);
	catch_errors(state);
	optind = 1;
	assert_null(sp_operands(&run, 3, 4));
	assert_told("sendpass: try: something is missing; usage: sendpass try A [B] (see: "
		    "sendpass try --help)\n");
}

/* ---- values ---- */

static void texts_are_printable_bounded_and_without_spaces_at_their_ends(void **state)
{
	static const struct {
		const char *text;
		const char *fault; /* NULL: fit */
	} cases[] = {
	    {"a", NULL},
	    {"12345678", NULL},
	    {"B\xc3\xbcro 2", NULL},
	    {"", "must not be empty"},
	    {"123456789", "is longer than 8 bytes"},
	    {"a\tb", "must be UTF-8 without control characters"},
	    {"a\x1b[1m", "must be UTF-8 without control characters"},
	    {"B\xfcro", "must be UTF-8 without control characters"},
	    {" a", "must have no spaces at its ends"},
	    {"a ", "must have no spaces at its ends"},
	    {" ", "must have no spaces at its ends"},
	};
	struct sp_run run = {.verb = &verb};
	char line[128] = "";

	for (size_t i = 0; i < COUNT(cases); i++) {
		bool fit = sp_text_is_fit(&run, "--label", cases[i].text, 8);
		assert_int_equal(fit, cases[i].fault == NULL);
		line[0] = '\0';
		if (!fit)
			snprintf(line, sizeof(line),
			    "sendpass: try: --label %s (see: sendpass try --help)\n",
			    cases[i].fault);
		assert_told(line);
		release_errors(state);
		catch_errors(state);
	}
}

static void an_expiry_is_a_time_from_now_or_a_day_to_come(void **state)
{
	static const char range[] = "must be from 1m to 36525d";
	static const char form[] = "must be a duration with its unit (m, h, d, w), such as 90d, or "
				   "a day of the calendar as YYYY-MM-DD";
	static const char past[] =
	    "must be a day to come: the app password ends as it begins, in UTC";
	static const struct {
		const char *text;
		time_t time;
		const char *fault;
	} cases[] = {
	    {"90d", NOW + 90 * DAY, NULL},
	    {"1m", NOW + 60, NULL},
	    {"60s", NOW + 60, NULL},
	    {"36525d", NOW + (time_t)36525 * DAY, NULL},
	    {"2w", NOW + 14 * DAY, NULL},
	    {"2026-11-25", (time_t)1795564800, NULL},
	    {"2028-02-29", (time_t)1835395200, NULL},
	    {"9999-12-31", (time_t)253402214400, NULL},
	    {"59s", 0, range},
	    {"0d", 0, range},
	    {"36526d", 0, range},
	    {"30500568904w", 0, range},
	    {"30500568905w", 0, form},
	    {"", 0, form},
	    {"90", 0, form},
	    {"90D", 0, form},
	    {"-90d", 0, form},
	    {"90d ", 0, form},
	    {"1y", 0, form},
	    {"never", 0, form},
	    {"2026-11-24", 0, past},
	    {"1999-01-01", 0, past},
	    {"2027-02-29", 0, form},
	    {"2027-13-01", 0, form},
	    {"2027-1-01", 0, form},
	    {"2027/01/01", 0, form},
	    {"2027-01-01T00:00:00Z", 0, form},
	    {"20270101", 0, form},
	    {"01-01-2027", 0, form},
	    {"2027-01-0x", 0, form},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		time_t time = SP_NO_TIME;
		const char *fault = sp_argument_expiry(cases[i].text, NOW, &time);

		print_message("  %s\n", cases[i].text);
		if (cases[i].fault == NULL) {
			assert_null(fault);
			assert_true(time == cases[i].time);
		} else {
			assert_string_equal(fault, cases[i].fault);
			assert_true(time == SP_NO_TIME);
		}
	}
}

static void a_day_is_to_come_until_it_begins(void **state)
{
	time_t midnight = (time_t)1795564800, time;

	(void)state;
	assert_null(sp_argument_expiry("2026-11-25", midnight - 1, &time));
	assert_non_null(sp_argument_expiry("2026-11-25", midnight, &time));
}

static void a_period_is_a_duration_with_its_unit(void **state)
{
	static const char form[] = "must be a duration with its unit (s, m, h, d, w), such as 90d";
	static const struct {
		const char *text;
		time_t low, seconds;
		const char *fault;
	} cases[] = {
	    {"90d", 60, 90 * DAY, NULL},
	    {"1m", 60, 60, NULL},
	    {"0d", 0, 0, NULL},
	    {"36525d", 0, (time_t)36525 * DAY, NULL},
	    {"59s", 60, 0, "must be from 1m to 36525d"},
	    {"36526d", 60, 0, "must be from 1m to 36525d"},
	    {"36526d", 0, 0, "must be at most 36525d"},
	    {"90", 60, 0, form},
	    {"", 60, 0, form},
	    {"2026-01-01", 60, 0, form},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		time_t seconds = -7;
		const char *fault = sp_argument_period(cases[i].text, cases[i].low, &seconds);

		print_message("  %s\n", cases[i].text);
		if (cases[i].fault == NULL) {
			assert_null(fault);
			assert_int_equal(seconds, cases[i].seconds);
		} else {
			assert_string_equal(fault, cases[i].fault);
			assert_int_equal(seconds, -7);
		}
	}
}

static void a_past_day_has_begun(void **state)
{
	time_t midnight = (time_t)1795564800, time = SP_NO_TIME;

	(void)state;
	assert_null(sp_argument_past_day("2026-11-25", midnight, &time));
	assert_int_equal(time, midnight);
	assert_string_equal(sp_argument_past_day("2026-11-25", midnight - 1, &time),
	    "must be a day that has begun");
	assert_string_equal(sp_argument_past_day("90d", midnight, &time),
	    "must be a day of the calendar as YYYY-MM-DD");
}

static void an_id_is_read_as_people_copy_it(void **state)
{
	static const char rule[] = "must be 8 symbols, or 5, of 0-9 and a-z without i, l, o and u";
	static const char whole[] = "is a whole app password: its id is the first 8 symbols, or 5 "
				    "of a compact one";
	static const struct {
		const char *text, *id, *fault;
	} cases[] = {
	    {"k7qf2m9x", "k7qf2m9x", NULL},
	    {"K7QF-2M9X", "k7qf2m9x", NULL},
	    {"k7qf-2m9x-", "k7qf2m9x", NULL},
	    {"00f24", "00f24", NULL},
	    {"00F2-4", "00f24", NULL},
	    {"", "", rule},
	    {"-", "", rule},
	    {"k7qf", "", rule},
	    {"k7qf2m9", "", rule},
	    {"k7qf2m9x4", "", rule},
	    {"k7qf 2m9x", "", rule},
	    {"k7qf2m9o", "", rule},
	    {"k7qf2m9*", "", rule},
	    {"*)(a=*))", "", rule},
	    {"k7qf-2m9x-4d1h-w8s6-t0ya-b3ne-zc5r", "", whole},
	    {"zyxw-vtsr-qpnm-kjhh", "", whole},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char id[SP_ID_MAX + 1] = "stale";
		const char *fault = sp_argument_id(cases[i].text, id);

		print_message("  %s\n", cases[i].text);
		assert_string_equal(id, cases[i].id);
		if (cases[i].fault == NULL)
			assert_null(fault);
		else
			assert_string_equal(fault, cases[i].fault);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, catch_errors, release_errors)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(options_may_stand_among_operands),
	    TEST(behind_two_dashes_all_are_operands),
	    TEST(help_is_shown_and_ends_the_verb_well),
	    TEST(a_wrong_option_is_told_without_its_value),
	    TEST(too_few_and_too_many_operands_are_told_but_not_shown),
	    TEST(texts_are_printable_bounded_and_without_spaces_at_their_ends),
	    cmocka_unit_test(an_expiry_is_a_time_from_now_or_a_day_to_come),
	    cmocka_unit_test(a_day_is_to_come_until_it_begins),
	    cmocka_unit_test(a_period_is_a_duration_with_its_unit),
	    cmocka_unit_test(a_past_day_has_begun),
	    cmocka_unit_test(an_id_is_read_as_people_copy_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
