/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/directory_worker.h"

#include <stdlib.h>

#include "daemon/replica_keeper.h"

struct sp_directory_worker {
	struct sp_generations *generations;
	struct sp_replica_keeper *keeper;
	struct sp_generation *generation; /* held; NULL before the first job */
	struct sp_directory *directory;
};

struct sp_directory_worker *sp_directory_worker_new(
    struct sp_generations *generations, struct sp_replica_keeper *keeper)
{
	struct sp_directory_worker *worker = calloc(1, sizeof(*worker));

	if (worker != NULL) {
		worker->generations = generations;
		worker->keeper = keeper;
	}
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
	bool is_new = worker->directory == NULL;
	if (is_new)
		worker->directory = sp_ldap_directory_new(worker->generation->site);
	if (is_new && worker->directory != NULL && worker->keeper != NULL)
		worker->directory = sp_replica_keeper_directory(worker->keeper, worker->directory);
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
