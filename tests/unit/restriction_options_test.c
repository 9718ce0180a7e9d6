/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tool/restriction_options.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* verbs.c's */
void sp_verb_help(const struct sp_verb *verb)
{
	(void)verb;
}

static const struct sp_verb verb = {.name = "try", .synopsis = ""};

static char told[1024];

/* Reads the words behind the verb, whatever else they are; what was told is in told. */
static bool take(char **words, struct sp_restrictions *given)
{
	static const struct option options[] = {SP_RESTRICTION_OPTIONS, SP_OPTIONS_OF_EVERY_VERB};
	char *argv[16] = {"try"};
	struct sp_run run = {.verb = &verb, .argc = 1, .argv = argv};
	FILE *standard_error = stderr;
	enum sp_exit status;
	bool ok = true;

	for (; words[run.argc - 1] != NULL; run.argc++)
		argv[run.argc] = words[run.argc - 1];
	memset(told, 0, sizeof(told));
	stderr = fmemopen(told, sizeof(told), "w");
	assert_non_null(stderr);
	optind = 0;
	for (int option; ok && (option = sp_next_option(&run, options, &status)) != SP_OPTIONS_END;)
		ok = option != 0 && sp_take_restriction(&run, option, given);
	fclose(stderr);
	stderr = standard_error;
	return ok;
}

static void every_option_fills_its_own_list_in_its_order(void **state)
{
	struct sp_restrictions given = {0};
	char *words[] = {"--login", "a", "--service", "smtp", "--network", "192.0.2.0/24",
	    "--sender", "@example.org", "--rate", "100/1h", "--require-tls", "--service", "submit",
	    NULL};

	(void)state;
	assert_true(take(words, &given));
	assert_string_equal(told, "");
	assert_string_equal(given.logins[0], "a");
	assert_string_equal(given.services[0], "smtp");
	assert_string_equal(given.services[1], "submit");
	assert_null(given.services[2]);
	assert_string_equal(given.networks[0], "192.0.2.0/24");
	assert_string_equal(given.senders[0], "@example.org");
	assert_string_equal(given.rates[0], "100/1h");
	assert_true(given.tls_required);
	sp_restrictions_clear(&given);
	assert_null(given.services);
	assert_false(given.tls_required);
}

static void what_is_not_given_is_absent(void **state)
{
	struct sp_restrictions given = {0};
	char *words[] = {NULL};

	(void)state;
	assert_true(take(words, &given));
	assert_null(given.logins);
	assert_null(given.services);
	assert_null(given.networks);
	assert_null(given.senders);
	assert_null(given.rates);
	assert_false(given.tls_required);
}

static void a_wrong_value_is_told_with_its_option(void **state)
{
	static const struct {
		char *words[7];
		const char *part;
	} cases[] = {
	    {{"--login", " a"}, "try: --login must have no spaces at its ends"},
	    {{"--service", ""}, "try: --service must not be empty"},
	    {{"--network", "10.0.0.1/8"}, "try: --network 10.0.0.1/8 is neither"},
	    {{"--sender", "alice"}, "try: --sender alice is neither"},
	    {{"--rate", "many"}, "try: --rate many is neither"},
	    {{"--service", "smtp", "--service", "SMTP"}, "try: --service SMTP is given twice"},
	    {{"--rate", "1/1h", "--rate", "1/1h"}, "try: --rate 1/1h is given twice"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sp_restrictions given = {0};

		print_message("  %s %s\n", cases[i].words[0], cases[i].words[1]);
		assert_false(take((char **)cases[i].words, &given));
		assert_non_null(strstr(told, cases[i].part));
		sp_restrictions_clear(&given);
	}
}

static void one_rate_too_many_is_told(void **state)
{
	struct sp_restrictions given = {0};
	char *words[] = {"--rate=1/1h", "--rate=2/1h", "--rate=3/1h", "--rate=4/1h", "--rate=5/1h",
	    "--rate=6/1h", "--rate=7/1h", "--rate=8/1h", NULL, NULL};

	(void)state;
	assert_true(take(words, &given));
	sp_restrictions_clear(&given);
	words[8] = "--rate=9/1h";
	assert_false(take(words, &given));
	assert_non_null(strstr(told, "--rate is given more than 8 times"));
	sp_restrictions_clear(&given);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_option_fills_its_own_list_in_its_order),
	    cmocka_unit_test(what_is_not_given_is_absent),
	    cmocka_unit_test(a_wrong_value_is_told_with_its_option),
	    cmocka_unit_test(one_rate_too_many_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
