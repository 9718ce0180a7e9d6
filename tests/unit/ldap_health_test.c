/* SPDX-License-Identifier: BSD-2-Clause */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/directory/ldap_health.h"

#define NEVER_MS 600000

static char logged[4096];

static void remember(enum sp_log_level level, const char *line, void *context)
{
	size_t length = strlen(logged);

	(void)level, (void)context;
	snprintf(logged + length, sizeof(logged) - length, "%s\n", line);
}

static struct sp_ldap_health *health;

static void start(int64_t retry_after_ms)
{
	char *uris[] = {"ldap://a", "ldap://b", NULL};
	const struct sp_conf_list list = {.items = uris, .count = 2};

	health = sp_ldap_health_new(&list, retry_after_ms);
	assert_non_null(health);
	logged[0] = '\0';
}

static int finish(void **state)
{
	(void)state;
	sp_ldap_health_free(&health);
	return 0;
}

static void a_server_that_is_up_may_be_tried_by_all(void **state)
{
	(void)state;
	start(NEVER_MS);
	for (int i = 0; i < 3; i++) {
		assert_true(sp_ldap_health_may_try(health, 0));
		assert_true(sp_ldap_health_may_try(health, 1));
	}
	sp_ldap_health_answered(health, 0);
	assert_string_equal(logged, "");
}

static void a_failed_server_is_left_alone_and_its_neighbour_is_not(void **state)
{
	time_t begin = time(NULL);

	(void)state;
	start(NEVER_MS);
	sp_ldap_health_failed(health, 0, "gone");
	assert_false(sp_ldap_health_may_try(health, 0));
	assert_true(sp_ldap_health_may_try(health, 1));
	assert_false(sp_ldap_health_is_up(health, 0));
	assert_true(sp_ldap_health_is_up(health, 1));
	assert_true(sp_ldap_health_asked(health, 0) >= begin);
	assert_int_equal(sp_ldap_health_asked(health, 1), 0);
	sp_ldap_health_answered(health, 1);
	assert_true(sp_ldap_health_asked(health, 1) >= begin);
	sp_ldap_health_failed(health, 0, "still gone");
	assert_string_equal(logged, "event=directory_down uri=ldap://a error=gone\n");
}

static void wait_until_due(void)
{
	int64_t deadline_ms = sp_now_ms() + 5000;

	while (!sp_ldap_health_may_try(health, 0)) {
		assert_true(sp_remaining_ms(deadline_ms) > 0);
		poll(NULL, 0, 1);
	}
}

static void one_prober_at_a_time_is_let_through_when_due(void **state)
{
	(void)state;
	start(5);
	sp_ldap_health_failed(health, 0, "gone");
	wait_until_due();
	/* however long it has been due, it is being probed */
	for (int64_t until_ms = sp_now_ms() + 20; sp_remaining_ms(until_ms) > 0;)
		assert_false(sp_ldap_health_may_try(health, 0));
	sp_ldap_health_failed(health, 0, "gone");
	wait_until_due();
	assert_false(sp_ldap_health_may_try(health, 0));
	assert_false(sp_ldap_health_is_up(health, 0));
	sp_ldap_health_answered(health, 0);
	assert_true(sp_ldap_health_is_up(health, 0));
	assert_true(sp_ldap_health_may_try(health, 0));
	assert_true(sp_ldap_health_may_try(health, 0));
	assert_non_null(strstr(logged, "event=directory_up uri=ldap://a after_ms="));
	assert_ptr_equal(strstr(logged, "event=directory_down"), logged);
	assert_null(strstr(logged + 1, "event=directory_down"));
}

static void a_move_to_another_server_is_news_once(void **state)
{
	(void)state;
	start(NEVER_MS);
	sp_ldap_health_connected(health, 0);
	sp_ldap_health_connected(health, 1);
	sp_ldap_health_connected(health, 1);
	assert_string_equal(logged, "event=directory_failover from=ldap://a to=ldap://b\n");
	assert_int_equal(sp_ldap_health_failovers(health), 1);
	sp_ldap_health_connected(health, 0);
	assert_int_equal(sp_ldap_health_failovers(health), 2);
}

static void a_complaint_is_news_until_its_code_changes(void **state)
{
	(void)state;
	start(NEVER_MS);
	sp_ldap_health_complain(health, 0, 32, "base");
	sp_ldap_health_complain(health, 0, 32, "base");
	assert_string_equal(logged, "event=directory_error uri=ldap://a error=base\n");
	sp_ldap_health_complain(health, 1, 32, "base");
	sp_ldap_health_complain(health, 0, 50, "access");
	sp_ldap_health_complain(health, 0, 0, "");
	sp_ldap_health_complain(health, 0, 50, "access");
	assert_string_equal(logged, "event=directory_error uri=ldap://a error=base\n"
				    "event=directory_error uri=ldap://b error=base\n"
				    "event=directory_error uri=ldap://a error=access\n"
				    "event=directory_error uri=ldap://a error=access\n");
}

#define TEST(name) cmocka_unit_test_teardown(name, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_server_that_is_up_may_be_tried_by_all),
	    TEST(a_failed_server_is_left_alone_and_its_neighbour_is_not),
	    TEST(one_prober_at_a_time_is_let_through_when_due),
	    TEST(a_move_to_another_server_is_news_once),
	    TEST(a_complaint_is_news_until_its_code_changes),
	};

	sp_log_set_sink(remember, NULL, SP_LOG_DEBUG);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
