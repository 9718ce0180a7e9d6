/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/metrics_page.h"

#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "daemon/footprint.h"
#include "daemon/metrics.h"
#include "daemon/metrics_text.h"
#include "daemon/usage_writer.h"
#include "lib/directory/live.h"

static void put_number(
    const struct sp_metrics_text *text, const struct sp_metric *metric, int64_t value)
{
	sp_metrics_text_begin(text, metric);
	sp_metrics_text_number(text, metric, NULL, 0, value);
}

/* ---- counted here ---- */

/* Those that never happened too: a counter must be seen at zero to be seen to rise. */
static void put_attempts(const struct sp_metrics_text *text)
{
	static const struct sp_metric metric = {
	    "sendpass_attempts", SP_METRIC_COUNTER, "Attempts to log in that were answered."};

	sp_metrics_text_begin(text, &metric);
	for (int i = 0; i < SP_ROWS_OF(SP_LOGIN_DOORS) * SP_ROWS_OF(SP_REASONS); i++) {
		enum sp_login_door door = (enum sp_login_door)(i / SP_ROWS_OF(SP_REASONS));
		enum sp_reason reason = (enum sp_reason)(i % SP_ROWS_OF(SP_REASONS));
		const struct sp_metric_label labels[] = {
		    {"door", sp_login_door_name(door)},
		    {"result", sp_result_name(sp_reason_result(reason))},
		    {"reason", sp_reason_name(reason)},
		};
		sp_metrics_text_number(
		    text, &metric, labels, 3, (int64_t)sp_metrics_attempts(door, reason));
	}
}

/* Only what has happened: most reasons never come with most actions. */
static void put_decisions(const struct sp_metrics_text *text)
{
	static const struct sp_metric metric = {"sendpass_policy_decisions", SP_METRIC_COUNTER,
	    "Answers of the policy door about sessions that had logged in."};
	static const char *const names[] = {
#define DECISION_NAME(constant, name) [SP_DECISION_##constant] = (name),
	    SP_DECISIONS(DECISION_NAME)
#undef DECISION_NAME
	};

	sp_metrics_text_begin(text, &metric);
	for (int i = 0; i < SP_ROWS_OF(SP_DECISIONS) * SP_ROWS_OF(SP_REASONS); i++) {
		enum sp_decision decision = (enum sp_decision)(i / SP_ROWS_OF(SP_REASONS));
		enum sp_reason reason = (enum sp_reason)(i % SP_ROWS_OF(SP_REASONS));
		uint64_t count = sp_metrics_decisions(decision, reason);
		const struct sp_metric_label labels[] = {
		    {"action", names[decision]},
		    {"reason", sp_reason_name(reason)},
		};
		if (count > 0)
			sp_metrics_text_number(text, &metric, labels, 2, (int64_t)count);
	}
}

