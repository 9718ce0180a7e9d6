/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/auth_exchange.h"

/* "\0bob\0pw", "bob", "pw", "alice\0bob\0pw" in base64 */
#define PLAIN_BOB   "AGJvYgBwdw=="
#define LOGIN_BOB   "Ym9i"
#define LOGIN_PW    "cHc="
#define PLAIN_ALICE "YWxpY2UAYm9iAHB3"

struct talk {
	struct sp_auth_exchange *exchange;
	char bytes[SP_LINE_MAX];
	struct sp_text out;
	uint32_t id;
	struct sp_attempt_request request;
	const char *why;
};

static int set_up(void **state)
{
	static struct talk talk;

	talk.exchange = sp_auth_exchange_new();
	*state = &talk;
	return talk.exchange == NULL;
}

static int tear_down(void **state)
{
	struct talk *talk = *state;

	sp_auth_exchange_free(&talk->exchange);
	return talk->exchange != NULL;
}

static enum sp_exchange_step say_n(struct talk *talk, const char *line, size_t length)
{
	sp_text_init(&talk->out, talk->bytes, sizeof(talk->bytes));
	return sp_auth_exchange_line(
	    talk->exchange, line, length, &talk->out, &talk->id, &talk->request, &talk->why);
}

static enum sp_exchange_step say(struct talk *talk, const char *line)
{
	return say_n(talk, line, strlen(line));
}

static void assert_attempt(const struct talk *talk, uint32_t id, const char *mechanism)
{
	assert_int_equal(talk->id, id);
	assert_null(talk->request.malformed);
	assert_string_equal(talk->request.login, "bob");
	assert_string_equal(talk->request.password.bytes, "pw");
	assert_string_equal(talk->request.mechanism, mechanism);
}

static void plain_with_its_response_is_an_attempt(void **state)
{
	struct talk *talk = *state;

	assert_int_equal(say(talk, "VERSION\t1\t0"), SP_EXCHANGE_NOTHING);
	assert_int_equal(say(talk, "CPID\t77"), SP_EXCHANGE_NOTHING);
	assert_int_equal(say(talk, "AUTH\t7\tPLAIN\tservice=smtp\tnologin\tlip=::1\trip=192.0.2.7\t"
				   "secured\tresp=" PLAIN_BOB),
	    SP_EXCHANGE_ATTEMPT);
	assert_attempt(talk, 7, "PLAIN");
	assert_string_equal(talk->request.service, "smtp");
	assert_string_equal(talk->request.address, "192.0.2.7");
	assert_int_equal(talk->request.tls, SP_TLS_YES);
	assert_string_equal(talk->bytes, "");
}

static void a_client_that_says_nothing_of_tls_is_known_or_unknown(void **state)
{
	struct talk *talk = *state;

	assert_int_equal(say(talk, "AUTH\t1\tPLAIN\tresp=" PLAIN_BOB), SP_EXCHANGE_ATTEMPT);
	assert_int_equal(talk->request.tls, SP_TLS_NO);
	assert_int_equal(say(talk, "VERSION\t1\t2"), SP_EXCHANGE_NOTHING);
	assert_int_equal(say(talk, "AUTH\t2\tPLAIN\tresp=" PLAIN_BOB), SP_EXCHANGE_ATTEMPT);
	assert_int_equal(talk->request.tls, SP_TLS_UNKNOWN);
}

static void plain_without_a_response_is_asked_for_it(void **state)
{
	struct talk *talk = *state;
	/* An old client's empty resp= means that there was none. */
	static const char *const openings[] = {
	    "AUTH\t7\tPLAIN\tservice=smtp", "AUTH\t7\tPLAIN\tresp=", "AUTH\t7\tPLAIN\tresp=="};

	for (size_t i = 0; i < sizeof(openings) / sizeof(openings[0]); i++) {
		assert_int_equal(say(talk, openings[i]), SP_EXCHANGE_NOTHING);
		assert_string_equal(talk->bytes, "CONT\t7\t\n");
		assert_int_equal(say(talk, "CONT\t7\t" PLAIN_BOB), SP_EXCHANGE_ATTEMPT);
		assert_attempt(talk, 7, "PLAIN");
	}
}

