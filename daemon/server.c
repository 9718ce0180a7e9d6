/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/server.h"

#include <event2/event.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "daemon/alert_runner.h"
#include "daemon/alerts.h"
#include "daemon/auth_door.h"
#include "daemon/generation.h"
#include "daemon/log_writer.h"
#include "daemon/metrics_door.h"
#include "daemon/pipeline.h"
#include "daemon/policy_door.h"
#include "daemon/replica_keeper.h"
#include "daemon/saslauthd_door.h"
#include "daemon/socketmap_door.h"
#include "lib/base/log.h"
#include "lib/password/verified_cache.h"
#include "lib/process/activation.h"
#include "lib/process/peers.h"
#include "lib/process/privileges.h"
#include "lib/process/service_manager.h"
#include "lib/process/syscalls.h"

/* Logs, LDAP connections and the like; and, for each door, clients on their way out. */
#define DESCRIPTORS_BESIDE_CONNECTIONS 128

struct server {
	const char *conf_path;
	struct sp_log_writer *log;
	struct event_base *base;
	struct sp_generations *generations;
	int runner; /* of the alert command; -1 once it is with alerts */
	struct sp_alerts *alerts;
	struct sp_auth_door *auth;
	struct sp_saslauthd_door *saslauthd;
	struct sp_policy_door *policy;
	struct sp_socketmap_door *socketmap;
	struct sp_verified_cache *verified; /* NULL for none */
	struct sp_replica_keeper *keeper;   /* likewise */
	struct sp_metrics_door *metrics;
	struct sp_pipeline *pipeline;
	struct event *terminate, *interrupt, *hangup, *drained;
	struct sp_service_manager manager;
	struct event *alive;
};

/* ---- signals, and the service manager ---- */

static void on_drained(evutil_socket_t fd, short what, void *context)
{
	struct server *server = context;
	const struct timeval soon = {.tv_usec = 10000};

	(void)fd;
	(void)what;
	if (sp_pipeline_pending(server->pipeline) == 0)
		event_base_loopexit(server->base, NULL);
	else
		event_add(server->drained, &soon);
}

static void on_terminate(evutil_socket_t number, short what, void *context)
{
	struct server *server = context;

	sp_log_message(SP_LOG_NOTICE, "stopping", "signal %d", (int)number);
	sp_service_manager_tell_stopping(&server->manager);
	sp_auth_door_drain(server->auth);
	sp_saslauthd_door_drain(server->saslauthd);
	sp_policy_door_drain(server->policy);
	sp_socketmap_door_drain(server->socketmap);
	on_drained(-1, what, server);
}

static void on_hangup(evutil_socket_t number, short what, void *context)
{
	struct server *server = context;
	struct sp_generation *before = sp_generations_hold(server->generations);
	struct sp_generation *next;
	char why[SP_CONF_WHY_MAX];

	(void)number;
	(void)what;
	sp_service_manager_tell_reloading(&server->manager);
	if (!sp_generation_read(server->conf_path, before, &next, why)) {
		sp_log_writer_follow(server->log, before->conf);
		sp_log_message(SP_LOG_ERROR, "configuration_refused",
		    "%s; the earlier configuration stays in force", why);
	} else {
		if (sp_conf_section_differs(before->conf, next->conf, "daemon"))
			sp_log_message(SP_LOG_WARNING, "restart_needed",
			    "settings under [daemon] changed; they wait for a restart");
		if ((server->keeper != NULL || next->scope != NULL) &&
		    sp_conf_section_differs(before->conf, next->conf, "directory"))
			sp_log_message(SP_LOG_WARNING, "restart_needed",
			    "settings under [directory] changed; with a replica they wait for a "
			    "restart");
		/* first, as a log that cannot be opened may be an alert */
		sp_alerts_follow(server->alerts, next);
		sp_log_writer_follow(server->log, next->conf);
		sp_generations_replace(server->generations, next);
		sp_replica_keeper_reload(server->keeper);
		sp_log_message(SP_LOG_NOTICE, "configuration_loaded", "%s", server->conf_path);
	}
	sp_generation_release(server->generations, &before);
	/* after a refusal too: the earlier configuration serves on */
	sp_service_manager_tell_ready(&server->manager);
}

static void on_alive(evutil_socket_t fd, short what, void *context)
{
	const struct server *server = context;

	(void)fd;
	(void)what;
	sp_service_manager_tell_alive(&server->manager);
}

static bool keep_watchdog(struct server *server)
{
	int64_t us = server->manager.watchdog_us / 2;
	const struct timeval interval = {.tv_sec = us / 1000000, .tv_usec = us % 1000000};

	if (us == 0)
		return true;
	server->alive = event_new(server->base, -1, EV_PERSIST, on_alive, server);
	return server->alive != NULL && event_add(server->alive, &interval) == 0;
}

