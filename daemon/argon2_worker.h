/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * argon2_worker.h - one worker's slot, which follows the configuration
 */
#ifndef SP_DAEMON_ARGON2_WORKER_H
#define SP_DAEMON_ARGON2_WORKER_H

#include <stdint.h>

#include "lib/password/argon2_slot.h"

struct sp_argon2_worker;

/* NULL when there is no memory. */
struct sp_argon2_worker *sp_argon2_worker_new(void);

/* The worker's own slot, of that size. NULL when there is no memory or no worker. */
struct sp_argon2_slot *sp_argon2_worker_slot(struct sp_argon2_worker *worker, uint32_t memory_kib);

void sp_argon2_worker_free(struct sp_argon2_worker **worker);

#endif
