/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * thread.h - threads beside the event loop
 */
#ifndef SP_DAEMON_THREAD_H
#define SP_DAEMON_THREAD_H

#include <pthread.h>
#include <stdbool.h>

#include "sendpass/attributes.h"

/* Starts a thread with all signals blocked: they are the event loop's. The caller
 * joins it. False, with *thread_r undefined, if it cannot be had. */
SP_NODISCARD bool sp_thread_start(pthread_t *thread_r, void *(*run)(void *), void *argument);

#endif
