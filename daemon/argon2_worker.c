/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/argon2_worker.h"

#include <stdint.h>
#include <stdlib.h>

struct sp_argon2_worker {
	uint32_t memory_kib; /* what the slot holds */
	struct sp_argon2_slot *slot;
};

struct sp_argon2_worker *sp_argon2_worker_new(void)
{
	return calloc(1, sizeof(struct sp_argon2_worker));
}

struct sp_argon2_slot *sp_argon2_worker_slot(
    struct sp_argon2_worker *worker, const struct sp_argon2_cost *caps)
{
	if (worker == NULL)
		return NULL;
	if (worker->slot == NULL || worker->memory_kib != caps->memory_kib) {
		sp_argon2_slot_free(&worker->slot);
		worker->slot = sp_argon2_slot_new(caps->memory_kib);
		worker->memory_kib = caps->memory_kib;
	}
	return worker->slot;
}

void sp_argon2_worker_free(struct sp_argon2_worker **worker)
{
	if (worker == NULL || *worker == NULL)
		return;
	sp_argon2_slot_free(&(*worker)->slot);
	free(*worker);
	*worker = NULL;
}
