/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/process/peers.h"

/* A socket whose other end belongs to a process of `user`, as SO_PEERCRED tells it:
 * by whoever ran when the pair was made. -1 if we may not be that user. */
static int socket_to(uid_t user)
{
	int pair[2] = {-1, -1};
	uid_t before = geteuid();

	if (user != before && seteuid(user) != 0)
		return -1;
	int made = socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair);
	if (user != before && seteuid(before) != 0)
		_exit(90);
	if (made != 0)
		return -1;
	close(pair[1]);
	return pair[0];
}

static void names_and_numbers_are_looked_up_once(void **state)
{
	char *names[] = {"root", "4711", NULL};
	const struct sp_conf_list list = {.items = names, .count = 2};
	struct sp_peers peers;
	const char *unknown;

	(void)state;
	assert_true(sp_peers_resolve(&list, &peers, &unknown));
	assert_int_equal(peers.count, 2);
	assert_int_equal(peers.uids[0], 0);
	assert_int_equal(peers.uids[1], 4711);
	sp_peers_clear(&peers);
	assert_int_equal(peers.count, 0);
}

static void an_unknown_name_is_named(void **state)
{
	static char *const bad[] = {"no-such-user-here", "-1", "4294967295", "1x", ""};
	uid_t uid;
	gid_t gid;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char *names[] = {"root", bad[i], NULL};
		const struct sp_conf_list list = {.items = names, .count = 2};
		struct sp_peers peers;
		const char *unknown;
		assert_false(sp_peers_resolve(&list, &peers, &unknown));
		assert_ptr_equal(unknown, bad[i]);
		assert_int_equal(peers.count, 0);
		assert_false(sp_peers_find_user(bad[i], &uid));
		assert_false(sp_peers_find_group(bad[i], &gid));
	}
}

static void only_listed_users_and_root_are_admitted(void **state)
{
	uid_t listed[] = {4711, 4712};
	const struct sp_peers some = {.count = 2, .uids = listed}, everybody = {.count = 0};
	static const struct {
		uid_t user;
		bool admitted;
	} cases[] = {{0, true}, {4711, true}, {4712, true}, {4713, false}};
	uid_t uid;

	(void)state;
	if (geteuid() != 0) {
		print_message("skipped: only root can be other users\n");
		skip();
	}
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int fd = socket_to(cases[i].user);
		assert_true(fd >= 0);
		assert_int_equal(sp_peers_admit(&some, fd, &uid), cases[i].admitted);
		assert_int_equal(uid, cases[i].user);
		assert_true(sp_peers_admit(&everybody, fd, &uid));
		close(fd);
	}
}

static void a_peer_that_cannot_be_told_is_not_admitted(void **state)
{
	const struct sp_peers everybody = {.count = 0};
	uid_t uid;

	(void)state;
	assert_false(sp_peers_admit(&everybody, -1, &uid));
	assert_int_equal(uid, (uid_t)-1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_and_numbers_are_looked_up_once),
	    cmocka_unit_test(an_unknown_name_is_named),
	    cmocka_unit_test(only_listed_users_and_root_are_admitted),
	    cmocka_unit_test(a_peer_that_cannot_be_told_is_not_admitted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
