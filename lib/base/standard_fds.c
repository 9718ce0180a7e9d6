/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/base/standard_fds.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

bool sp_standard_fds_occupy(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
		    open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
			return false;
	}
	return true;
}