static void put_timings(const struct sp_metrics_text *text)
{
	static const struct sp_metric attempts = {"sendpass_attempt_duration_seconds",
	    SP_METRIC_HISTOGRAM, "Time from a whole request to its answer, of attempts to log in."};
	static const struct sp_metric timings[] = {
#define TIMING_METRIC(constant, name, help)                                                        \
	[SP_TIMING_##constant] = {name, SP_METRIC_HISTOGRAM, help},
	    SP_TIMINGS(TIMING_METRIC)
#undef TIMING_METRIC
	};
	struct sp_histogram_reading reading;

	sp_metrics_text_begin(text, &attempts);
	for (int i = 0; i <= SP_GRANTED; i++) {
		const struct sp_metric_label result = {"result", sp_result_name((enum sp_result)i)};
		reading = sp_histogram_read(sp_metrics_attempt_timing((enum sp_result)i));
		sp_metrics_text_histogram(text, &attempts, &result, &reading);
	}
	for (int i = 0; i < SP_ROWS_OF(SP_TIMINGS); i++) {
		sp_metrics_text_begin(text, &timings[i]);
		reading = sp_histogram_read(sp_metrics_timing((enum sp_timing)i));
		sp_metrics_text_histogram(text, &timings[i], NULL, &reading);
	}
}

static void put_tables(const struct sp_metrics_text *text)
{
#define PUT_COUNTER(constant, name, help)                                                          \
	put_number(text, &(struct sp_metric){name, SP_METRIC_COUNTER, help},                       \
	    (int64_t)sp_metrics_counted(SP_COUNTER_##constant));
#define PUT_GAUGE(constant, name, help)                                                            \
	put_number(text, &(struct sp_metric){name, SP_METRIC_GAUGE, help},                         \
	    sp_metrics_value(SP_GAUGE_##constant));
	SP_COUNTERS(PUT_COUNTER)
	SP_GAUGES(PUT_GAUGE)
#undef PUT_COUNTER
#undef PUT_GAUGE
}

/* ---- asked for ---- */

static void put_load(const struct sp_metrics_text *text, struct sp_pipeline *pipeline)
{
	struct sp_pipeline_load load = sp_pipeline_load(pipeline);
	const struct {
		const char *name, *help;
		size_t value;
	} rows[] = {
	    {"sendpass_directory_workers", "Threads that ask the directory.",
		load.directory.workers},
	    {"sendpass_directory_workers_busy", "Directory workers that have a task.",
		load.directory.busy},
	    {"sendpass_directory_queue_length", "Tasks that wait for a directory worker.",
		load.directory.waiting},
	    {"sendpass_directory_queue_limit", "Tasks that may wait for a directory worker.",
		load.directory.limit},
	    {"sendpass_argon2_slots", "Argon2 computations that run at once.", load.argon2.workers},
	    {"sendpass_argon2_slots_busy", "Argon2 slots that have a task.", load.argon2.busy},
	    {"sendpass_argon2_queue_length", "Tasks that wait for an Argon2 slot.",
		load.argon2.waiting},
	    {"sendpass_argon2_queue_limit", "Tasks that may wait for an Argon2 slot.",
		load.argon2.limit},
	    {"sendpass_last_used_queue_length", "Uses that wait to be written to the directory.",
		load.uses_waiting},
	    {"sendpass_last_used_queue_limit", "Uses that may wait to be written to the directory.",
		SP_USAGE_WAITING_MAX},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		put_number(text, &(struct sp_metric){rows[i].name, SP_METRIC_GAUGE, rows[i].help},
		    (int64_t)rows[i].value);
}

/* Nothing without a replica. */
static void put_replica(const struct sp_metrics_text *text, const struct sp_replica_keeper *keeper)
{
	if (keeper == NULL)
		return;
	const struct sp_replica_facts facts = sp_replica_keeper_facts(keeper);
	const struct {
		const char *name, *help;
		int64_t value;
	} rows[] = {
	    {"sendpass_replica_current", "1: the replica answers; 0: it is too old, or not whole.",
		facts.current},
	    {"sendpass_replica_age_seconds", "How old the replica may be; -1: it was never whole.",
		facts.age_ms == SP_REPLICA_NEVER ? -1 : facts.age_ms / 1000},
	    {"sendpass_replica_credentials", "App passwords in the replica.",
		(int64_t)facts.credentials},
	    {"sendpass_replica_owners", "Owners' entries in the replica.", (int64_t)facts.owners},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		put_number(text, &(struct sp_metric){rows[i].name, SP_METRIC_GAUGE, rows[i].help},
		    rows[i].value);
}

/* Zeros without a cache. */
static void put_cache(const struct sp_metrics_text *text, struct sp_verified_cache *verified)
{
	struct sp_verified_stats stats = {0};

	if (verified != NULL)
		stats = sp_verified_cache_stats(verified);
	const struct {
		struct sp_metric metric;
		uint64_t value;
	} rows[] = {
	    {{"sendpass_cache_hits", SP_METRIC_COUNTER,
		 "Right passwords that were known, and needed no Argon2."},
		stats.hits},
	    {{"sendpass_cache_additions", SP_METRIC_COUNTER,
		 "Right passwords that Argon2 found, and that are known from then on."},
		stats.additions},
	    {{"sendpass_cache_evictions", SP_METRIC_COUNTER,
		 "Right passwords that were forgotten because others needed their place."},
		stats.evictions},
	    {{"sendpass_cache_entries", SP_METRIC_GAUGE, "Right passwords that are known."},
		stats.entries},
	    {{"sendpass_cache_limit", SP_METRIC_GAUGE, "Right passwords that can be known."},
		stats.places},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		put_number(text, &rows[i].metric, (int64_t)rows[i].value);
}

/* A server that the configuration lists twice is one series. */
static bool is_listed_before(const struct sp_ldap_site *site, size_t server)
{
	const char *uri = sp_ldap_site_server(site, server).uri;

	for (size_t i = 0; i < server; i++) {
		if (strcmp(sp_ldap_site_server(site, i).uri, uri) == 0)
			return true;
	}
	return false;
}

static int64_t is_up(const struct sp_ldap_server_state *state)
{
	return state->up;
}

static int64_t asked_at(const struct sp_ldap_server_state *state)
{
	return (int64_t)state->asked;
}

static void put_each_server(const struct sp_metrics_text *text, const struct sp_metric *metric,
    const struct sp_ldap_site *site, int64_t (*value_of)(const struct sp_ldap_server_state *))
{
	sp_metrics_text_begin(text, metric);
	for (size_t i = 0; i < sp_ldap_site_server_count(site); i++) {
		struct sp_ldap_server_state state = sp_ldap_site_server(site, i);
		if (!is_listed_before(site, i))
			sp_metrics_text_number(text, metric,
			    &(struct sp_metric_label){"uri", state.uri}, 1, value_of(&state));
	}
}

static void put_servers(const struct sp_metrics_text *text, struct sp_generations *generations)
{
	static const struct sp_metric up = {"sendpass_ldap_up", SP_METRIC_GAUGE,
	    "Whether the LDAP server answered when it was last asked."};
	static const struct sp_metric asked = {"sendpass_ldap_asked_timestamp_seconds",
	    SP_METRIC_GAUGE,
	    "When the LDAP server was last asked, in seconds since 1970; 0: not yet."};
	static const struct sp_metric failovers = {"sendpass_ldap_failovers", SP_METRIC_COUNTER,
	    "Times that sendpassd went over to another LDAP server."};
	struct sp_generation *generation = sp_generations_hold(generations);
	const struct sp_ldap_site *site = generation->site;

	put_each_server(text, &up, site, is_up);
	put_each_server(text, &asked, site, asked_at);
	put_number(text, &failovers, (int64_t)sp_ldap_site_failovers(site));
	sp_generation_release(generations, &generation);
}

/* ---- the process ---- */

/* The names are those that Prometheus's own libraries give. */
static void put_process(const struct sp_metrics_text *text, time_t started)
{
	static const struct sp_metric build = {
	    "sendpass_build", SP_METRIC_INFO, "The version of sendpassd."};
	static const struct sp_metric cpu = {"process_cpu_seconds", SP_METRIC_COUNTER,
	    "Processor time of all threads, in user and kernel mode."};
	const struct sp_metric_label version = {"version", PACKAGE_VERSION};
	struct sp_footprint footprint = sp_footprint_now();
	const struct {
		const char *name, *help;
		int64_t value;
	} rows[] = {
	    {"process_start_time_seconds", "When sendpassd started, in seconds since 1970.",
		(int64_t)started},
	    {"process_resident_memory_bytes", "Memory that is in RAM.", footprint.resident_bytes},
	    {"process_open_fds", "Open files and sockets.", footprint.open_descriptors},
	    {"process_max_fds", "Files and sockets that may be open.", footprint.max_descriptors},
	};

	sp_metrics_text_begin(text, &build);
	sp_metrics_text_number(text, &build, &version, 1, 1);
	if (footprint.cpu_us >= 0) {
		sp_metrics_text_begin(text, &cpu);
		sp_metrics_text_seconds(text, &cpu, footprint.cpu_us);
	}
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].value >= 0)
			put_number(text,
			    &(struct sp_metric){rows[i].name, SP_METRIC_GAUGE, rows[i].help},
			    rows[i].value);
	}
}

bool sp_metrics_page(
    const struct sp_metrics_sources *sources, bool openmetrics, char **text_r, size_t *length_r)
{
	struct sp_metrics_text text = {open_memstream(text_r, length_r), openmetrics};

	if (text.out == NULL)
		return false;
	put_attempts(&text);
	put_decisions(&text);
	put_timings(&text);
	put_tables(&text);
	put_load(&text, sources->pipeline);
	put_cache(&text, sources->verified);
	put_replica(&text, sources->keeper);
	put_servers(&text, sources->generations);
	put_process(&text, sources->started);
	sp_metrics_text_end(&text);
	bool ok = ferror(text.out) == 0;
	ok = fclose(text.out) == 0 && ok;
	if (!ok) {
		free(*text_r);
		*text_r = NULL;
	}
	return ok;
}