static void login_is_asked_for_both_fields_or_one(void **state)
{
	struct talk *talk = *state;

	assert_int_equal(say(talk, "AUTH\t1\tLOGIN\tservice=smtp"), SP_EXCHANGE_NOTHING);
	assert_string_equal(talk->bytes, "CONT\t1\tVXNlcm5hbWU6\n");
	assert_int_equal(say(talk, "CONT\t1\t" LOGIN_BOB), SP_EXCHANGE_NOTHING);
	assert_string_equal(talk->bytes, "CONT\t1\tUGFzc3dvcmQ6\n");
	assert_int_equal(say(talk, "CONT\t1\t" LOGIN_PW), SP_EXCHANGE_ATTEMPT);
	assert_attempt(talk, 1, "LOGIN");

	assert_int_equal(say(talk, "AUTH\t2\tLOGIN\tresp=" LOGIN_BOB), SP_EXCHANGE_NOTHING);
	assert_int_equal(say(talk, "CONT\t2\t" LOGIN_PW), SP_EXCHANGE_ATTEMPT);
	assert_attempt(talk, 2, "LOGIN");
}

static void exchanges_of_one_connection_do_not_mix(void **state)
{
	struct talk *talk = *state;

	assert_int_equal(say(talk, "AUTH\t1\tLOGIN\tservice=one"), SP_EXCHANGE_NOTHING);
	assert_int_equal(say(talk, "AUTH\t2\tLOGIN\tservice=two"), SP_EXCHANGE_NOTHING);
	assert_int_equal(say(talk, "CONT\t1\t" LOGIN_BOB), SP_EXCHANGE_NOTHING);
	assert_int_equal(say(talk, "CONT\t2\t***"), SP_EXCHANGE_ATTEMPT);
	assert_non_null(talk->request.malformed);
	assert_string_equal(talk->request.service, "two");
	assert_int_equal(say(talk, "CONT\t1\t" LOGIN_PW), SP_EXCHANGE_ATTEMPT);
	assert_attempt(talk, 1, "LOGIN");
	assert_string_equal(talk->request.service, "one");
}

static void what_cannot_be_read_is_malformed_for_its_id_alone(void **state)
{
	static const char *const lines[] = {
	    "AUTH\t9\tPLAIN\tresp=!!!!",
	    "AUTH\t9\tPLAIN\tresp=" PLAIN_ALICE,
	    "AUTH\t9\tPLAIN\tresp=" PLAIN_BOB "\tsecured",
	    "AUTH\t9\tCRAM-MD5\tservice=smtp",
	    "AUTH\t9\tLOGIN\tresp=AA==",
	    "CONT\t9\t" LOGIN_BOB,
	};
	struct talk *talk = *state;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_int_equal(say(talk, lines[i]), SP_EXCHANGE_ATTEMPT);
		assert_int_equal(talk->id, 9);
		assert_non_null(talk->request.malformed);
	}
	assert_int_equal(say(talk, "AUTH\t9\tPLAIN\tresp=" PLAIN_BOB), SP_EXCHANGE_ATTEMPT);
	assert_attempt(talk, 9, "PLAIN");
}

static void a_line_over_the_limit_is_refused_though_its_start_reads_well(void **state)
{
	struct talk *talk = *state;
	static char line[SP_LINE_MAX + 1];
	const char start[] = "AUTH\t5\tPLAIN\tservice=smtp\tx=";

	memset(line, 'x', sizeof(line));
	memcpy(line, start, sizeof(start) - 1);
	memcpy(line + sizeof(line) - strlen("\tresp=" PLAIN_BOB), "\tresp=" PLAIN_BOB,
	    strlen("\tresp=" PLAIN_BOB));
	assert_int_equal(say_n(talk, line, sizeof(line)), SP_EXCHANGE_ATTEMPT);
	assert_int_equal(talk->id, 5);
	assert_non_null(talk->request.malformed);
}

