/* SPDX-License-Identifier: BSD-2-Clause */
/* ldap_outage_test.c - the live directory when real slapds die, freeze and come back */
#include <dirent.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/base/clock.h"
#include "tests/unit/live_directory.h"

#define SLACK_MS   1500 /* for slow machines and sanitizers */
#define BOUND_MS   (2 * SLAPD_TIMEOUT_MS + SLAPD_CONNECT_MS + SLACK_MS)
#define NEVER_MS   600000 /* a retry_after that no test outlives */
#define AT_ONCE_MS (SLAPD_TIMEOUT_MS / 2)
#define THREADS    8

static struct slapd first, second;

static enum sp_directory_status find_within(int64_t ms)
{
	int64_t start_ms = sp_now_ms();
	enum sp_directory_status status = live_find(LIVE_ID, "alice");

	assert_true(sp_now_ms() - start_ms <= ms);
	return status;
}

/* Asks until the log has the text. */
static void ask_until_logged(const char *text)
{
	int64_t deadline_ms = sp_now_ms() + 10000;

	while (live_times_logged(text) == 0) {
		if (sp_remaining_ms(deadline_ms) == 0)
			fail_msg("never logged: %s\n%s", text, live_log());
		(void)live_find(LIVE_ID, "alice");
		poll(NULL, 0, 5);
	}
}

static void a_restart_between_two_questions_goes_unnoticed(void **state)
{
	(void)state;
	live_open(&(struct live_settings){.uri = first.local_uri, .retry_after_ms = NEVER_MS});
	assert_int_equal(live_find(LIVE_ID, "alice"), SP_DIRECTORY_OK);
	slapd_kill(&first);
	slapd_start(&first);
	assert_int_equal(live_find(LIVE_ID, "alice"), SP_DIRECTORY_OK);
	assert_string_equal(live_log(), "");
}

static void a_dead_server_is_down_at_once_and_later_asked_again(void **state)
{
	(void)state;
	live_open(&(struct live_settings){.uri = first.local_uri});
	assert_int_equal(live_find(LIVE_ID, "alice"), SP_DIRECTORY_OK);
	slapd_kill(&first);
	assert_int_equal(find_within(AT_ONCE_MS), SP_DIRECTORY_DOWN);
	for (int i = 0; i < 100; i++)
		assert_int_equal(find_within(AT_ONCE_MS), SP_DIRECTORY_DOWN);
	assert_int_equal(live_times_logged("event=directory_down"), 1);
	slapd_start(&first);
	ask_until_logged("event=directory_up");
	assert_int_equal(live_find(LIVE_ID, "alice"), SP_DIRECTORY_OK);
	assert_int_equal(live_times_logged("event="), 2);
}

static void a_frozen_server_costs_one_timeout_and_then_none(void **state)
{
	(void)state;
	live_open(&(struct live_settings){.uri = first.local_uri, .retry_after_ms = NEVER_MS});
	assert_int_equal(live_find(LIVE_ID, "alice"), SP_DIRECTORY_OK);
	slapd_freeze(&first);
	assert_int_equal(find_within(BOUND_MS), SP_DIRECTORY_TIMEOUT);
	assert_int_equal(find_within(AT_ONCE_MS), SP_DIRECTORY_DOWN);
	slapd_thaw(&first);
	assert_int_equal(live_times_logged("event="), 1);
	assert_int_equal(live_times_logged("event=directory_down"), 1);
}

static void a_server_frozen_before_the_bind_times_out_too(void **state)
{
	(void)state;
	live_open(&(struct live_settings){.uri = first.local_uri});
	slapd_freeze(&first);
	assert_int_equal(find_within(BOUND_MS), SP_DIRECTORY_TIMEOUT);
	slapd_thaw(&first);
	ask_until_logged("event=directory_up");
}

static void a_dead_first_server_hands_over_to_the_second(void **state)
{
	(void)state;
	live_open(&(struct live_settings){.uri = first.local_uri, .next_uri = second.local_uri});
	assert_int_equal(live_find(LIVE_ID, "alice"), SP_DIRECTORY_OK);
	slapd_kill(&first);
	for (int i = 0; i < 50; i++)
		assert_int_equal(live_find(LIVE_ID, "alice"), SP_DIRECTORY_OK);
	assert_int_equal(live_times_logged("event=directory_down"), 1);
	assert_int_equal(live_times_logged("event=directory_failover"), 1);
	slapd_start(&first);
	ask_until_logged("event=directory_up");
	assert_int_equal(live_times_logged("event=directory_failover"), 2);
	/* it is back on the first, so the second may go */
	slapd_kill(&second);
	assert_int_equal(live_find(LIVE_ID, "alice"), SP_DIRECTORY_OK);
	assert_int_equal(live_times_logged("event="), 4);
	slapd_start(&second);
}

