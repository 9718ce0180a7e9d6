/* SPDX-License-Identifier: BSD-2-Clause */
#include "tool/confirm.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "lib/base/secret.h"
#include "tool/arguments.h"
#include "tool/message.h"

bool sp_may_confirm(const struct sp_run *run, bool yes)
{
	if (yes || isatty(STDIN_FILENO))
		return true;
	sp_fail_usage(run, "without a terminal to ask on, --yes is needed");
	return false;
}

static bool is_yes(int terminal)
{
	struct sp_secret answer = {0}; /* none, but its reader is bounded */
	bool yes = sp_secret_read_line(&answer, terminal) &&
		   (strcasecmp(answer.bytes, "y") == 0 || strcasecmp(answer.bytes, "yes") == 0);

	sp_secret_wipe(&answer);
	return yes;
}

enum sp_exit sp_confirm(const char *format, ...)
{
	char question[256];
	va_list arguments;
	int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

	if (terminal < 0)
		return sp_fail(
		    SP_EXIT_USAGE, "/dev/tty cannot be opened (%s): use --yes", strerror(errno));
	va_start(arguments, format);
	vsnprintf(question, sizeof(question), format, arguments);
	va_end(arguments);
	bool yes = dprintf(terminal, "%s [y/N] ", question) > 0 && is_yes(terminal);
	close(terminal);
	return yes ? SP_EXIT_OK : sp_fail(SP_EXIT_NO, "nothing was changed");
}
