/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/generation.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "daemon/alert_runner.h"
#include "lib/base/clock.h"
#include "lib/conf/safe_file.h"
#include "lib/process/log_destination.h"

struct sp_generations {
	pthread_mutex_t lock; /* current, and every generation's count of references */
	struct sp_generation *current;
};

static void destroy(struct sp_generation *generation)
{
	if (generation == NULL)
		return;
	sp_replica_scope_free(&generation->scope);
	sp_ldap_site_free(&generation->site);
	sp_conf_free(&generation->conf);
	free(generation->exempt);
	sp_secret_wipe(&generation->bind_secret);
	munlock(&generation->bind_secret, sizeof(generation->bind_secret));
	free(generation);
}

static bool take_secret(struct sp_generation *generation, const struct sp_generation *before,
    char why_r[SP_CONF_WHY_MAX])
{
	const char *file = generation->conf->ldap_bind_secret_file;
	const char *why;

	if (file[0] == '\0')
		return true;
	if (sp_file_read_secret(file, &generation->bind_secret, &why))
		return true;
	if (before != NULL && geteuid() != 0 &&
	    strcmp(before->conf->ldap_bind_secret_file, file) == 0 && access(file, R_OK) != 0) {
		generation->bind_secret = before->bind_secret;
		return true;
	}
	snprintf(why_r, SP_CONF_WHY_MAX, "[ldap] bind_secret_file %.200s: %s", file, why);
	return false;
}

static bool take_scope(struct sp_generation *generation, char why_r[SP_CONF_WHY_MAX])
{
	return strcmp(generation->conf->directory_mode, "replica") != 0 ||
	       sp_replica_scope_new(generation->site, &generation->scope, why_r);
}

static struct sp_attempt_rules rules_of(const struct sp_conf *conf)
{
	const char *fixed_login = conf->policy_fixed_login;
	time_t legacy_until;

	/* the configuration's own check has let nothing but a day pass */
	if (!sp_parse_day(conf->migration_mailbox_passwords_until, &legacy_until))
		legacy_until = 0;
	return (struct sp_attempt_rules){
	    .caps =
		{
		    .memory_kib = (uint32_t)conf->argon2_max_memory,
		    .passes = (uint32_t)conf->argon2_max_passes,
		    .lanes = (uint32_t)conf->argon2_max_lanes,
		},
	    .require_tls = conf->policy_require_tls,
	    .policy_door = conf->daemon_policy.count > 0,
	    .own_addresses = conf->directory_owner_mail_attribute[0] != '\0',
	    .fixed_login = fixed_login[0] != '\0' ? fixed_login : NULL,
	    .max_imported = (unsigned)conf->policy_max_imported,
	    .legacy_until = legacy_until,
	    .legacy_logins = conf->migration_logins.items,
	};
}

/* Doors open at the start alone, whatever the configuration says by now. */
static bool take_rules(struct sp_generation *generation, const struct sp_generation *before,
    char why_r[SP_CONF_WHY_MAX])
{
	generation->rules = rules_of(generation->conf);
	if (before != NULL)
		generation->rules.policy_door = before->rules.policy_door;
	if (generation->rules.fixed_login == NULL || generation->rules.policy_door)
		return true;
	snprintf(why_r, SP_CONF_WHY_MAX,
	    "[policy] fixed_login needs a policy door, and none is open: restart sendpassd");
	return false;
}

static bool take_throttle(struct sp_generation *generation, char why_r[SP_CONF_WHY_MAX])
{
	const struct sp_conf *conf = generation->conf;
	const struct sp_conf_list *exempt = &conf->policy_throttle_exempt;

	generation->exempt = calloc(exempt->count + 1, sizeof(*generation->exempt));
	if (generation->exempt == NULL) {
		snprintf(why_r, SP_CONF_WHY_MAX, "out of memory");
		return false;
	}
	for (size_t i = 0; i < exempt->count; i++) {
		if (sp_network_parse(exempt->items[i], &generation->exempt[i]))
			continue;
		snprintf(why_r, SP_CONF_WHY_MAX,
		    "[policy] throttle_exempt: %.200s is no address or network", exempt->items[i]);
		return false;
	}
	generation->throttle = (struct sp_throttle_limits){
	    .per_address = (uint32_t)conf->policy_throttle_address,
	    .per_login = (uint32_t)conf->policy_throttle_login,
	    .period_ms = (int64_t)conf->policy_throttle_period,
	    .exempt = generation->exempt,
	    .exempt_count = exempt->count,
	};
	return true;
}

