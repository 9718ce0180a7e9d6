/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/listener.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/number.h"
#include "sendpass/limits.h"

#define BACKLOG 511

static bool fail(char why_r[SP_CONF_WHY_MAX], const char *path, const char *what)
{
	snprintf(why_r, SP_CONF_WHY_MAX, "[daemon] auth: %s: %s", path, what);
	return false;
}

static bool find_user(const char *name, uid_t *uid_r)
{
	uint64_t number;
	const struct passwd *user = getpwnam(name);

	if (user != NULL)
		*uid_r = user->pw_uid;
	else if (sp_parse_number(name, 0, UINT32_MAX - 1, &number))
		*uid_r = (uid_t)number;
	else
		return false;
	return true;
}

static bool find_group(const char *name, gid_t *gid_r)
{
	uint64_t number;
	const struct group *group = getgrnam(name);

	if (group != NULL)
		*gid_r = group->gr_gid;
	else if (sp_parse_number(name, 0, UINT32_MAX - 1, &number))
		*gid_r = (gid_t)number;
	else
		return false;
	return true;
}

/* False if the path is taken by something that must not be replaced. */
static bool may_replace(
    const char *path, const struct sockaddr_un *address, char why_r[SP_CONF_WHY_MAX])
{
	struct stat status;

	if (lstat(path, &status) != 0)
		return errno == ENOENT || fail(why_r, path, strerror(errno));
	if (!S_ISSOCK(status.st_mode))
		return fail(why_r, path, "is there already, and is no socket");
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return fail(why_r, path, strerror(errno));
	int error =
	    connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0 ? 0 : errno;
	close(fd);
	if (error == ECONNREFUSED || error == ENOENT)
		return true;
	return fail(why_r, path, "another process listens there");
}

/* Binds fd to `path` with the door's rights, by way of a temporary name beside it. */
static bool publish(
    int fd, const struct sp_conf_door *door, uid_t uid, gid_t gid, char why_r[SP_CONF_WHY_MAX])
{
	struct sockaddr_un temporary = {.sun_family = AF_UNIX};
	int length = snprintf(temporary.sun_path, sizeof(temporary.sun_path), "%s.new", door->path);

	if (length < 0 || (size_t)length >= sizeof(temporary.sun_path))
		return fail(why_r, door->path, "the path is too long for a socket");
	unlink(temporary.sun_path);
	mode_t mask = umask(0777); /* nobody may connect before owner and mode are right */
	int bound = bind(fd, (const struct sockaddr *)&temporary, sizeof(temporary));
	int error = errno;
	umask(mask);
	if (bound != 0)
		return fail(why_r, door->path, strerror(error));
	if (lchown(temporary.sun_path, uid, gid) == 0 &&
	    chmod(temporary.sun_path, door->mode) == 0 && listen(fd, BACKLOG) == 0 &&
	    rename(temporary.sun_path, door->path) == 0)
		return true;
	error = errno;
	unlink(temporary.sun_path);
	return fail(why_r, door->path, strerror(error));
}

int sp_listener_open(const struct sp_conf_door *door, char why_r[SP_CONF_WHY_MAX])
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	uid_t uid;
	gid_t gid;

	if (!find_user(door->owner, &uid) || !find_group(door->group, &gid)) {
		fail(why_r, door->path, "unknown owner or group");
		return -1;
	}
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", door->path);
	if (!may_replace(door->path, &address, why_r))
		return -1;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0) {
		fail(why_r, door->path, strerror(errno));
		return -1;
	}
	if (publish(fd, door, uid, gid, why_r))
		return fd;
	close(fd);
	return -1;
}
