/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * argon2_worker.h - one worker's Argon2 slot, which follows the configuration
 */
#ifndef SP_DAEMON_ARGON2_WORKER_H
#define SP_DAEMON_ARGON2_WORKER_H

#include "lib/password/argon2_slot.h"

struct sp_argon2_worker;

/* NULL when there is no memory. */
struct sp_argon2_worker *sp_argon2_worker_new(void);

/* The worker's slot, as large as the caps ask. NULL when there is no memory or no
 * worker. */
struct sp_argon2_slot *sp_argon2_worker_slot(
    struct sp_argon2_worker *worker, const struct sp_argon2_cost *caps);

void sp_argon2_worker_free(struct sp_argon2_worker **worker);

#endif
