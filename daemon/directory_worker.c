/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/directory_worker.h"

#include <stdlib.h>

struct sp_directory_worker {
	struct sp_generations *generations;
	struct sp_generation *generation; /* held; NULL before the first job */
	struct sp_directory *directory;
};

struct sp_directory_worker *sp_directory_worker_new(struct sp_generations *generations)
{
	struct sp_directory_worker *worker = calloc(1, sizeof(*worker));

	if (worker != NULL)
		worker->generations = generations;
	return worker;
}

/* The directory must close before the generation, whose site it uses, may go. */
static void leave(struct sp_directory_worker *worker)
{
	sp_directory_close(&worker->directory);
	sp_generation_release(worker->generations, &worker->generation);
}

struct sp_directory *sp_directory_worker_current(struct sp_directory_worker *worker)
{
	if (worker == NULL)
		return NULL;
	struct sp_generation *current = sp_generations_hold(worker->generations);
	if (worker->generation == current) {
		sp_generation_release(worker->generations, &current);
	} else {
		leave(worker);
		worker->generation = current;
	}
	if (worker->directory == NULL)
		worker->directory = sp_ldap_directory_new(worker->generation->site);
	return worker->directory;
}

void sp_directory_worker_free(struct sp_directory_worker **worker)
{
	if (worker == NULL || *worker == NULL)
		return;
	leave(*worker);
	free(*worker);
	*worker = NULL;
}
