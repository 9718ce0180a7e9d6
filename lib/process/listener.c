/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/process/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "sendpass/limits.h"

#define BACKLOG 511

/* One door's socket in the making. */
struct making {
	const struct sp_conf_door *door;
	const struct sp_peers *peers;
	uid_t owner;
	gid_t group;
	char *why_r;
};

static bool fail(const struct making *making, const char *what)
{
	snprintf(making->why_r, SP_CONF_WHY_MAX, "socket %s: %s", making->door->place, what);
	return false;
}

static bool is_trusted(const struct making *making, uid_t uid)
{
	if (uid == 0 || uid == geteuid() || uid == making->owner)
		return true;
	for (size_t i = 0; i < making->peers->count; i++) {
		if (making->peers->uids[i] == uid)
			return true;
	}
	return false;
}

/* Who can write the directory can put another socket in the place of ours, and
 * be given passwords. */
static bool directory_is_safe(const struct making *making)
{
	char directory[SP_SOCKET_PATH_SIZE];
	struct stat status;
	const char *slash = strrchr(making->door->place, '/');

	snprintf(directory, sizeof(directory), "%.*s",
	    slash == making->door->place ? 1 : (int)(slash - making->door->place),
	    making->door->place);
	if (stat(directory, &status) != 0)
		return fail(
		    making, errno == ENOENT ? "its directory does not exist" : strerror(errno));
	if (!S_ISDIR(status.st_mode))
		return fail(making, "its directory is none");
	if (!is_trusted(making, status.st_uid))
		return fail(making, "its directory belongs to another user");
	if ((status.st_mode & 022) != 0)
		return fail(making, "group or others can write its directory: chmod go-w");
	return true;
}

/* False if the path is taken by something that must not be replaced. */
static bool may_replace(const struct making *making)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct stat status;

	if (lstat(making->door->place, &status) != 0)
		return errno == ENOENT || fail(making, strerror(errno));
	if (!S_ISSOCK(status.st_mode))
		return fail(making, "is there already, and is no socket");
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return fail(making, strerror(errno));
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", making->door->place);
	bool answered = connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0;
	int error = errno;
	close(fd);
	if (!answered && (error == ECONNREFUSED || error == ENOENT))
		return true;
	return fail(making, "another process listens there");
}

/* Binds fd to the path with the door's rights, by way of a temporary name beside it. */
static bool publish(const struct making *making, int fd)
{
	struct sockaddr_un temporary = {.sun_family = AF_UNIX};
	const char *name = temporary.sun_path;
	int length =
	    snprintf(temporary.sun_path, sizeof(temporary.sun_path), "%s.new", making->door->place);

	if (length < 0 || (size_t)length >= sizeof(temporary.sun_path))
		return fail(making, "the path is too long for a socket");
	unlink(name);
	mode_t mask = umask(0777); /* nobody may connect before owner and mode are right */
	int bound = bind(fd, (const struct sockaddr *)&temporary, sizeof(temporary));
	int error = errno;
	umask(mask);
	if (bound != 0)
		return fail(making, strerror(error));
	if (lchown(name, making->owner, making->group) == 0 &&
	    chmod(name, making->door->mode) == 0 && listen(fd, BACKLOG) == 0 &&
	    rename(name, making->door->place) == 0)
		return true;
	error = errno;
	unlink(name);
	return fail(making, strerror(error));
}

static int make_loopback_socket(const struct making *making)
{
	const struct sp_loopback *loopback = &making->door->loopback;
	int fd = socket(loopback->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int on = 1;

	/* connections of the one before may linger, and must not stop a restart */
	if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
	    bind(fd, &loopback->any, loopback->length) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	fail(making, errno == EADDRINUSE ? "another process listens there" : strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

static int make_unix_socket(const struct making *making)
{
	if (!directory_is_safe(making) || !may_replace(making))
		return -1;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0) {
		fail(making, strerror(errno));
		return -1;
	}
	if (publish(making, fd))
		return fd;
	close(fd);
	return -1;
}

static bool resolve_users(struct making *making, struct sp_listener *listener_r)
{
	const struct sp_conf_door *door = making->door;
	const char *unknown;

	if (!sp_peers_find_user(door->owner, &making->owner))
		return fail(making, "its owner is no user");
	if (!sp_peers_find_group(door->group, &making->group))
		return fail(making, "its group is unknown");
	if (!sp_peers_resolve(&door->peers, &listener_r->peers, &unknown))
		return fail(making, unknown != NULL ? "a peer is no user" : "out of memory");
	return true;
}

bool sp_listener_open(const struct sp_conf_door *door, struct sp_activation *activation,
    struct sp_listener *listener_r, char why_r[SP_CONF_WHY_MAX])
{
	struct making making = {.door = door, .peers = &listener_r->peers, .why_r = why_r};

	*listener_r = (struct sp_listener){.fd = -1, .loopback = door->loopback.length > 0};
	if (!listener_r->loopback && !resolve_users(&making, listener_r))
		return false;
	listener_r->fd = sp_activation_claim(activation, door->place);
	if (listener_r->fd < 0)
		listener_r->fd = listener_r->loopback ? make_loopback_socket(&making)
						      : make_unix_socket(&making);
	if (listener_r->fd >= 0)
		return true;
	sp_listener_close(listener_r);
	return false;
}

void sp_listener_close(struct sp_listener *listener)
{
	if (listener->fd >= 0)
		close(listener->fd);
	sp_peers_clear(&listener->peers);
	listener->fd = -1;
}
