/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "lib/policy/throttle.h"

#define NOW    1000000
#define PERIOD 60000

static struct sp_throttle_limits limits = {.per_address = 5, .per_login = 3, .period_ms = PERIOD};

static int set_up(void **state)
{
	*state = sp_throttle_new();
	return *state == NULL;
}

static int tear_down(void **state)
{
	sp_throttle_free((struct sp_throttle **)state);
	return *state != NULL;
}

static struct sp_throttle_subject subject_of(
    struct sp_throttle *throttle, const char *address, const char *login, int password)
{
	struct sp_attempt_request request = {.port = 0};
	struct sp_throttle_subject subject;

	snprintf(request.address, sizeof(request.address), "%s", address);
	snprintf(request.login, sizeof(request.login), "%s", login);
	request.password.length = (size_t)snprintf(
	    request.password.bytes, sizeof(request.password.bytes), "guess %d", password);
	sp_throttle_describe(throttle, &limits, &request, &subject);
	return subject;
}

static void guess(struct sp_throttle *throttle, const char *address, const char *login, int first,
    int count, int64_t now)
{
	for (int i = 0; i < count; i++) {
		struct sp_throttle_subject subject =
		    subject_of(throttle, address, login, first + i);
		sp_throttle_failed(throttle, &limits, &subject, now);
	}
}

static bool is_held(
    struct sp_throttle *throttle, const char *address, const char *login, int64_t now)
{
	struct sp_throttle_subject subject = subject_of(throttle, address, login, 0);

	return sp_throttle_holds(throttle, &limits, &subject, now);
}

static void a_guesser_is_held_at_the_limit_of_the_login(void **state)
{
	struct sp_throttle *throttle = *state;

	assert_false(is_held(throttle, "192.0.2.7", "bob", NOW));
	guess(throttle, "192.0.2.7", "bob", 1, 2, NOW);
	assert_false(is_held(throttle, "192.0.2.7", "bob", NOW));
	guess(throttle, "192.0.2.7", "bob", 3, 1, NOW);
	assert_true(is_held(throttle, "192.0.2.7", "bob", NOW));
	assert_true(is_held(throttle, "192.0.2.7", "BOB", NOW));
	assert_false(is_held(throttle, "192.0.2.7", "alice", NOW));
}

static void a_guesser_of_many_logins_is_held_at_the_limit_of_the_address(void **state)
{
	struct sp_throttle *throttle = *state;
	char login[16];

	for (int i = 0; i < 5; i++) {
		assert_false(is_held(throttle, "192.0.2.7", "bob", NOW));
		snprintf(login, sizeof(login), "user%d", i);
		guess(throttle, "192.0.2.7", login, 1, 1, NOW);
	}
	assert_true(is_held(throttle, "192.0.2.7", "bob", NOW));
	assert_true(is_held(throttle, "::ffff:192.0.2.7", "bob", NOW));
}

static void the_owner_elsewhere_is_not_locked_out(void **state)
{
	struct sp_throttle *throttle = *state;

	guess(throttle, "192.0.2.7", "bob", 1, 1000, NOW);
	assert_true(is_held(throttle, "192.0.2.7", "bob", NOW));
	assert_false(is_held(throttle, "192.0.2.8", "bob", NOW));
	assert_false(is_held(throttle, "2001:db8::1", "bob", NOW));
}

static void addresses_of_one_64_count_together(void **state)
{
	struct sp_throttle *throttle = *state;

	guess(throttle, "2001:db8:1:2::1", "bob", 1, 2, NOW);
	guess(throttle, "2001:db8:1:2:3:4:5:6", "bob", 3, 1, NOW);
	assert_true(is_held(throttle, "2001:db8:1:2:ffff::", "bob", NOW));
	assert_false(is_held(throttle, "2001:db8:1:3::1", "bob", NOW));
}

static void one_wrong_password_counts_once_however_often_it_comes(void **state)
{
	struct sp_throttle *throttle = *state;

	for (int i = 0; i < 1000; i++)
		guess(throttle, "192.0.2.7", "bob", 1, 1, NOW + i);
	assert_false(is_held(throttle, "192.0.2.7", "bob", NOW + 1000));
	assert_false(is_held(throttle, "192.0.2.7", "alice", NOW + 1000));
	guess(throttle, "192.0.2.7", "bob", 2, 2, NOW + 1000);
	assert_true(is_held(throttle, "192.0.2.7", "bob", NOW + 1000));
}

static enum sp_guess guess_once(
    struct sp_throttle *throttle, const char *address, const char *login, int password)
{
	struct sp_throttle_subject subject = subject_of(throttle, address, login, password);

	return sp_throttle_failed(throttle, &limits, &subject, NOW);
}

static void a_repeated_password_is_told_from_a_guess(void **state)
{
	struct sp_throttle *throttle = *state;
	struct sp_throttle_subject right = subject_of(throttle, "192.0.2.7", "bob", 9);

	assert_int_equal(guess_once(throttle, "192.0.2.7", "bob", 1), SP_GUESS_NEW);
	assert_int_equal(guess_once(throttle, "192.0.2.7", "bob", 1), SP_GUESS_REPEATED);
	assert_int_equal(guess_once(throttle, "192.0.2.7", "BOB", 1), SP_GUESS_REPEATED);
	assert_int_equal(guess_once(throttle, "192.0.2.7", "alice", 1), SP_GUESS_NEW);
	assert_int_equal(guess_once(throttle, "192.0.2.8", "bob", 1), SP_GUESS_NEW);
	assert_int_equal(guess_once(throttle, "192.0.2.7", "bob", 2), SP_GUESS_NEW);
	assert_int_equal(guess_once(throttle, "192.0.2.7", "bob", 2), SP_GUESS_REPEATED);
	sp_throttle_passed(throttle, &right);
	assert_int_equal(guess_once(throttle, "192.0.2.7", "bob", 2), SP_GUESS_NEW);
}