static bool watch_signals(struct server *server)
{
	signal(SIGPIPE, SIG_IGN);
	server->terminate = evsignal_new(server->base, SIGTERM, on_terminate, server);
	server->interrupt = evsignal_new(server->base, SIGINT, on_terminate, server);
	server->hangup = evsignal_new(server->base, SIGHUP, on_hangup, server);
	server->drained = evtimer_new(server->base, on_drained, server);
	return server->terminate != NULL && server->interrupt != NULL && server->hangup != NULL &&
	       server->drained != NULL && evsignal_add(server->terminate, NULL) == 0 &&
	       evsignal_add(server->interrupt, NULL) == 0 &&
	       evsignal_add(server->hangup, NULL) == 0;
}

/* ---- start and stop ---- */

/* Enough descriptors for max_connections of each door, if the hard limit or root allows. */
static void raise_descriptor_limit(const struct sp_conf *conf)
{
	rlim_t doors = (rlim_t)(conf->daemon_auth.count > 0) + (conf->daemon_saslauthd.count > 0) +
		       (conf->daemon_policy.count > 0) + (conf->daemon_socketmap.count > 0);
	rlim_t wanted = doors * (conf->daemon_max_connections + DESCRIPTORS_BESIDE_CONNECTIONS) +
			DESCRIPTORS_BESIDE_CONNECTIONS + SP_METRICS_CONNECTIONS_MAX;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
		return;
	limit.rlim_cur = wanted;
	if (limit.rlim_max < wanted)
		limit.rlim_max = wanted;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
		sp_log_message(SP_LOG_WARNING, "few_descriptors",
		    "the limit of open files is below [daemon] max_connections");
}

static bool start_failed(const char *what, const char *why)
{
	sp_log_message(SP_LOG_ERROR, "start_failed", "%s: %s", what, why);
	return false;
}

static bool open_doors(struct server *server, const struct sp_conf *conf)
{
	struct sp_activation activation;
	char why[SP_CONF_WHY_MAX];
	const char *fault;

	if (!sp_activation_take(&activation, &fault))
		return start_failed("door", fault);
	server->auth = sp_auth_door_open(conf, &activation, why);
	if (server->auth != NULL)
		server->saslauthd = sp_saslauthd_door_open(conf, &activation, why);
	if (server->saslauthd != NULL)
		server->policy = sp_policy_door_open(conf, &activation, why);
	if (server->policy != NULL)
		server->socketmap = sp_socketmap_door_open(conf, &activation, why);
	if (server->socketmap != NULL)
		server->metrics = sp_metrics_door_open(conf, &activation, why);
	const char *unclaimed = sp_activation_unclaimed(&activation);
	bool ok = server->metrics != NULL;
	if (!ok)
		start_failed("door", why);
	else if (unclaimed != NULL)
		ok = start_failed(unclaimed, "a socket of the service manager that no door lists");
	sp_activation_close(&activation);
	return ok;
}

/* Before the drop, as root may lock any amount of memory. */
static bool make_cache(struct server *server, const struct sp_conf *conf)
{
	bool locked;

	if (conf->daemon_cache_size == 0)
		return true;
	server->verified = sp_verified_cache_new((size_t)conf->daemon_cache_size, &locked);
	if (server->verified == NULL)
		return start_failed("[daemon] cache_size", "out of memory");
	if (!locked)
		sp_log_message(SP_LOG_WARNING, "cache_not_locked",
		    "%" PRIu64 " KiB of [daemon] cache_size may be swapped out: start as root, "
		    "or raise the limit of locked memory",
		    conf->daemon_cache_size * SP_VERIFIED_PLACE_SIZE / 1024 + 1);
	return true;
}

static bool start_metrics(struct server *server)
{
	const struct sp_metrics_sources sources = {
	    .generations = server->generations,
	    .pipeline = server->pipeline,
	    .verified = server->verified,
	    .keeper = server->keeper,
	    .started = time(NULL),
	};

	return sp_metrics_door_start(server->metrics, &sources);
}

static bool open_log(struct server *server, const struct sp_conf *conf)
{
	char why[SP_CONF_WHY_MAX];
	uid_t owner;

	if (!sp_peers_find_user(conf->daemon_user, &owner))
		return start_failed(conf->daemon_user, "is no user");
	server->log = sp_log_writer_open(conf, "sendpassd", owner, why);
	return server->log != NULL || start_failed("log", why);
}

