/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * directory_worker.h - one worker's directory, which follows the configuration
 */
#ifndef SP_DAEMON_DIRECTORY_WORKER_H
#define SP_DAEMON_DIRECTORY_WORKER_H

#include "daemon/generation.h"
#include "lib/directory/directory.h"

struct sp_directory_worker;
struct sp_replica_keeper;

/* `keeper`, if it is not NULL, has a replica that is asked first. NULL when there is no
 * memory. */
struct sp_directory_worker *sp_directory_worker_new(
    struct sp_generations *generations, struct sp_replica_keeper *keeper);

/* The directory of the current generation, the worker's own; a connection of an
 * earlier one is closed first. NULL when there is no memory or no worker. */
struct sp_directory *sp_directory_worker_current(struct sp_directory_worker *worker);

void sp_directory_worker_free(struct sp_directory_worker **worker);

#endif
