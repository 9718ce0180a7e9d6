/* SPDX-License-Identifier: BSD-2-Clause */
/* privileges_test.c - a daemon is root no longer than it must be, and says why if it cannot stop */
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/process/privileges.h"

#define USER "nobody"

/* What is given up is given up for good: each case has a process of its own. The exit
 * status is the number of the line that failed, modulo 256. */
#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition))                                                                  \
			_exit(__LINE__ % 255 + 1);                                                 \
	} while (0)

static void run_alone(void (*test)(void))
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		test();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (status != 0)
		fail_msg("failed at line %d (modulo 255)", WEXITSTATUS(status) - 1);
}

static void run_alone_as_root(void (*test)(void))
{
	if (geteuid() != 0) {
		print_message("skipped: only root can be given up\n");
		skip();
	}
	run_alone(test);
}

static void give_up_root(void)
{
	const struct passwd *entry = getpwnam(USER);
	const gid_t more[] = {0, 1};
	const char *why = NULL;
	uid_t real, effective, saved;
	gid_t groups[3];

	CHECK(entry != NULL && setgroups(2, more) == 0);
	uid_t uid = entry->pw_uid;
	gid_t gid = entry->pw_gid;
	CHECK(sp_privileges_drop(USER, &why));
	CHECK(getresuid(&real, &effective, &saved) == 0);
	CHECK(real == uid && effective == uid && saved == uid);
	CHECK(getresgid(&groups[0], &groups[1], &groups[2]) == 0);
	CHECK(groups[0] == gid && groups[1] == gid && groups[2] == gid);
	CHECK(getgroups(0, NULL) == 0);
	CHECK(setuid(0) != 0 && seteuid(0) != 0);
	CHECK(sp_privileges_drop(USER, &why)); /* it is already that user */
}

static void stay_who_one_is(void)
{
	const char *why = NULL;

	CHECK(setgid(65533) == 0 && setuid(65533) == 0);
	CHECK(!sp_privileges_drop(USER, &why));
	CHECK(strstr(why, "neither as root nor as this user") != NULL);
	CHECK(!sp_privileges_drop("root", &why));
	CHECK(geteuid() == 65533);
}

/* Whose real user is still root could become it again. */
static void keep_root_in_hand(void)
{
	const struct passwd *entry = getpwnam(USER);
	const char *why = NULL;

	CHECK(entry != NULL && seteuid(entry->pw_uid) == 0);
	CHECK(!sp_privileges_drop(USER, &why) && why != NULL);
}

/* As a service without CAP_SETUID would be. */
static void have_no_right_to_change(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	const struct __user_cap_data_struct none[2] = {0};
	const char *why = NULL;

	CHECK(syscall(SYS_capset, &header, none) == 0);
	CHECK(!sp_privileges_drop(USER, &why));
	CHECK(strcmp(why, strerror(EPERM)) == 0 && geteuid() == 0);
}

static void restrict_oneself(void)
{
	const char *why = NULL;
	struct rlimit core;

	CHECK(sp_privileges_restrict(&why));
	CHECK(getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_cur == 0 && core.rlim_max == 0);
	CHECK(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0);
	CHECK(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
}

static void root_is_given_up_for_good_with_all_its_groups(void **state)
{
	(void)state;
	run_alone_as_root(give_up_root);
}

static void who_is_another_user_already_is_told(void **state)
{
	(void)state;
	run_alone_as_root(stay_who_one_is);
}

static void half_given_up_is_refused(void **state)
{
	(void)state;
	run_alone_as_root(keep_root_in_hand);
}

static void a_refusal_of_the_kernel_is_told(void **state)
{
	(void)state;
	run_alone_as_root(have_no_right_to_change);
}

static void no_user_is_no_user_and_root_is_not_given_up_for_root(void **state)
{
	const char *why = NULL;

	(void)state;
	assert_false(sp_privileges_drop("no-such-user-here", &why));
	assert_non_null(strstr(why, "no such user"));
	if (geteuid() == 0) {
		assert_false(sp_privileges_drop("root", &why));
		assert_non_null(strstr(why, "must not be root"));
	}
}

static void a_restricted_process_leaves_no_core_and_gains_nothing(void **state)
{
	(void)state;
	run_alone(restrict_oneself);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(root_is_given_up_for_good_with_all_its_groups),
	    cmocka_unit_test(who_is_another_user_already_is_told),
	    cmocka_unit_test(half_given_up_is_refused),
	    cmocka_unit_test(a_refusal_of_the_kernel_is_told),
	    cmocka_unit_test(no_user_is_no_user_and_root_is_not_given_up_for_root),
	    cmocka_unit_test(a_restricted_process_leaves_no_core_and_gains_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