static void a_peer_that_speaks_something_else_is_closed(void **state)
{
	static const char *const lines[] = {
	    "VERSION\t2\t0", "VERSION\tx", "AUTH\tx\tPLAIN", "AUTH", "CONT\t\tYQ=="};
	struct talk *talk = *state;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_int_equal(say(talk, lines[i]), SP_EXCHANGE_CLOSE);
		assert_non_null(talk->why);
	}
	assert_int_equal(say(talk, "AUTH\t1\tLOGIN"), SP_EXCHANGE_NOTHING);
	assert_int_equal(say(talk, "AUTH\t1\tLOGIN"), SP_EXCHANGE_CLOSE);
}

static void unknown_commands_and_cancelled_exchanges_are_quiet(void **state)
{
	struct talk *talk = *state;

	assert_int_equal(say(talk, "NEWS\twhatever"), SP_EXCHANGE_NOTHING);
	assert_int_equal(say(talk, "AUTH\t3\tLOGIN"), SP_EXCHANGE_NOTHING);
	assert_int_equal(say(talk, "CANCEL\t3"), SP_EXCHANGE_NOTHING);
	assert_string_equal(talk->bytes, "");
	assert_int_equal(say(talk, "AUTH\t3\tLOGIN"), SP_EXCHANGE_NOTHING);
}

static void forgotten_exchanges_do_not_pile_up(void **state)
{
	struct talk *talk = *state;
	char line[64];

	for (unsigned id = 1; id <= 1000; id++) {
		snprintf(line, sizeof(line), "AUTH\t%u\tLOGIN", id);
		assert_int_equal(say(talk, line), SP_EXCHANGE_NOTHING);
	}
	assert_int_equal(say(talk, "CONT\t1\t" LOGIN_BOB), SP_EXCHANGE_ATTEMPT);
	assert_non_null(talk->request.malformed);
	assert_int_equal(say(talk, "CONT\t1000\t" LOGIN_BOB), SP_EXCHANGE_NOTHING);
}

static void answers_say_yes_no_and_later_as_the_client_can_hear_it(void **state)
{
	static const struct {
		const char *name, *version;
		enum sp_result result;
		bool kept;
		const char *text;
	} cases[] = {
	    {"yes", "VERSION\t1\t0", SP_GRANTED, true, "OK\t4\tuser=bob\n"},
	    {"no", "VERSION\t1\t0", SP_DENIED, true, "FAIL\t4\n"},
	    {"later, by closing", "VERSION\t1\t1", SP_UNAVAILABLE, false, ""},
	    {"later, in words", "VERSION\t1\t2", SP_UNAVAILABLE, true,
		"FAIL\t4\tcode=temp_fail\ttemp\n"},
	};
	struct talk *talk = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(say(talk, cases[i].version), SP_EXCHANGE_NOTHING);
		bool kept =
		    sp_auth_exchange_answer(talk->exchange, 4, "bob", cases[i].result, &talk->out);
		if (kept != cases[i].kept || strcmp(talk->bytes, cases[i].text) != 0)
			fail_msg("%s: kept %d, \"%s\"", cases[i].name, kept, talk->bytes);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(plain_with_its_response_is_an_attempt),
	    TEST(a_client_that_says_nothing_of_tls_is_known_or_unknown),
	    TEST(plain_without_a_response_is_asked_for_it),
	    TEST(login_is_asked_for_both_fields_or_one),
	    TEST(exchanges_of_one_connection_do_not_mix),
	    TEST(what_cannot_be_read_is_malformed_for_its_id_alone),
	    TEST(a_line_over_the_limit_is_refused_though_its_start_reads_well),
	    TEST(a_peer_that_speaks_something_else_is_closed),
	    TEST(unknown_commands_and_cancelled_exchanges_are_quiet),
	    TEST(forgotten_exchanges_do_not_pile_up),
	    TEST(answers_say_yes_no_and_later_as_the_client_can_hear_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
