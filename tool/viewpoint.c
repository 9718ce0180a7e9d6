/* SPDX-License-Identifier: BSD-2-Clause */
#include "tool/viewpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define LIFETIME_S  3
#define GREETING_MS 2000

/* The child's exit status: 0, an errno, or one of these. */
enum { HUNG_UP = 251, SILENT, CANNOT_BECOME, NO_USER };

/* What the child does once it is somebody else; its exit status. */
struct deed {
	int (*act)(const struct deed *deed);
	const char *path;
	bool greets;
};

static int become(const struct sp_viewpoint *viewpoint)
{
	const struct passwd *user = getpwnam(viewpoint->user);
	const char *directory = viewpoint->directory != NULL ? viewpoint->directory : "/";

	if (user == NULL)
		return NO_USER;
	if (initgroups(viewpoint->user, user->pw_gid) != 0)
		return CANNOT_BECOME;
	if (chdir(directory) != 0)
		return errno;
	if ((viewpoint->chroot && chroot(".") != 0) ||
	    setresgid(user->pw_gid, user->pw_gid, user->pw_gid) != 0 ||
	    setresuid(user->pw_uid, user->pw_uid, user->pw_uid) != 0)
		return CANNOT_BECOME;
	return 0;
}

static int wait_for_greeting(int fd)
{
	struct pollfd ready = {.fd = fd, .events = POLLIN};
	char byte;

	if (poll(&ready, 1, GREETING_MS) <= 0)
		return SILENT;
	return read(fd, &byte, 1) == 1 ? 0 : HUNG_UP;
}

static int connect_there(const struct deed *deed)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	if (strlen(deed->path) >= sizeof(address.sun_path))
		return ENAMETOOLONG;
	memcpy(address.sun_path, deed->path, strlen(deed->path) + 1);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0)
		return errno;
	return deed->greets ? wait_for_greeting(fd) : 0;
}

static int open_there(const struct deed *deed)
{
	return open(deed->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) >= 0 ? 0 : errno;
}

static const char *in_words(int status)
{
	switch (status) {
	case 0:
		return NULL;
	case ENOENT:
		return "there is no such file";
	case EACCES:
		return "it may not go there: mode, owner or group of the file, or of a directory "
		       "on the way";
	case ECONNREFUSED:
		return "nobody listens there";
	case HUNG_UP:
		return "it is hung up on: the door's line has users at its end, and not this one";
	case SILENT:
		return "whoever listens there does not answer";
	case CANNOT_BECOME:
		return "not possible here: root may not become other users";
	case NO_USER:
		return "there is no such user";
	default:
		return strerror(status);
	}
}

static const char *do_as(const struct sp_viewpoint *viewpoint, const struct deed *deed)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		return strerror(errno);
	if (pid == 0) {
		signal(SIGALRM, SIG_DFL);
		alarm(LIFETIME_S);
		int fault = become(viewpoint);
		_exit(fault != 0 ? fault : deed->act(deed));
	}
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return strerror(errno);
	}
	return in_words(WIFEXITED(status) ? WEXITSTATUS(status) : SILENT);
}

const char *sp_viewpoint_connect(
    const struct sp_viewpoint *viewpoint, const char *path, bool greets)
{
	return do_as(
	    viewpoint, &(struct deed){.act = connect_there, .path = path, .greets = greets});
}

const char *sp_viewpoint_read(const struct sp_viewpoint *viewpoint, const char *path)
{
	return do_as(viewpoint, &(struct deed){.act = open_there, .path = path});
}
