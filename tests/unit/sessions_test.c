/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/sessions.h"

#define A        "aaaaaaaa"
#define B        "bbbbbbbb"
#define C        "cccccccc"
#define LIFETIME 100000
#define HOUR     SP_SESSION_ENDED_MS

static struct sp_sessions *sessions;

static int make(void **state)
{
	(void)state;
	sessions = sp_sessions_new(SP_SESSIONS_MAX);
	return sessions == NULL;
}

static int unmake(void **state)
{
	(void)state;
	sp_sessions_free(&sessions);
	return sessions != NULL;
}

static void record(
    const char *address, uint16_t port, const char *login, const char *id, int64_t now)
{
	struct sp_attempt_request request = {.port = port, .tls = SP_TLS_YES, .service = "smtp"};

	snprintf(request.address, sizeof(request.address), "%s", address);
	snprintf(request.login, sizeof(request.login), "%s", login);
	assert_true(sp_sessions_record(sessions, &request, id, now));
}

/* The first symbols of the ids found, newest first; "!" for too many. */
static const char *find(const char *address, uint16_t port, const char *login, int64_t now)
{
	static char found[SP_SESSIONS_FIT_MAX + 1];
	struct sp_session_fit fits[SP_SESSIONS_FIT_MAX];
	size_t count;

	if (!sp_sessions_find(sessions, address, port, login, now, LIFETIME, fits, &count))
		return "!";
	for (size_t i = 0; i < count; i++) {
		found[i] = fits[i].id[0];
		assert_string_equal(fits[i].service, "smtp");
		assert_int_equal(fits[i].tls, SP_TLS_YES);
	}
	found[count] = '\0';
	return found;
}

static void a_port_tells_sessions_apart(void **state)
{
	(void)state;
	record("192.0.2.7", 1000, "alice", A, 0);
	record("192.0.2.7", 1001, "alice", B, 0);
	assert_string_equal(find("192.0.2.7", 1000, "alice", 0), "a");
	assert_string_equal(find("192.0.2.7", 1001, "alice", 0), "b");
	assert_string_equal(find("192.0.2.7", 1002, "alice", 0), "");
	assert_string_equal(find("192.0.2.7", 1000, "bob", 0), "");
	assert_string_equal(find("192.0.2.8", 1000, "alice", 0), "");
	assert_string_equal(find("192.0.2.7", 0, "alice", 0), "");
	assert_string_equal(find("", 1000, "alice", 0), "");
}

static void a_port_that_is_used_again_is_the_last_logins(void **state)
{
	(void)state;
	record("192.0.2.7", 1000, "alice", A, 0);
	record("192.0.2.7", 1000, "alice", B, 1);
	assert_string_equal(find("192.0.2.7", 1000, "alice", 2), "b");
}

static void without_ports_all_that_fit_are_found(void **state)
{
	(void)state;
	record("2001:db8::7", 0, "alice", A, 0);
	record("2001:db8::7", 0, "alice", B, 1);
	record("2001:db8::7", 0, "alice", A, 2);
	record("2001:db8::8", 0, "alice", C, 3);
	assert_string_equal(find("2001:db8::7", 1000, "alice", 4), "ab");
	assert_string_equal(find("2001:DB8:0::7", 1, "ALICE", 4), "ab");
}

static void an_address_is_the_same_however_written(void **state)
{
	(void)state;
	record("::ffff:192.0.2.7", 1000, "alice", A, 0);
	assert_string_equal(find("192.0.2.7", 1000, "alice", 0), "a");
	record("fe80::1%eth0", 1000, "alice", B, 0);
	assert_string_equal(find("fe80::1", 1000, "alice", 0), "b");
}

static void a_later_login_without_a_port_may_be_the_one_with_it(void **state)
{
	(void)state;
	record("192.0.2.7", 0, "alice", A, 0);
	record("192.0.2.7", 1000, "alice", B, 1);
	assert_string_equal(find("192.0.2.7", 1000, "alice", 2), "b");
	record("192.0.2.7", 0, "alice", C, 3);
	assert_string_equal(find("192.0.2.7", 1000, "alice", 4), "cb");
	assert_string_equal(find("192.0.2.7", 1001, "alice", 4), "ca");
}

static void a_login_without_an_address_stands_in_where_no_other_is_known(void **state)
{
	(void)state;
	record("", 0, "alice", A, 0);
	record("NULL", 5, "alice", B, 0);
	assert_string_equal(find("192.0.2.7", 1000, "alice", 1), "ba");
	record("192.0.2.7", 0, "alice", C, 2);
	assert_string_equal(find("192.0.2.7", 1000, "alice", 3), "c");
	assert_string_equal(find("", 0, "alice", 3), "ba");
	assert_string_equal(find("192.0.2.7", 1000, "bob", 3), "");
}

