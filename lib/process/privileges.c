/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/process/privileges.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

bool sp_privileges_restrict(const char **why_r)
{
	const struct rlimit none = {0, 0};

	if (setrlimit(RLIMIT_CORE, &none) == 0 && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 &&
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
		return true;
	*why_r = strerror(errno);
	return false;
}

bool sp_privileges_drop(const char *user, const char **why_r)
{
	const struct passwd *entry = getpwnam(user);

	*why_r = "there is no such user";
	if (entry == NULL)
		return false;
	uid_t uid = entry->pw_uid;
	gid_t gid = entry->pw_gid;
	*why_r = "started neither as root nor as this user";
	if (geteuid() != 0)
		return geteuid() == uid && getuid() == uid;
	*why_r = "must not be root";
	if (uid == 0)
		return false;
	if (setgroups(0, NULL) != 0 || setresgid(gid, gid, gid) != 0 ||
	    setresuid(uid, uid, uid) != 0) {
		*why_r = strerror(errno);
		return false;
	}
	*why_r = "root could be regained";
	return setuid(0) != 0 && getegid() == gid;
}
