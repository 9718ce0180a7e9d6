/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/process/log_file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MODE 0640
/* O_NONBLOCK, so that a FIFO without a reader is refused and not waited for. */
#define OPEN_FLAGS (O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK)

static int fail(int fd, const char *why, const char **why_r)
{
	close(fd);
	*why_r = why;
	return -1;
}

static int make(const char *path, uid_t owner, const char **why_r)
{
	int fd = open(path, OPEN_FLAGS | O_CREAT | O_EXCL, FILE_MODE);

	if (fd < 0) {
		*why_r = strerror(errno);
		return -1;
	}
	if (fchmod(fd, FILE_MODE) != 0 || (geteuid() == 0 && fchown(fd, owner, (gid_t)-1) != 0))
		return fail(fd, strerror(errno), why_r);
	return fd;
}

int sp_log_file_open(const char *path, uid_t owner, const char **why_r)
{
	int fd = open(path, OPEN_FLAGS);
	struct stat status;

	if (fd < 0 && errno == ENOENT)
		return make(path, owner, why_r);
	if (fd < 0) {
		*why_r = errno == ELOOP ? "is a symbolic link" : strerror(errno);
		return -1;
	}
	if (fstat(fd, &status) != 0)
		return fail(fd, strerror(errno), why_r);
	if (!S_ISREG(status.st_mode) || status.st_nlink != 1)
		return fail(fd, "is not a regular file with one name", why_r);
	return fd;
}

static bool may_go_on(int fd)
{
	struct pollfd writable = {.fd = fd, .events = POLLOUT};

	if (errno == EINTR)
		return true;
	/* standard error may be somebody else's too, who made it non-blocking */
	return errno == EAGAIN && poll(&writable, 1, -1) > 0;
}

static bool write_all(int fd, const char *bytes, size_t length, size_t *written_r)
{
	*written_r = 0;
	while (*written_r < length) {
		ssize_t more = write(fd, bytes + *written_r, length - *written_r);
		if (more > 0)
			*written_r += (size_t)more;
		else if (more == 0 || !may_go_on(fd))
			return false;
	}
	return true;
}

static size_t count_lines(const char *bytes, size_t length)
{
	size_t count = 0;

	for (size_t i = 0; i < length; i++)
		count += bytes[i] == '\n';
	return count;
}

size_t sp_log_file_write(int fd, const char *lines, size_t length, bool *torn)
{
	size_t written = 0;

	if (*torn && !write_all(fd, "\n", 1, &written))
		return count_lines(lines, length);
	*torn = false;
	if (write_all(fd, lines, length, &written))
		return 0;
	*torn = written > 0 && lines[written - 1] != '\n';
	return count_lines(lines + written, length - written);
}
