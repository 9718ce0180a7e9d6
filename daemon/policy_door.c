/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/policy_door.h"

#include <stdlib.h>

#include "daemon/door.h"
#include "daemon/policy_check.h"
#include "daemon/policy_connection.h"
#include "lib/base/clock.h"

struct sp_policy_door {
	struct sp_door *door;
	struct sp_policy_site site;
	struct sp_request_clients clients;
};

static const struct sp_door_protocol protocol = {
    .name = "policy",
    .begin = sp_request_connection_begin,
    .count = sp_request_clients_count,
    .farewell = "",
};

struct sp_policy_door *sp_policy_door_open(
    const struct sp_conf *conf, struct sp_activation *activation, char why_r[SP_CONF_WHY_MAX])
{
	struct sp_policy_door *policy = calloc(1, sizeof(*policy));

	if (policy == NULL) {
		snprintf(why_r, SP_CONF_WHY_MAX, "out of memory");
		return NULL;
	}
	sp_request_clients_init(&policy->clients, &sp_policy_protocol, &policy->site,
	    sp_timeval_from_ms((int64_t)conf->daemon_idle_timeout));
	policy->door = sp_door_open(&protocol, &conf->daemon_policy,
	    (size_t)conf->daemon_max_connections, activation, why_r);
	if (policy->door == NULL)
		sp_policy_door_close(&policy);
	return policy;
}

static bool start_site(struct sp_policy_door *policy, const struct sp_conf *conf)
{
	struct sp_policy_site *site = &policy->site;

	site->sessions = sp_sessions_new(SP_SESSIONS_MAX);
	site->transactions = sp_transactions_new();
	site->rates = sp_rate_keeper_start(policy->clients.base, conf->daemon_state_directory);
	if (site->sessions == NULL || site->transactions == NULL || site->rates == NULL)
		return false;
	sp_pipeline_record(site->pipeline, site->sessions);
	return true;
}

bool sp_policy_door_start(struct sp_policy_door *policy, struct event_base *base,
    struct sp_generations *generations, struct sp_pipeline *pipeline)
{
	struct sp_generation *generation = sp_generations_hold(generations);
	bool ok = true;

	policy->clients.base = base;
	policy->site.generations = generations;
	policy->site.pipeline = pipeline;
	if (generation->rules.policy_door)
		ok = start_site(policy, generation->conf);
	sp_generation_release(generations, &generation);
	return ok && sp_door_start(policy->door, base, &policy->clients);
}

void sp_policy_door_drain(struct sp_policy_door *policy)
{
	sp_door_stop(policy->door);
	sp_request_clients_drain(&policy->clients);
}

void sp_policy_door_close(struct sp_policy_door **policy)
{
	if (policy == NULL || *policy == NULL)
		return;
	struct sp_policy_site *site = &(*policy)->site;
	sp_door_close(&(*policy)->door);
	sp_request_clients_close(&(*policy)->clients);
	if (site->pipeline != NULL)
		sp_pipeline_record(site->pipeline, NULL);
	sp_rate_keeper_stop(&site->rates);
	sp_transactions_free(&site->transactions);
	sp_sessions_free(&site->sessions);
	free(*policy);
	*policy = NULL;
}