static void a_frozen_first_server_hands_over_within_the_bound(void **state)
{
	(void)state;
	live_open(&(struct live_settings){
	    .uri = first.local_uri, .next_uri = second.local_uri, .retry_after_ms = NEVER_MS});
	assert_int_equal(live_find(LIVE_ID, "alice"), SP_DIRECTORY_OK);
	slapd_freeze(&first);
	assert_int_equal(find_within(BOUND_MS), SP_DIRECTORY_OK);
	assert_int_equal(find_within(AT_ONCE_MS), SP_DIRECTORY_OK);
	slapd_thaw(&first);
	assert_int_equal(live_times_logged("event=directory_failover"), 1);
}

static void all_servers_dead_is_down_at_once(void **state)
{
	(void)state;
	live_open(&(struct live_settings){
	    .uri = first.local_uri, .next_uri = second.local_uri, .retry_after_ms = NEVER_MS});
	slapd_kill(&first);
	slapd_kill(&second);
	for (int i = 0; i < 20; i++)
		assert_int_equal(find_within(AT_ONCE_MS), SP_DIRECTORY_DOWN);
	assert_int_equal(live_times_logged("event=directory_down"), 2);
	assert_int_equal(live_times_logged("event="), 2);
	slapd_start(&first);
	slapd_start(&second);
}

static int open_fds(void)
{
	DIR *fds = opendir("/proc/self/fd");
	int count = 0;

	assert_non_null(fds);
	while (readdir(fds) != NULL)
		count++;
	closedir(fds);
	return count;
}

static void outages_leak_no_fd(void **state)
{
	int before = open_fds();

	(void)state;
	live_open(&(struct live_settings){.uri = first.local_uri, .secret = "wrong"});
	for (int i = 0; i < 20; i++) {
		(void)live_find(LIVE_ID, "alice");
		poll(NULL, 0, 5);
	}
	live_close(NULL);
	live_open(&(struct live_settings){.uri = first.local_uri});
	assert_int_equal(live_find(LIVE_ID, "alice"), SP_DIRECTORY_OK);
	live_close(NULL);
	assert_int_equal(open_fds(), before);
}

static void a_server_that_never_answers_is_given_up_in_time(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char uri[512];

	(void)state;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/silent", first.directory);
	snprintf(
	    uri, sizeof(uri), "ldapi://%%2Ftmp%%2F%s%%2Fsilent", first.directory + strlen("/tmp/"));
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 8), 0);
	live_open(&(struct live_settings){.uri = uri, .retry_after_ms = NEVER_MS});
	assert_int_equal(find_within(BOUND_MS), SP_DIRECTORY_TIMEOUT);
	assert_int_equal(find_within(AT_ONCE_MS), SP_DIRECTORY_DOWN);
	close(fd);
}

/* "bound": message 1, bindResponse, success (RFC 4511, section 4.2.2) */
static const char bound[] = "\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x00\x04\x00\x04\x00";

#define DRIP_MS 100 /* between two bytes, so that all of them take longer than the timeout */

