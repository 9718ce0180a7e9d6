/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <event2/event.h>

#include "daemon/attempt_log.h"
#include "daemon/generation.h"
#include "daemon/policy_log.h"
#include "lib/base/log_reader.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define MANY         5000

/* What the lines that came told. */
static struct {
	size_t lines;    /* of refusals and grants */
	size_t attempts; /* with those that `repeats` tells of */
	size_t with_repeats, limited, left_out, guesses;
	char last[SP_LOG_LINE_MAX];
} told;

static struct sp_conf conf;
static struct sp_generation generation = {.conf = &conf, .references = 1};
static struct sp_generations *generations;
static struct event_base *base;
static struct sp_log_fold *fold;

/* The number of a pair of the line, or 0. */
static size_t number_in(const char *line, const char *key)
{
	struct sp_log_pair pair;

	while (sp_log_read_pair(&line, &pair)) {
		if (strcmp(pair.key, key) == 0)
			return strtoul(pair.value, NULL, 10);
	}
	assert_string_equal(line, "");
	return 0;
}

static void take_line(enum sp_log_level level, const char *line, void *context)
{
	(void)level;
	(void)context;
	snprintf(told.last, sizeof(told.last), "%s", line);
	if (strncmp(line, "event=log_limited ", 18) == 0) {
		told.limited++;
		told.left_out += number_in(line, "count");
		told.guesses += number_in(line, "guesses");
		return;
	}
	size_t repeats = number_in(line, "repeats");
	told.lines++;
	told.attempts += repeats > 0 ? repeats : 1;
	told.with_repeats += repeats > 0;
}

static int set_up(void **state)
{
	(void)state;
	conf.log_fold_repeats = true;
	conf.log_refused_per_second = 200;
	memset(&told, 0, sizeof(told));
	sp_log_set_sink(take_line, NULL, SP_LOG_DEBUG);
	fold = sp_log_fold_new(base, generations);
	return fold == NULL;
}

static int tear_down(void **state)
{
	(void)state;
	sp_log_fold_free(&fold);
	return fold != NULL;
}

static int set_up_all(void **state)
{
	(void)state;
	base = event_base_new();
	generations = sp_generations_new(&generation);
	return base == NULL || generations == NULL;
}

static int tear_down_all(void **state)
{
	(void)state;
	event_base_free(base);
	return 0;
}

/* Until nothing is waited for. */
static void let_the_second_end(void)
{
	assert_true(event_base_dispatch(base) >= 0);
}

/* ---- attempts ---- */

static struct sp_attempt_request request;

static struct sp_attempt_record refusal(void)
{
	request = (struct sp_attempt_request){
	    .login = "alice", .address = "192.0.2.7", .service = "smtp", .mechanism = "PLAIN"};
	return (struct sp_attempt_record){.reason = SP_REASON_REVOKED,
	    .door = SP_LOGIN_DOOR_AUTH,
	    .request = &request,
	    .id = "k7qf2m9x",
	    .detail = "as it is"};
}

static void try(struct sp_attempt_record *record)
{
	request.port = (uint16_t)(request.port % 60000 + 1);
	record->took_us += 100;
	sp_attempt_log(fold, record);
}

static void equal_refusals_are_two_lines_that_count_all(void **state)
{
	struct sp_attempt_record record = refusal();

	(void)state;
	try(&record);
	assert_string_equal(told.last,
	    "event=auth result=denied reason=revoked door=auth service=smtp mech=PLAIN "
	    "ip=192.0.2.7 port=1 ms=0.1 detail=\"as it is\" id=k7qf2m9x login=alice");
	for (int i = 1; i < MANY; i++)
		try(&record);
	assert_int_equal(told.lines, 1);
	let_the_second_end();
	assert_int_equal(told.lines, 2);
	assert_int_equal(told.attempts, MANY);
	assert_string_equal(told.last,
	    "event=auth result=denied reason=revoked door=auth service=smtp mech=PLAIN "
	    "ip=192.0.2.7 detail=\"as it is\" id=k7qf2m9x login=alice repeats=4999");
	assert_int_equal(told.limited, 0);
}

static void a_refusal_that_is_alone_is_one_line_and_the_next_second_is_another(void **state)
{
	struct sp_attempt_record record = refusal();

	(void)state;
	for (size_t second = 1; second <= 2; second++) {
		try(&record);
		assert_int_equal(told.lines, second);
		let_the_second_end();
		assert_int_equal(told.lines, second);
	}
}

/* Each makes it another refusal than the one before. */
static void vary(struct sp_attempt_record *record, size_t kind)
{
	static const struct sp_credential credential = {.owner = "uid=bob", .label = "fax"};

	switch (kind) {
	case 0:
		record->reason = SP_REASON_DIRECTORY_DOWN;
		break;
	case 1:
		record->guess = SP_GUESS_REPEATED;
		break;
	case 2:
		record->detail = "otherwise";
		break;
	case 3:
		record->door = SP_LOGIN_DOOR_SASLAUTHD;
		break;
	case 4:
		record->id = "k7qf2m9y";
		break;
	case 5:
		record->credential = &credential;
		break;
	case 6:
		memcpy(request.address, "192.0.2.8", 10);
		break;
	case 7:
		memcpy(request.login, "bob", 4);
		break;
	case 8:
		memcpy(request.service, "imap", 5);
		break;
	default:
		memcpy(request.mechanism, "LOGIN", 6);
	}
}

