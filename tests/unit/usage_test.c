/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "lib/policy/usage_memory.h"

#define NOW   1790000000
#define HOUR  3600
#define HOME  "192.0.2.7"
#define NEVER SP_NO_TIME

static struct sp_usage use(struct sp_usage_seen *seen, time_t last_used, const char *last_address,
    const char *address, time_t now)
{
	struct sp_credential credential = {
	    .last_used = last_used, .last_address = (char *)last_address};

	return sp_usage_judge(seen, &credential, address, now, HOUR);
}

/* What the directory says, and what comes of a use at NOW that is the first we see. */
static const struct {
	const char *name;
	time_t last_used;
	const char *last_address;
	const char *address;
	enum sp_usage_news news;
	bool write;
} cases[] = {
    {"never used", NEVER, NULL, HOME, SP_USAGE_FIRST, true},
    {"never used, no address", NEVER, NULL, "", SP_USAGE_FIRST, true},
    {"a moment ago", NOW - 1, HOME, HOME, SP_USAGE_NO_NEWS, false},
    {"this second", NOW, HOME, HOME, SP_USAGE_NO_NEWS, false},
    {"a second less than an hour ago", NOW - HOUR + 1, HOME, HOME, SP_USAGE_NO_NEWS, false},
    {"an hour ago", NOW - HOUR, HOME, HOME, SP_USAGE_NO_NEWS, true},
    {"years ago", 1, HOME, HOME, SP_USAGE_NO_NEWS, true},
    {"a moment ago, no address now", NOW - 1, HOME, "", SP_USAGE_NO_NEWS, false},
    {"an hour ago, no address now", NOW - HOUR, HOME, "", SP_USAGE_NO_NEWS, true},
    {"what is no address", NOW - 1, HOME, "printer", SP_USAGE_NO_NEWS, false},
    {"same /24", NOW - 1, HOME, "192.0.2.200", SP_USAGE_NO_NEWS, false},
    {"same /24, mapped", NOW - 1, HOME, "::ffff:192.0.2.200", SP_USAGE_NO_NEWS, false},
    {"other /24", NOW - 1, HOME, "192.0.3.7", SP_USAGE_NEW_NETWORK, true},
    {"other /24 in this second", NOW, HOME, "192.0.3.7", SP_USAGE_NEW_NETWORK, true},
    {"same /64", NOW - 1, "2001:db8::1", "2001:db8::ffff:1", SP_USAGE_NO_NEWS, false},
    {"same /64, zone", NOW - 1, "fe80::1", "fe80::2%eth0", SP_USAGE_NO_NEWS, false},
    {"other /64", NOW - 1, "2001:db8::1", "2001:db8:0:1::1", SP_USAGE_NEW_NETWORK, true},
    {"IPv6 after IPv4", NOW - 1, HOME, "2001:db8::1", SP_USAGE_NEW_NETWORK, true},
    {"an address after none", NOW - 1, NULL, HOME, SP_USAGE_NEW_NETWORK, true},
    {"an address after nonsense", NOW - 1, "printer", HOME, SP_USAGE_NEW_NETWORK, true},
    {"a later time", NOW + 1, HOME, HOME, SP_USAGE_NO_NEWS, false},
    {"a later time by far", NOW + 1000 * HOUR, HOME, HOME, SP_USAGE_NO_NEWS, false},
    {"a later time, new network", NOW + 1, HOME, "192.0.3.7", SP_USAGE_NEW_NETWORK, false},
};

static void what_the_directory_says_decides_about_the_first_use_seen(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sp_usage_seen seen = {0};
		struct sp_usage usage =
		    use(&seen, cases[i].last_used, cases[i].last_address, cases[i].address, NOW);
		if (usage.news != cases[i].news || usage.write != cases[i].write)
			fail_msg("%s: news %d, write %d", cases[i].name, usage.news, usage.write);
	}
}

static void an_hour_of_uses_is_one_write_even_if_the_directory_never_shows_it(void **state)
{
	struct sp_usage_seen seen = {0};
	int writes = 0, news = 0;

	(void)state;
	for (int second = 0; second < 2 * HOUR; second++) {
		struct sp_usage usage = use(&seen, NEVER, NULL, HOME, NOW + second);
		writes += usage.write;
		news += usage.news != SP_USAGE_NO_NEWS;
	}
	assert_int_equal(writes, 2);
	assert_int_equal(news, 1);
}

static void no_interval_is_too_short_for_one_write_a_second(void **state)
{
	struct sp_credential credential = {.last_used = SP_NO_TIME};
	struct sp_usage_seen seen = {0};

	(void)state;
	assert_true(sp_usage_judge(&seen, &credential, HOME, NOW, 0).write);
	assert_false(sp_usage_judge(&seen, &credential, HOME, NOW, 0).write);
	assert_true(sp_usage_judge(&seen, &credential, HOME, NOW + 1, 0).write);
}