/* Answers each bind byte by byte, or resets the connection. Dies with the test. */
static pid_t start_bad_server(int listener, bool drips)
{
	const struct linger reset = {.l_onoff = 1};
	pid_t parent = getpid(), pid = fork();
	char request[512];

	assert_true(pid >= 0);
	if (pid > 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (getppid() == parent) {
		int peer = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		ssize_t got = recv(peer, request, sizeof(request), 0);
		for (size_t i = 0; drips && got > 0 && i < sizeof(bound) - 1; i++) {
			send(peer, &bound[i], 1, MSG_NOSIGNAL);
			poll(NULL, 0, DRIP_MS);
		}
		setsockopt(peer, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
		close(peer);
	}
	_exit(0);
}

static void try_bad_server(bool drips, enum sp_directory_status status)
{
	char uri[64];
	int port, listener = slapd_listen(&port);
	pid_t server = start_bad_server(listener, drips);

	snprintf(uri, sizeof(uri), "ldap://127.0.0.1:%d", port);
	live_open(&(struct live_settings){
	    .uri = uri, .plaintext = "insecure", .retry_after_ms = NEVER_MS});
	assert_int_equal(find_within(BOUND_MS), status);
	assert_int_equal(find_within(AT_ONCE_MS), SP_DIRECTORY_DOWN);
	assert_int_equal(live_times_logged("event=directory_down"), 1);
	live_close(NULL);
	live_open(&(struct live_settings){.uri = uri,
	    .next_uri = second.local_uri,
	    .plaintext = "insecure",
	    .retry_after_ms = NEVER_MS});
	assert_int_equal(find_within(BOUND_MS), SP_DIRECTORY_OK);
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	close(listener);
}

static void a_server_that_resets_is_down_and_passed_over(void **state)
{
	(void)state;
	try_bad_server(false, SP_DIRECTORY_DOWN);
}

static void a_server_that_answers_byte_by_byte_is_given_up_in_time(void **state)
{
	(void)state;
	try_bad_server(true, SP_DIRECTORY_TIMEOUT);
}

struct asker {
	pthread_t thread;
	struct sp_directory *directory;
	enum sp_directory_status status;
};

static void *ask(void *argument)
{
	struct asker *asker = argument;
	struct sp_directory_answer answer;

	asker->status = sp_directory_find(asker->directory, LIVE_ID, "alice", &answer);
	sp_directory_answer_clear(&answer);
	return NULL;
}

static void ask_all(struct asker askers[THREADS], enum sp_directory_status status)
{
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&askers[i].thread, NULL, ask, &askers[i]), 0);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(askers[i].thread, NULL), 0);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(askers[i].status, status);
}

static void threads_share_what_they_know_of_an_outage(void **state)
{
	struct asker askers[THREADS];

	(void)state;
	live_open(&(struct live_settings){
	    .uri = first.local_uri, .next_uri = second.local_uri, .retry_after_ms = NEVER_MS});
	for (int i = 0; i < THREADS; i++) {
		askers[i].directory = sp_ldap_directory_new(live_site);
		assert_non_null(askers[i].directory);
	}
	ask_all(askers, SP_DIRECTORY_OK);
	slapd_kill(&first);
	ask_all(askers, SP_DIRECTORY_OK);
	assert_int_equal(live_times_logged("event=directory_down"), 1);
	assert_int_equal(live_times_logged("event=directory_failover"), 1);
	slapd_kill(&second);
	ask_all(askers, SP_DIRECTORY_DOWN);
	assert_int_equal(live_times_logged("event=directory_down"), 2);
	for (int i = 0; i < THREADS; i++)
		sp_directory_close(&askers[i].directory);
	slapd_start(&first);
	slapd_start(&second);
}

static int start_servers(void **state)
{
	const struct slapd_wish wish = {
	    .entries = LIVE_CREDENTIAL(LIVE_ID, SLAPD_ALICE, "sendpassLabel: printer\n")};

	(void)state;
	slapd_prepare(&first);
	slapd_prepare(&second);
	slapd_fill(&first, &wish);
	slapd_fill(&second, &wish);
	slapd_start(&first);
	slapd_start(&second);
	return 0;
}

static int stop_servers(void **state)
{
	(void)state;
	slapd_remove(&first);
	slapd_remove(&second);
	return 0;
}

/* A test that failed may have left a server frozen. */
static int close_and_thaw(void **state)
{
	live_close(state);
	slapd_thaw(&first);
	slapd_thaw(&second);
	return 0;
}

#define TEST(name) cmocka_unit_test_teardown(name, close_and_thaw)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_restart_between_two_questions_goes_unnoticed),
	    TEST(a_dead_server_is_down_at_once_and_later_asked_again),
	    TEST(a_frozen_server_costs_one_timeout_and_then_none),
	    TEST(a_server_frozen_before_the_bind_times_out_too),
	    TEST(a_dead_first_server_hands_over_to_the_second),
	    TEST(a_frozen_first_server_hands_over_within_the_bound),
	    TEST(all_servers_dead_is_down_at_once),
	    TEST(outages_leak_no_fd),
	    TEST(a_server_that_never_answers_is_given_up_in_time),
	    TEST(a_server_that_resets_is_down_and_passed_over),
	    TEST(a_server_that_answers_byte_by_byte_is_given_up_in_time),
	    TEST(threads_share_what_they_know_of_an_outage),
	};

	if (!slapd_exists()) {
		puts("skipped: there is no slapd");
		return 77;
	}
	sp_ldap_isolate();
	live_collect_log();
	return cmocka_run_group_tests(tests, start_servers, stop_servers);
}