static bool check_log(const struct sp_conf *conf, char why_r[SP_CONF_WHY_MAX])
{
	const char *fault = sp_log_settings_fault(conf);

	if (fault != NULL)
		snprintf(why_r, SP_CONF_WHY_MAX, "%s", fault);
	return fault == NULL;
}

static bool take_alerts(struct sp_generation *generation, char why_r[SP_CONF_WHY_MAX])
{
	const char *command = generation->conf->alert_command;
	char name[SP_ALERT_NAME_MAX + 1];
	const char *why = "is too long";

	if (!sp_alert_kinds_parse(generation->conf->alert_events, &generation->alerts, name)) {
		snprintf(why_r, SP_CONF_WHY_MAX,
		    "[alert] events: %s is no event that can be an alert, or one too many", name);
		return false;
	}
	if (command[0] == '\0' ||
	    (strlen(command) < SP_ALERT_COMMAND_MAX && sp_file_is_safe_program(command, &why)))
		return true;
	snprintf(why_r, SP_CONF_WHY_MAX, "[alert] command %.200s: %s", command, why);
	return false;
}

bool sp_generation_read(const char *path, const struct sp_generation *before,
    struct sp_generation **generation_r, char why_r[SP_CONF_WHY_MAX])
{
	struct sp_generation *generation = calloc(1, sizeof(*generation));

	*generation_r = NULL;
	if (generation == NULL) {
		snprintf(why_r, SP_CONF_WHY_MAX, "out of memory");
		return false;
	}
	mlock(&generation->bind_secret, sizeof(generation->bind_secret));
	generation->references = 1;
	if (!sp_conf_read(path, &generation->conf, why_r) ||
	    !take_secret(generation, before, why_r) ||
	    !sp_ldap_site_new(
		generation->conf, &generation->bind_secret, &generation->site, why_r) ||
	    !take_alerts(generation, why_r) || !take_scope(generation, why_r) ||
	    !take_throttle(generation, why_r) || !take_rules(generation, before, why_r) ||
	    !check_log(generation->conf, why_r)) {
		destroy(generation);
		return false;
	}
	/* which the configuration's own check has done before */
	if (!sp_rates_parse(generation->conf->policy_default_rate, generation->default_rates,
		&generation->default_rate_count))
		generation->default_rate_count = 0;
	*generation_r = generation;
	return true;
}

struct sp_generations *sp_generations_new(struct sp_generation *first)
{
	struct sp_generations *generations = calloc(1, sizeof(*generations));

	if (generations == NULL)
		return NULL;
	pthread_mutex_init(&generations->lock, NULL);
	generations->current = first;
	return generations;
}

struct sp_generation *sp_generations_hold(struct sp_generations *generations)
{
	pthread_mutex_lock(&generations->lock);
	struct sp_generation *current = generations->current;
	current->references++;
	pthread_mutex_unlock(&generations->lock);
	return current;
}

void sp_generation_release(struct sp_generations *generations, struct sp_generation **generation)
{
	if (*generation == NULL)
		return;
	pthread_mutex_lock(&generations->lock);
	bool last = --(*generation)->references == 0;
	pthread_mutex_unlock(&generations->lock);
	if (last)
		destroy(*generation);
	*generation = NULL;
}

void sp_generations_replace(struct sp_generations *generations, struct sp_generation *next)
{
	pthread_mutex_lock(&generations->lock);
	struct sp_generation *old = generations->current;
	generations->current = next;
	pthread_mutex_unlock(&generations->lock);
	sp_generation_release(generations, &old);
}

void sp_generations_free(struct sp_generations **generations)
{
	if (generations == NULL || *generations == NULL)
		return;
	sp_generation_release(*generations, &(*generations)->current);
	pthread_mutex_destroy(&(*generations)->lock);
	free(*generations);
	*generations = NULL;
}