static void whatever_else_differs_is_not_folded(void **state)
{
	struct sp_attempt_record record = refusal();

	(void)state;
	try(&record);
	for (size_t kind = 0; kind < 10; kind++) {
		vary(&record, kind);
		try(&record);
		assert_int_equal(told.lines, kind + 2);
	}
	let_the_second_end();
	assert_int_equal(told.lines, 11);
}

static void each_new_guess_has_its_line(void **state)
{
	struct sp_attempt_record record = refusal();

	(void)state;
	record.reason = SP_REASON_BAD_SECRET;
	record.guess = SP_GUESS_NEW;
	for (size_t i = 1; i <= 150; i++) {
		try(&record);
		assert_int_equal(told.lines, i);
		assert_non_null(strstr(told.last, " guess=new "));
	}
	let_the_second_end();
	assert_int_equal(told.lines, 150);
}

static void no_grant_is_folded_or_left_out(void **state)
{
	struct sp_attempt_record record = refusal();

	(void)state;
	record.reason = SP_REASON_OK;
	for (int i = 0; i < MANY; i++)
		try(&record);
	assert_int_equal(told.lines, MANY);
	assert_int_equal(event_base_dispatch(base), 1); /* nothing is waited for */
}

/* Different refusals, of which none can be folded. */
static void flood(struct sp_attempt_record *record, int count)
{
	for (int i = 0; i < count; i++) {
		snprintf(request.login, sizeof(request.login), "login %d", i);
		try(record);
	}
}

static void what_is_over_the_bound_is_counted(void **state)
{
	struct sp_attempt_record record = refusal();

	(void)state;
	flood(&record, 1000);
	assert_int_equal(told.lines, 100);
	record.guess = SP_GUESS_NEW; /* for which there is room still */
	flood(&record, 1000);
	assert_int_equal(told.lines, 200);
	record.reason = SP_REASON_OK;
	record.guess = SP_GUESS_UNCOUNTED;
	try(&record);
	assert_int_equal(told.lines, 201);
	let_the_second_end();
	assert_int_equal(told.lines, 201);
	assert_int_equal(told.limited, 1);
	assert_int_equal(told.left_out, 1800);
	assert_int_equal(told.guesses, 900);
	assert_string_equal(told.last, "event=log_limited count=1800 guesses=900");
	record.reason = SP_REASON_REVOKED; /* and the next second has its own */
	flood(&record, 100);
	assert_int_equal(told.lines, 301);
}

static void the_lines_of_repeats_are_within_the_bound(void **state)
{
	struct sp_attempt_record record = refusal();

	(void)state;
	for (int i = 0; i < 40; i++)
		flood(&record, 80);
	let_the_second_end();
	assert_int_equal(told.lines, 100);
	assert_int_equal(told.with_repeats, 20);
	assert_int_equal(told.attempts + told.left_out, 40 * 80);
}

static void without_a_bound_and_folding_each_has_its_line(void **state)
{
	struct sp_attempt_record record = refusal();

	(void)state;
	conf.log_fold_repeats = false;
	conf.log_refused_per_second = 0;
	for (int i = 0; i < MANY; i++)
		try(&record);
	assert_int_equal(told.lines, MANY);
	let_the_second_end();
	assert_int_equal(told.lines, MANY);
}

static void the_end_writes_what_was_counted(void **state)
{
	struct sp_attempt_record record = refusal();

	(void)state;
	for (int i = 0; i < 10; i++)
		try(&record);
	sp_log_fold_free(&fold);
	assert_null(fold);
	assert_int_equal(told.attempts, 10);
	assert_int_equal(told.with_repeats, 1);
	assert_int_equal(set_up(state), 0);
}

/* ---- the policy door ---- */

static void refusals_of_the_policy_door_are_folded_and_messages_are_not(void **state)
{
	struct sp_policy_request asked = {.state = "RCPT",
	    .client_address = "192.0.2.7",
	    .login = "alice",
	    .sender = "alice@example.org",
	    .recipient = "bob@example.net"};
	struct sp_policy_record record = {.reason = SP_REASON_RATE_LIMITED};

	(void)state;
	for (uint16_t port = 1; port <= 100; port++) {
		asked.client_port = port;
		sp_policy_log(fold, &asked, &record);
	}
	assert_int_equal(told.lines, 1);
	assert_non_null(strstr(told.last, " port=1 "));
	memcpy(asked.recipient, "eve@example.net", sizeof("eve@example.net"));
	sp_policy_log(fold, &asked, &record);
	assert_int_equal(told.lines, 2);
	record.reason = SP_REASON_OK;
	for (int i = 0; i < 100; i++)
		sp_policy_log(fold, &asked, &record);
	let_the_second_end();
	assert_int_equal(told.attempts, 201);
	assert_int_equal(told.with_repeats, 1);
	assert_string_equal(told.last,
	    "event=policy result=denied reason=rate_limited stage=RCPT ip=192.0.2.7 login=alice "
	    "sender=alice@example.org recipient=bob@example.net repeats=99");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		equal_refusals_are_two_lines_that_count_all, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		a_refusal_that_is_alone_is_one_line_and_the_next_second_is_another, set_up,
		tear_down),
	    cmocka_unit_test_setup_teardown(whatever_else_differs_is_not_folded, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(each_new_guess_has_its_line, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(no_grant_is_folded_or_left_out, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(what_is_over_the_bound_is_counted, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		the_lines_of_repeats_are_within_the_bound, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		without_a_bound_and_folding_each_has_its_line, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(the_end_writes_what_was_counted, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		refusals_of_the_policy_door_are_folded_and_messages_are_not, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, set_up_all, tear_down_all);
}