static void what_nobody_asks_for_is_forgotten_and_what_is_used_is_not(void **state)
{
	(void)state;
	record("192.0.2.7", 1000, "alice", A, 0);
	record("192.0.2.7", 1001, "alice", B, 0);
	for (int64_t now = 0; now < 3 * LIFETIME; now += LIFETIME / 2)
		assert_string_equal(find("192.0.2.7", 1000, "alice", now), "a");
	assert_string_equal(find("192.0.2.7", 1001, "alice", 3 * LIFETIME), "");
}

static void more_than_can_be_looked_at_is_not_known(void **state)
{
	char id[SP_ID_MAX + 1];

	(void)state;
	for (int i = 0; i < SP_SESSIONS_FIT_MAX; i++) {
		snprintf(id, sizeof(id), "x%d", i);
		record("192.0.2.7", 0, "alice", id, 0);
	}
	assert_int_equal(strlen(find("192.0.2.7", 1, "alice", 1)), SP_SESSIONS_FIT_MAX);
	record("192.0.2.7", 0, "alice", A, 0);
	assert_string_equal(find("192.0.2.7", 1, "alice", 1), "!");
}

static void the_one_used_longest_ago_makes_room(void **state)
{
	(void)state;
	sp_sessions_free(&sessions);
	sessions = sp_sessions_new(3);
	record("192.0.2.7", 1, "alice", A, 0);
	record("192.0.2.7", 2, "alice", B, 0);
	record("192.0.2.7", 3, "alice", C, 0);
	assert_string_equal(find("192.0.2.7", 1, "alice", 1), "a");
	record("192.0.2.7", 4, "alice", A, 0);
	assert_string_equal(find("192.0.2.7", 2, "alice", 1), "");
	assert_string_equal(find("192.0.2.7", 1, "alice", 1), "a");
	assert_string_equal(find("192.0.2.7", 3, "alice", 1), "c");
	assert_string_equal(find("192.0.2.7", 4, "alice", 1), "a");
}

static void an_ended_credential_stops_others_for_an_hour_and_itself_for_ever(void **state)
{
	int64_t now = 0;

	(void)state;
	record("192.0.2.7", 0, "alice", A, 0);
	record("192.0.2.7", 0, "alice", B, 0);
	sp_sessions_end(sessions, "192.0.2.7", "alice", A, 0);
	for (; now < HOUR; now += LIFETIME / 2)
		assert_string_equal(find("192.0.2.7", 1, "alice", now), "ba");
	sp_sessions_end(
	    sessions, "192.0.2.7", "alice", A, now); /* again: it counts from the first */
	assert_string_equal(find("192.0.2.7", 1, "alice", HOUR + 1), "b");
	sp_sessions_end(sessions, "192.0.2.7", "alice", B, HOUR);
	for (now = HOUR; now < 3 * (int64_t)HOUR; now += LIFETIME / 2)
		assert_string_equal(find("192.0.2.7", 1, "alice", now), "b");
}

static void a_login_without_an_address_ends_too(void **state)
{
	int64_t now = 1;

	(void)state;
	record("", 0, "alice", A, 0);
	record("", 0, "alice", B, 0);
	sp_sessions_end(sessions, "192.0.2.7", "alice", A, now);
	for (; now < HOUR; now += LIFETIME / 2)
		assert_string_equal(find("192.0.2.7", 1, "alice", now), "ba");
	assert_string_equal(find("192.0.2.7", 1, "alice", HOUR + 1), "b");
}

static void an_ended_session_with_a_port_stays_ended(void **state)
{
	(void)state;
	record("192.0.2.7", 1000, "alice", A, 0);
	sp_sessions_end(sessions, "192.0.2.7", "alice", A, 0);
	for (int64_t now = 0; now < 3 * (int64_t)HOUR; now += LIFETIME / 2)
		assert_string_equal(find("192.0.2.7", 1000, "alice", now), "a");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_port_tells_sessions_apart),
	    TEST(a_port_that_is_used_again_is_the_last_logins),
	    TEST(without_ports_all_that_fit_are_found),
	    TEST(an_address_is_the_same_however_written),
	    TEST(a_later_login_without_a_port_may_be_the_one_with_it),
	    TEST(a_login_without_an_address_stands_in_where_no_other_is_known),
	    TEST(what_nobody_asks_for_is_forgotten_and_what_is_used_is_not),
	    TEST(more_than_can_be_looked_at_is_not_known),
	    TEST(the_one_used_longest_ago_makes_room),
	    TEST(an_ended_credential_stops_others_for_an_hour_and_itself_for_ever),
	    TEST(a_login_without_an_address_ends_too),
	    TEST(an_ended_session_with_a_port_stays_ended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