static bool start_alerts(struct server *server, const struct sp_generation *first)
{
	int runner = server->runner;

	if (!sp_alert_runner_become(runner, first->conf->daemon_user))
		return false;
	server->runner = -1;
	server->alerts = sp_alerts_new(server->base, runner);
	if (server->alerts == NULL)
		return false;
	sp_alerts_follow(server->alerts, first);
	return true;
}

/* What needs root comes before the drop, threads come after it. */
static bool start(struct server *server)
{
	struct sp_generation *first;
	char why[SP_CONF_WHY_MAX];
	const char *fault;

	if (!sp_generation_read(server->conf_path, NULL, &first, why))
		return start_failed("configuration", why);
	const struct sp_conf *conf = first->conf; /* lives as long as the generation */
	server->generations = sp_generations_new(first);
	server->base = event_base_new();
	if (server->generations == NULL || server->base == NULL)
		return start_failed("event loop", "out of memory");
	if (!open_log(server, conf))
		return false;
	raise_descriptor_limit(conf);
	if (!open_doors(server, conf) || !make_cache(server, conf))
		return false;
	if (!sp_privileges_drop(conf->daemon_user, &fault))
		return start_failed(conf->daemon_user, fault);
	if (!start_alerts(server, first))
		return start_failed("alerts", "out of memory, or their process is gone");
	if (!sp_privileges_restrict(&fault))
		return start_failed("privileges", fault);
	if (!sp_syscalls_restrict(conf->daemon_seccomp, &fault))
		return start_failed("[daemon] seccomp", fault);
	if (!sp_log_writer_start(server->log, conf))
		return start_failed("log", "its thread cannot be had");
	if (!sp_replica_keeper_start(server->base, server->generations, &server->keeper, why))
		return start_failed("replica", why);
	server->pipeline = sp_pipeline_start(
	    server->base, server->generations, server->verified, server->keeper, &fault);
	if (server->pipeline == NULL)
		return start_failed("workers", fault);
	if (!watch_signals(server) || !keep_watchdog(server) ||
	    !sp_auth_door_start(server->auth, server->base, server->pipeline) ||
	    !sp_saslauthd_door_start(server->saslauthd, server->base, server->pipeline) ||
	    !sp_policy_door_start(
		server->policy, server->base, server->generations, server->pipeline) ||
	    !sp_socketmap_door_start(server->socketmap, server->base, server->pipeline))
		return start_failed("event loop", "out of memory");
	if (!start_metrics(server))
		return start_failed("metrics", "out of threads or memory");
	return true;
}

static void free_event(struct event *event)
{
	if (event != NULL)
		event_free(event);
}

static void stop(struct server *server)
{
	sp_metrics_door_close(&server->metrics);
	sp_auth_door_close(&server->auth);
	sp_saslauthd_door_close(&server->saslauthd);
	sp_policy_door_close(&server->policy);
	sp_socketmap_door_close(&server->socketmap);
	sp_pipeline_stop(&server->pipeline);
	sp_replica_keeper_stop(&server->keeper);
	sp_verified_cache_free(&server->verified);
	sp_alerts_free(&server->alerts);
	if (server->runner >= 0)
		close(server->runner);
	free_event(server->terminate);
	free_event(server->interrupt);
	free_event(server->hangup);
	free_event(server->drained);
	free_event(server->alive);
	if (server->base != NULL)
		event_base_free(server->base);
	sp_generations_free(&server->generations);
	sp_service_manager_close(&server->manager);
}

int sp_server_run(const char *conf_path)
{
	struct server server = {.conf_path = conf_path, .runner = sp_alert_runner_start()};

	openlog("sendpassd", LOG_PID, LOG_AUTH); /* for what libraries say there */
	sp_log_set_sink(sp_log_to_stderr, NULL, SP_LOG_INFO);
	sp_service_manager_find(&server.manager);
	bool ok = start(&server);
	if (ok) {
		sp_service_manager_tell_ready(&server.manager);
		sp_log_message(SP_LOG_NOTICE, "ready", "%s", conf_path);
		ok = event_base_dispatch(server.base) == 0;
	}
	stop(&server);
	if (ok)
		sp_log_message(SP_LOG_NOTICE, "stopped", "all attempts were answered");
	sp_log_writer_stop(&server.log);
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

int sp_server_check(const char *conf_path)
{
	struct sp_generation *generation;
	char why[SP_CONF_WHY_MAX];

	sp_log_set_sink(sp_log_to_stderr, NULL, SP_LOG_WARNING);
	if (!sp_generation_read(conf_path, NULL, &generation, why)) {
		fprintf(stderr, "sendpassd: %s\n", why);
		return EXIT_FAILURE;
	}
	struct sp_generations *generations = sp_generations_new(generation);
	sp_generations_free(&generations);
	return EXIT_SUCCESS;
}
