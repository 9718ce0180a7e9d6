/* SPDX-License-Identifier: BSD-2-Clause */
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/base/clock.h"
#include "lib/directory/ldap_site.h"
#include "lib/directory/replica_server.h"
#include "tests/unit/live_directory.h"

static struct slapd slapd;
static struct sp_replica_server server;
static char *attributes[] = {"mail", NULL};
static const struct sp_replica_search wanted = {SLAPD_PEOPLE, "(objectClass=*)", attributes};

static int begin(void **state)
{
	struct sp_ldap_failure failure;

	(void)state;
	slapd_prepare(&slapd);
	slapd_fill(&slapd, &(struct slapd_wish){.entries = NULL});
	slapd_start(&slapd);
	live_open(&(struct live_settings){.uri = slapd.local_uri});
	server = (struct sp_replica_server){.site = live_site, .stop_fd = eventfd(0, EFD_CLOEXEC)};
	assert_true(server.stop_fd >= 0);
	return sp_ldap_connect(live_site, &live_site->servers[0], sp_now_ms() + 10000,
		   &server.connection, &failure) == SP_DIRECTORY_OK
		   ? 0
		   : -1;
}

static int end(void **state)
{
	close(server.stop_fd);
	sp_replica_server_clear(&server);
	live_close(state);
	slapd_remove(&slapd);
	return 0;
}

static void *thaw_late(void *argument)
{
	(void)argument;
	poll(NULL, 0, 2 * SLAPD_TIMEOUT_MS);
	slapd_thaw(&slapd);
	return NULL;
}

/* Else a large directory on a busy machine would never be replicated. */
static void a_search_of_everything_may_take_longer_than_one_of_a_login(void **state)
{
	pthread_t thread;
	bool shown = false;

	(void)state;
	slapd_freeze(&slapd);
	assert_int_equal(pthread_create(&thread, NULL, thaw_late, NULL), 0);
	int64_t before_ms = sp_now_ms();
	bool answered = sp_replica_server_shows(&server, &wanted, &shown);
	int64_t took_ms = sp_now_ms() - before_ms;
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_true(answered);
	assert_true(shown);
	assert_true(took_ms > SLAPD_TIMEOUT_MS);
}

static void who_is_to_stop_does_not_wait_for_it(void **state)
{
	bool shown = true;

	(void)state;
	slapd_freeze(&slapd);
	assert_int_equal(eventfd_write(server.stop_fd, 1), 0);
	int64_t before_ms = sp_now_ms();
	assert_false(sp_replica_server_shows(&server, &wanted, &shown));
	assert_false(shown);
	assert_true(sp_now_ms() - before_ms < SP_REPLICA_LONG_MS / 2);
	slapd_thaw(&slapd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		a_search_of_everything_may_take_longer_than_one_of_a_login, begin, end),
	    cmocka_unit_test_setup_teardown(who_is_to_stop_does_not_wait_for_it, begin, end),
	};

	if (!slapd_exists()) {
		print_message("there is no slapd\n");
		return 77;
	}
	sp_ldap_isolate();
	live_collect_log();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
