/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/thread.h"

#include <signal.h>

bool sp_thread_start(pthread_t *thread_r, void *(*run)(void *), void *argument)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int error = pthread_create(thread_r, NULL, run, argument);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error == 0;
}
