/* SPDX-License-Identifier: BSD-2-Clause */
#include "tool/held_signals.h"

#include <stddef.h>

void sp_hold_signals(sigset_t *before_r)
{
	sigset_t held;

	sigemptyset(&held);
	sigaddset(&held, SIGINT);
	sigaddset(&held, SIGTERM);
	sigaddset(&held, SIGHUP);
	sigaddset(&held, SIGQUIT);
	sigprocmask(SIG_BLOCK, &held, before_r);
}

void sp_release_signals(const sigset_t *before)
{
	sigprocmask(SIG_SETMASK, before, NULL);
}
