/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/policy/alert_kind.h"

#include <stdio.h>
#include <string.h>

#include "sendpass/verdict.h"

/* All of sendpassd but those of its start and end, when no command can run, those below
 * the level of an operator, and that an alert failed. */
static const char *const events[] = {
    "accept_failed",
    "cache_not_locked",
    "client_refused",
    "configuration_loaded",
    "configuration_refused",
    "connections_full",
    "credential_ambiguous",
    "credential_unusable",
    "directory_down",
    "directory_error",
    "directory_failover",
    "directory_insecure",
    "directory_up",
    "few_descriptors",
    "first_use",
    "first_use_from_network",
    "log_dropped",
    "log_limited",
    "log_not_opened",
    "many_wrong_ids",
    "many_wrong_secrets",
    "overload_began",
    "overload_ended",
    "peer_refused",
    "rates_not_kept",
    "replica_current",
    "replica_lost",
    "replica_refresh",
    "replica_refused",
    "replica_stale",
    "replica_store_failed",
    "replica_store_reset",
    "replica_unreadable",
    "restart_needed",
    "unfiltered",
    "usage_delayed",
    "usage_not_written",
};

static const char *const reasons[] = {
#define REASON_NAME(constant, name, result) name,
    SP_REASONS(REASON_NAME)
#undef REASON_NAME
};

static bool is_among(const char *const *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(names[i], name) == 0)
			return true;
	}
	return false;
}

static bool is_kind(const char *name)
{
	if (strncmp(name, "auth:", 5) == 0)
		return is_among(reasons, sizeof(reasons) / sizeof(reasons[0]), name + 5);
	if (strncmp(name, "policy:", 7) == 0)
		return is_among(reasons, sizeof(reasons) / sizeof(reasons[0]), name + 7);
	return is_among(events, sizeof(events) / sizeof(events[0]), name);
}

bool sp_alert_kinds_parse(
    const char *text, struct sp_alert_kinds *kinds_r, char fault_r[SP_ALERT_NAME_MAX + 1])
{
	kinds_r->count = 0;
	for (text += strspn(text, " "); *text != '\0'; text += strspn(text, " ")) {
		size_t length = strcspn(text, " ");
		snprintf(fault_r, SP_ALERT_NAME_MAX + 1, "%.*s", (int)length, text);
		if (length > SP_ALERT_NAME_MAX || kinds_r->count == SP_ALERT_KINDS_MAX ||
		    !is_kind(fault_r))
			return false;
		memcpy(kinds_r->names[kinds_r->count++], fault_r, length + 1);
		text += length;
	}
	return true;
}

/* What of a line tells its kind and whom it is about. */
struct reading {
	char name[SP_ALERT_NAME_MAX + 1];
	int rank; /* of the subject, the better the higher */
};

static void take_subject(
    struct reading *reading, const struct sp_log_pair *pair, char subject_r[SP_LOG_LINE_MAX + 1])
{
	static const char *const keys[] = {"uri", "ip", "id"};

	for (int rank = 1; rank <= 3; rank++) {
		if (rank > reading->rank && strcmp(pair->key, keys[rank - 1]) == 0) {
			reading->rank = rank;
			memcpy(subject_r, pair->value, pair->length + 1);
		}
	}
}

static bool is_listed(const struct sp_alert_kinds *kinds, const char *name, size_t *kind_r)
{
	for (size_t i = 0; i < kinds->count; i++) {
		if (strcmp(kinds->names[i], name) == 0) {
			*kind_r = i;
			return true;
		}
	}
	return false;
}

bool sp_alert_kind_of(const struct sp_alert_kinds *kinds, const char *line, size_t *kind_r,
    char subject_r[SP_LOG_LINE_MAX + 1])
{
	struct reading reading = {.rank = 0};
	struct sp_log_pair pair;

	subject_r[0] = '\0';
	while (*line != '\0' && sp_log_read_pair(&line, &pair)) {
		size_t length = strlen(reading.name);
		if (strcmp(pair.key, "repeats") == 0)
			return false;
		if (strcmp(pair.key, "event") == 0 && pair.length <= SP_LOG_KEY_MAX)
			memcpy(reading.name, pair.value, pair.length + 1);
		else if (strcmp(pair.key, "reason") == 0 && pair.length <= SP_LOG_KEY_MAX &&
			 (strcmp(reading.name, "auth") == 0 || strcmp(reading.name, "policy") == 0))
			snprintf(reading.name + length, sizeof(reading.name) - length, ":%s",
			    pair.value);
		else
			take_subject(&reading, &pair, subject_r);
	}
	return is_listed(kinds, reading.name, kind_r);
}