static void a_repeated_password_is_told_though_nothing_is_limited(void **state)
{
	struct sp_throttle *throttle = *state;
	const struct sp_throttle_limits before = limits;

	limits.per_address = limits.per_login = 0;
	assert_int_equal(guess_once(throttle, "192.0.2.7", "bob", 1), SP_GUESS_NEW);
	assert_int_equal(guess_once(throttle, "192.0.2.7", "bob", 1), SP_GUESS_REPEATED);
	limits = before;
}

static void failures_are_forgotten_one_by_one(void **state)
{
	struct sp_throttle *throttle = *state;
	const int64_t each = PERIOD / 3;

	guess(throttle, "192.0.2.7", "bob", 1, 3, NOW);
	assert_true(is_held(throttle, "192.0.2.7", "bob", NOW + each - 1));
	assert_false(is_held(throttle, "192.0.2.7", "bob", NOW + each));
	guess(throttle, "192.0.2.7", "bob", 4, 1, NOW + each);
	assert_true(is_held(throttle, "192.0.2.7", "bob", NOW + each));
	guess(throttle, "192.0.2.7", "bob", 5, 2, NOW + 10 * PERIOD);
	assert_false(is_held(throttle, "192.0.2.7", "bob", NOW + 10 * PERIOD));
}

static void a_right_password_makes_good_for_its_login(void **state)
{
	struct sp_throttle *throttle = *state;
	struct sp_throttle_subject subject = subject_of(throttle, "192.0.2.7", "bob", 9);

	guess(throttle, "192.0.2.7", "bob", 1, 2, NOW);
	sp_throttle_passed(throttle, &subject);
	guess(throttle, "192.0.2.7", "bob", 3, 2, NOW);
	assert_false(is_held(throttle, "192.0.2.7", "bob", NOW));
	guess(throttle, "192.0.2.7", "bob", 5, 1, NOW);
	assert_true(is_held(throttle, "192.0.2.7", "alice", NOW)); /* 5 by the address */
}

static void exempt_and_unknown_addresses_are_not_counted(void **state)
{
	struct sp_throttle *throttle = *state;
	struct sp_network exempt;

	assert_true(sp_network_parse("198.51.100.0/24", &exempt));
	limits.exempt = &exempt;
	limits.exempt_count = 1;
	guess(throttle, "198.51.100.7", "bob", 1, 100, NOW);
	guess(throttle, "", "bob", 1, 100, NOW);
	assert_int_equal(guess_once(throttle, "198.51.100.7", "bob", 1), SP_GUESS_UNCOUNTED);
	assert_int_equal(guess_once(throttle, "", "bob", 1), SP_GUESS_UNCOUNTED);
	assert_false(is_held(throttle, "198.51.100.7", "bob", NOW));
	assert_false(is_held(throttle, "", "bob", NOW));
	limits.exempt_count = 0;
}

static void a_limit_of_zero_is_none(void **state)
{
	struct sp_throttle *throttle = *state;
	const struct sp_throttle_limits before = limits;

	limits.per_address = limits.per_login = 0;
	guess(throttle, "192.0.2.7", "bob", 1, 1000, NOW);
	assert_false(is_held(throttle, "192.0.2.7", "bob", NOW));
	limits = before;
}

static void one_wrong_password_counts_once_for_the_address_alone_too(void **state)
{
	struct sp_throttle *throttle = *state;
	const struct sp_throttle_limits before = limits;

	limits.per_login = 0;
	for (int i = 0; i < 100; i++)
		guess(throttle, "192.0.2.7", "bob", 1, 1, NOW);
	assert_false(is_held(throttle, "192.0.2.7", "bob", NOW));
	guess(throttle, "192.0.2.7", "bob", 2, 4, NOW);
	assert_true(is_held(throttle, "192.0.2.7", "bob", NOW));
	limits = before;
}

static void a_flood_of_addresses_does_not_free_who_failed_most(void **state)
{
	struct sp_throttle *throttle = *state;
	char address[32];

	guess(throttle, "192.0.2.7", "bob", 1, 3, NOW);
	for (int i = 0; i < 20000; i++) {
		snprintf(
		    address, sizeof(address), "10.%d.%d.%d", i >> 16 & 255, i >> 8 & 255, i & 255);
		guess(throttle, address, "bob", 1, 1, NOW);
	}
	assert_true(is_held(throttle, "192.0.2.7", "bob", NOW));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(a_guesser_is_held_at_the_limit_of_the_login),
	    TEST(a_guesser_of_many_logins_is_held_at_the_limit_of_the_address),
	    TEST(the_owner_elsewhere_is_not_locked_out),
	    TEST(addresses_of_one_64_count_together),
	    TEST(one_wrong_password_counts_once_however_often_it_comes),
	    TEST(a_repeated_password_is_told_from_a_guess),
	    TEST(a_repeated_password_is_told_though_nothing_is_limited),
	    TEST(failures_are_forgotten_one_by_one),
	    TEST(a_right_password_makes_good_for_its_login),
	    TEST(exempt_and_unknown_addresses_are_not_counted),
	    TEST(a_limit_of_zero_is_none),
	    TEST(one_wrong_password_counts_once_for_the_address_alone_too),
	    TEST(a_flood_of_addresses_does_not_free_who_failed_most),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
