/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/replica_follower.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "daemon/thread.h"
#include "lib/directory/replica_sync.h"

struct sp_replica_follower {
	struct sp_generations *generations;
	struct sp_replica_sink *sink;
	int64_t max_age_ms;
	int wake_fd; /* readable: look at `stopping`, and at the generation */
	atomic_bool stopping;
	pthread_t thread;
};

static void *run(void *argument)
{
	struct sp_replica_follower *follower = argument;
	eventfd_t woken;

	while (!atomic_load(&follower->stopping)) {
		struct sp_generation *generation = sp_generations_hold(follower->generations);
		sp_replica_sync_run(
		    generation->site, follower->sink, follower->wake_fd, follower->max_age_ms);
		sp_generation_release(follower->generations, &generation);
		(void)eventfd_read(follower->wake_fd, &woken);
	}
	return NULL;
}

struct sp_replica_follower *sp_replica_follower_start(
    struct sp_generations *generations, struct sp_replica_sink *sink, int64_t max_age_ms)
{
	struct sp_replica_follower *follower = calloc(1, sizeof(*follower));

	if (follower == NULL)
		return NULL;
	follower->generations = generations;
	follower->sink = sink;
	follower->max_age_ms = max_age_ms;
	follower->wake_fd = eventfd(0, EFD_CLOEXEC);
	if (follower->wake_fd >= 0 && sp_thread_start(&follower->thread, run, follower))
		return follower;
	if (follower->wake_fd >= 0)
		close(follower->wake_fd);
	free(follower);
	return NULL;
}

void sp_replica_follower_reload(struct sp_replica_follower *follower)
{
	(void)eventfd_write(follower->wake_fd, 1);
}

void sp_replica_follower_stop(struct sp_replica_follower **follower)
{
	if (follower == NULL || *follower == NULL)
		return;
	atomic_store(&(*follower)->stopping, true);
	sp_replica_follower_reload(*follower);
	pthread_join((*follower)->thread, NULL);
	close((*follower)->wake_fd);
	free(*follower);
	*follower = NULL;
}
