/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/replica_keeper.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/replica_follower.h"
#include "lib/base/log.h"
#include "lib/directory/replica.h"

#define PATH_SIZE 4096
#define MIB       ((size_t)1 << 20)

struct sp_replica_keeper {
	struct sp_generations *generations;
	struct sp_generation *generation; /* held: its scope is the store's */
	struct sp_replica_store *store;
	struct sp_replica_follower *follower;
	int64_t max_age_ms;
	struct event *check;
	bool told, was_current;
};

static bool fail(char why_r[SP_CONF_WHY_MAX], const char *what, const char *why)
{
	snprintf(why_r, SP_CONF_WHY_MAX, "%.300s: %.100s", what, why);
	return false;
}

struct sp_replica_facts sp_replica_keeper_facts(const struct sp_replica_keeper *keeper)
{
	int64_t age_ms = sp_replica_store_age_ms(keeper->store);

	return (struct sp_replica_facts){
	    .age_ms = age_ms,
	    .current = age_ms <= keeper->max_age_ms,
	    .credentials = sp_replica_store_count(keeper->store, SP_REPLICA_CREDENTIALS),
	    .owners = sp_replica_store_count(keeper->store, SP_REPLICA_OWNERS),
	};
}

static void tell_current(const struct sp_replica_facts *facts)
{
	struct sp_log_line line;

	sp_log_begin(&line, SP_LOG_NOTICE, "replica_current");
	sp_log_number(&line, "credentials", (int64_t)facts->credentials);
	sp_log_number(&line, "owners", (int64_t)facts->owners);
	sp_log_end(&line);
}

/* Once a second, as somebody must tell of it even if nobody logs in. */
static void on_check(evutil_socket_t fd, short what, void *context)
{
	struct sp_replica_keeper *keeper = context;
	struct sp_replica_facts facts = sp_replica_keeper_facts(keeper);

	(void)fd;
	(void)what;
	if (keeper->told && facts.current == keeper->was_current)
		return;
	if (facts.current)
		tell_current(&facts);
	else
		sp_log_message(SP_LOG_ERROR, "replica_stale", "%s: all are told to try later",
		    facts.age_ms == SP_REPLICA_NEVER ? "the replica is not whole yet"
						     : "the replica is older than replica_max_age");
	keeper->told = true;
	keeper->was_current = facts.current;
}

static bool open_store(struct sp_replica_keeper *keeper, char why_r[SP_CONF_WHY_MAX])
{
	const struct sp_conf *conf = keeper->generation->conf;
	char path[PATH_SIZE];
	const char *why = "no memory";
	int length = snprintf(path, sizeof(path), "%s/replica.lmdb", conf->daemon_state_directory);

	if (conf->daemon_state_directory[0] == '\0')
		return fail(why_r, "[daemon] state_directory", "a replica needs one");
	if (length > 0 && (size_t)length < sizeof(path))
		keeper->store = sp_replica_store_open(keeper->generation->scope, path,
		    (size_t)conf->directory_replica_size * MIB, &why);
	return keeper->store != NULL || fail(why_r, path, why);
}

static bool watch_age(struct sp_replica_keeper *keeper, struct event_base *base)
{
	const struct timeval second = {.tv_sec = 1};

	keeper->check = event_new(base, -1, EV_PERSIST, on_check, keeper);
	return keeper->check != NULL && event_add(keeper->check, &second) == 0;
}

bool sp_replica_keeper_start(struct event_base *base, struct sp_generations *generations,
    struct sp_replica_keeper **keeper_r, char why_r[SP_CONF_WHY_MAX])
{
	struct sp_replica_keeper *keeper = calloc(1, sizeof(*keeper));

	*keeper_r = NULL;
	if (keeper == NULL)
		return fail(why_r, "replica", "no memory");
	keeper->generations = generations;
	keeper->generation = sp_generations_hold(generations);
	bool wanted = keeper->generation->scope != NULL;
	bool ok = !wanted || open_store(keeper, why_r);
	if (ok && wanted) {
		keeper->max_age_ms = (int64_t)keeper->generation->conf->directory_replica_max_age;
		keeper->follower = sp_replica_follower_start(
		    generations, sp_replica_store_sink(keeper->store), keeper->max_age_ms);
		ok = (keeper->follower != NULL && watch_age(keeper, base)) ||
		     fail(why_r, "replica", "its thread cannot be had");
	}
	if (ok && wanted)
		*keeper_r = keeper;
	else
		sp_replica_keeper_stop(&keeper);
	return ok;
}

void sp_replica_keeper_reload(struct sp_replica_keeper *keeper)
{
	if (keeper != NULL)
		sp_replica_follower_reload(keeper->follower);
}

void sp_replica_keeper_stop(struct sp_replica_keeper **keeper)
{
	if (keeper == NULL || *keeper == NULL)
		return;
	sp_replica_follower_stop(&(*keeper)->follower);
	if ((*keeper)->check != NULL)
		event_free((*keeper)->check);
	sp_replica_store_close(&(*keeper)->store);
	sp_generation_release((*keeper)->generations, &(*keeper)->generation);
	free(*keeper);
	*keeper = NULL;
}

struct sp_directory *sp_replica_keeper_directory(
    struct sp_replica_keeper *keeper, struct sp_directory *live)
{
	return sp_replica_directory_new(keeper->store, keeper->max_age_ms, live);
}