static void a_clock_that_goes_back_writes_nothing_older_and_comes_to_itself(void **state)
{
	struct sp_usage_seen seen = {0};

	(void)state;
	assert_true(use(&seen, NEVER, NULL, HOME, NOW).write);
	for (int second = 1; second < 3 * HOUR; second += 60)
		assert_false(use(&seen, NOW, HOME, HOME, NOW - second).write);
	assert_false(use(&seen, NOW, HOME, "192.0.3.7", NOW - 1).write);
	assert_false(use(&seen, NOW, HOME, HOME, NOW + HOUR - 1).write);
	assert_true(use(&seen, NOW, HOME, HOME, NOW + HOUR).write);
}

static void another_hosts_later_write_counts_for_the_interval(void **state)
{
	struct sp_usage_seen seen = {0};

	(void)state;
	assert_true(use(&seen, NEVER, NULL, HOME, NOW).write);
	assert_false(use(&seen, NOW + HOUR - 1, HOME, HOME, NOW + HOUR).write);
	assert_true(use(&seen, NOW + HOUR - 1, HOME, HOME, NOW + 2 * HOUR - 1).write);
}

static const char *network(int number)
{
	static char address[32];

	snprintf(address, sizeof(address), "10.0.%d.1", number);
	return address;
}

static void networks_are_remembered_up_to_a_number(void **state)
{
	struct sp_usage_seen seen = {0};

	(void)state;
	assert_int_equal(use(&seen, NEVER, NULL, network(0), NOW).news, SP_USAGE_FIRST);
	for (int i = 1; i < SP_USAGE_NETWORKS_MAX; i++)
		assert_int_equal(use(&seen, NOW, NULL, network(i), NOW).news, SP_USAGE_NEW_NETWORK);
	for (int i = 0; i < SP_USAGE_NETWORKS_MAX; i++)
		assert_int_equal(use(&seen, NOW, NULL, network(i), NOW).news, SP_USAGE_NO_NEWS);
	/* One more, and that of which nothing was seen longest is forgotten. */
	assert_int_equal(use(&seen, NOW, NULL, network(0), NOW).news, SP_USAGE_NO_NEWS);
	assert_int_equal(use(&seen, NOW, NULL, network(99), NOW).news, SP_USAGE_NEW_NETWORK);
	assert_int_equal(use(&seen, NOW, NULL, network(0), NOW).news, SP_USAGE_NO_NEWS);
	assert_int_equal(use(&seen, NOW, NULL, network(1), NOW).news, SP_USAGE_NEW_NETWORK);
	assert_int_equal(seen.network_count, SP_USAGE_NETWORKS_MAX);
}

static void the_network_in_the_directory_is_remembered_too(void **state)
{
	struct sp_usage_seen seen = {0};

	(void)state;
	assert_int_equal(use(&seen, NOW - 1, HOME, network(1), NOW).news, SP_USAGE_NEW_NETWORK);
	assert_int_equal(use(&seen, NOW, network(1), HOME, NOW).news, SP_USAGE_NO_NEWS);
}

static void the_memory_tells_credentials_apart(void **state)
{
	struct sp_usage_memory *memory = sp_usage_memory_new();

	(void)state;
	assert_non_null(memory);
	sp_usage_memory_of(memory, "k7qf2m9x")->written = NOW;
	assert_int_equal(sp_usage_memory_of(memory, "k7qf2m9y")->written, 0);
	assert_int_equal(sp_usage_memory_of(memory, "k7qf2m9x")->written, NOW);
	sp_usage_memory_free(&memory);
	assert_null(memory);
}

static void a_flood_of_credentials_pushes_out_what_is_not_in_use(void **state)
{
	struct sp_usage_memory *memory = sp_usage_memory_new();
	char id[32];
	int kept = 0;

	(void)state;
	assert_non_null(memory);
	for (int i = 0; i < 4 * SP_USAGE_MEMORY_CREDENTIALS; i++) {
		snprintf(id, sizeof(id), "%d", i);
		sp_usage_memory_of(memory, id)->written = NOW;
		assert_int_equal(sp_usage_memory_of(memory, "in use")->written, i > 0 ? NOW : 0);
		sp_usage_memory_of(memory, "in use")->written = NOW;
	}
	for (int i = 0; i < 1000; i++) {
		snprintf(id, sizeof(id), "%d", i);
		kept += sp_usage_memory_of(memory, id)->written == NOW;
	}
	assert_true(kept < 500);
	sp_usage_memory_free(&memory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_the_directory_says_decides_about_the_first_use_seen),
	    cmocka_unit_test(an_hour_of_uses_is_one_write_even_if_the_directory_never_shows_it),
	    cmocka_unit_test(no_interval_is_too_short_for_one_write_a_second),
	    cmocka_unit_test(a_clock_that_goes_back_writes_nothing_older_and_comes_to_itself),
	    cmocka_unit_test(another_hosts_later_write_counts_for_the_interval),
	    cmocka_unit_test(networks_are_remembered_up_to_a_number),
	    cmocka_unit_test(the_network_in_the_directory_is_remembered_too),
	    cmocka_unit_test(the_memory_tells_credentials_apart),
	    cmocka_unit_test(a_flood_of_credentials_pushes_out_what_is_not_in_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
