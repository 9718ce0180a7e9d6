/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/conf/safe_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_SIZE_MAX (1024 * 1024)

/* Where systemd puts a unit's credentials, and nobody but root can put anything. The owner there
 * is the unit's user, also when root looks; or root, and an ACL lets the unit's user in, whose
 * mask then shows as the group's mode. */
static bool is_credential(const char *path)
{
	static const char place[] = "/run/credentials/";

	return strncmp(path, place, sizeof(place) - 1) == 0 && strstr(path, "/..") == NULL;
}

/* What of the file's kind, owner and mode lets others change it, NULL for nothing. */
static const char *fault_of_status(const struct stat *status, bool anybodys)
{
	if (!S_ISREG(status->st_mode))
		return "not a regular file";
	if (!anybodys && status->st_uid != 0 && status->st_uid != geteuid())
		return "must belong to root or to the user who runs this";
	if ((status->st_mode & 022) != 0)
		return "group or others can write it: chmod go-w";
	return NULL;
}

/* What is wrong with the open file, NULL for nothing. */
static const char *fault_of(int fd, enum sp_file_privacy privacy, bool credential)
{
	struct stat status;

	if (fstat(fd, &status) != 0)
		return strerror(errno);
	const char *fault = fault_of_status(&status, credential);
	if (fault != NULL)
		return fault;
	if (privacy == SP_FILE_SECRET && (status.st_mode & (credential ? 037 : 077)) != 0)
		return "group or others can read it: chmod 600";
	if (status.st_size > FILE_SIZE_MAX)
		return "larger than 1 MiB";
	return NULL;
}

int sp_file_open(const char *path, enum sp_file_privacy privacy, const char **why_r)
{
	*why_r = "must be an absolute path";
	if (path[0] != '/')
		return -1;
	/* O_NONBLOCK: a FIFO put in its place must not hang us. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);
	if (fd < 0) {
		*why_r = errno == ELOOP ? "is a symbolic link" : strerror(errno);
		return -1;
	}
	*why_r = fault_of(fd, privacy, is_credential(path));
	if (*why_r == NULL)
		return fd;
	close(fd);
	return -1;
}

bool sp_file_is_safe_program(const char *path, const char **why_r)
{
	struct stat status;

	*why_r = "must be an absolute path";
	if (path[0] != '/')
		return false;
	if (lstat(path, &status) != 0)
		*why_r = strerror(errno);
	else if (S_ISLNK(status.st_mode))
		*why_r = "is a symbolic link";
	else
		*why_r = fault_of_status(&status, false);
	if (*why_r == NULL && (status.st_mode & 0111) == 0)
		*why_r = "cannot be executed: chmod +x";
	return *why_r == NULL;
}

bool sp_file_read_secret(const char *path, struct sp_secret *secret_r, const char **why_r)
{
	sp_secret_wipe(secret_r);
	int fd = sp_file_open(path, SP_FILE_SECRET, why_r);
	if (fd < 0)
		return false;
	bool ok = sp_secret_read_line(secret_r, fd) && secret_r->length > 0;
	close(fd);
	if (!ok) {
		sp_secret_wipe(secret_r);
		*why_r = "its first line must hold the secret";
	}
	return ok;
}
