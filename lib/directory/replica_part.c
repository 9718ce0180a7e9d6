/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/directory/replica_part.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/directory/ldap_connection.h"
#include "lib/directory/ldap_entry.h"
#include "lib/directory/replica_container.h"
#include "lib/directory/sync_control.h"

#define BATCH_MOST 5000 /* messages */
#define STORE_MS   1000 /* between two positions without an entry */

const char *sp_replica_content_name(enum sp_replica_content content)
{
	return content == SP_REPLICA_CREDENTIALS ? "credentials" : "owners";
}

enum sp_replica_step sp_replica_part_end(
    struct sp_replica_part *part, enum sp_replica_step step, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(part->why, sizeof(part->why), format, arguments);
	va_end(arguments);
	return step;
}

enum sp_replica_step sp_replica_part_anew(struct sp_replica_part *part, const char *reason)
{
	part->position.refreshed = 0;
	part->dirty = true;
	part->reason = reason;
	return sp_replica_part_end(part, SP_REPLICA_ANEW, "%s", reason);
}

static enum sp_replica_step malformed(struct sp_replica_part *part, const char *what)
{
	return sp_replica_part_end(
	    part, SP_REPLICA_REFUSED, "the server sent a malformed %s", what);
}

/* ---- batches ---- */

static enum sp_replica_step sink_failed(struct sp_replica_part *part)
{
	part->sink->ops->abort(part->sink);
	part->batch = false;
	return sp_replica_part_end(part, SP_REPLICA_LOST, "the replica cannot be written");
}

static bool open_batch(struct sp_replica_part *part)
{
	if (part->batch)
		return true;
	part->in_batch = 0;
	part->batch = part->sink->ops->begin(part->sink, part->content);
	return part->batch;
}

static bool store_position(struct sp_replica_part *part)
{
	struct berval cookie = {0, NULL};

	/* without CSNs nobody could tell what a cookie means */
	if (part->exact && !sp_replica_position_write(&part->position, part->search, &cookie))
		return false;
	bool ok = part->sink->ops->set_cookie(part->sink, &cookie);
	free(cookie.bv_val);
	part->dirty = !ok;
	part->stored_ms = sp_now_ms();
	return ok;
}

enum sp_replica_step sp_replica_part_flush(struct sp_replica_part *part, bool at_once)
{
	bool due = part->dirty && (at_once || sp_now_ms() - part->stored_ms >= STORE_MS);

	if (!part->batch && !due)
		return SP_REPLICA_GOES_ON;
	if (!open_batch(part) || (part->dirty && !store_position(part)) ||
	    !part->sink->ops->commit(part->sink))
		return sink_failed(part);
	part->batch = false;
	return SP_REPLICA_GOES_ON;
}

/* ---- refresh ---- */

static void log_refresh(const struct sp_replica_part *part, bool ends)
{
	struct sp_log_line line;

	sp_log_begin(&line, SP_LOG_NOTICE, "replica_refresh");
	sp_log_text(&line, "stage", ends ? "end" : "begin");
	sp_log_text(&line, "content", sp_replica_content_name(part->content));
	sp_log_text(&line, "uri", part->uri);
	sp_log_text(&line, "from", part->from_nothing ? "nothing" : "cookie");
	if (ends) {
		sp_log_number(&line, "entries", (int64_t)part->entries);
		sp_log_number(&line, "dropped", (int64_t)part->dropped);
		sp_log_number(&line, "ms", sp_now_ms() - part->began_ms);
	} else if (part->from_nothing) {
		sp_log_text(&line, "reason", part->reason);
	}
	sp_log_end(&line);
}

/* Until the refresh is over, what is stored says that it is due, whatever happens. */
enum sp_replica_step sp_replica_part_begin(struct sp_replica_part *part)
{
	part->refreshing = true;
	part->began_ms = sp_now_ms();
	part->entries = part->dropped = 0;
	log_refresh(part, false);
	if (!part->from_nothing)
		return SP_REPLICA_GOES_ON;
	part->position.refreshed = 0;
	part->dirty = true;
	if (!open_batch(part) || !part->sink->ops->begin_refresh(part->sink))
		return sink_failed(part);
	enum sp_replica_step step = sp_replica_part_flush(part, true);
	part->position.seen.count = 0;
	return step;
}

/* A directory without a single entry is one that was not filled yet, or that we may
 * not read any more, and no reason to turn everybody away. */
static enum sp_replica_step check_emptiness(struct sp_replica_part *part)
{
	bool any = false;

	if (!part->from_nothing || part->entries > 0)
		return SP_REPLICA_GOES_ON;
	if (!part->sink->ops->has_any(part->sink, part->content, &any))
		return sink_failed(part);
	if (!any)
		return SP_REPLICA_GOES_ON;
	return sp_replica_part_end(part, SP_REPLICA_REFUSED,
	    "the server has no %s at all, or does not let us read them: what we have is kept",
	    sp_replica_content_name(part->content));
}

static enum sp_replica_step finish_refresh(struct sp_replica_part *part)
{
	struct sp_replica_sink *sink = part->sink;
	enum sp_replica_step step = check_emptiness(part);

	if (step != SP_REPLICA_GOES_ON)
		return step;
	if (part->exact && part->position.seen.count == 0)
		return malformed(part, "end of the refresh: it has no cookie");
	if (part->from_nothing)
		part->position.refreshed = time(NULL);
	part->dirty = true;
	if (!open_batch(part) || (part->from_nothing && !sink->ops->drop_unmarked(sink)) ||
	    !sink->ops->complete(sink))
		return sink_failed(part);
	step = sp_replica_part_flush(part, true);
	if (step != SP_REPLICA_GOES_ON)
		return step;
	part->refreshing = false;
	sink->ops->contact(sink, part->content, part->began_ms);
	log_refresh(part, true);
	return SP_REPLICA_GOES_ON;
}

/* ---- what the server tells ---- */

static enum sp_replica_step take_cookie(struct sp_replica_part *part, const struct berval *cookie)
{
	if (!part->exact || cookie->bv_val == NULL)
		return SP_REPLICA_GOES_ON;
	if (!sp_csns_add_cookie(&part->position.seen, cookie))
		return malformed(part, "cookie");
	/* a cookie counts when the whole refresh has been taken */
	part->dirty = part->dirty || !part->refreshing;
	return SP_REPLICA_GOES_ON;
}

/* Whether an entry's coming may have changed the names of others, too. */
static enum sp_replica_step judge_change(
    struct sp_replica_part *part, const struct sp_entry *entry, enum sp_replica_change change)
{
	struct berval dn = sp_entry_dn(entry);

	if (part->from_nothing && part->refreshing)
		return SP_REPLICA_GOES_ON;
	if (change != SP_REPLICA_CHANGED && sp_entry_is_container(entry))
		return sp_replica_part_anew(part, SP_REPLICA_RENAMED);
	if (change == SP_REPLICA_MOVED && part->moved == NULL) {
		part->moved = strndup(dn.bv_val, dn.bv_len);
		if (part->moved == NULL)
			return sp_replica_part_anew(part, SP_REPLICA_RENAMED);
	}
	return SP_REPLICA_GOES_ON;
}

static enum sp_replica_step put(
    struct sp_replica_part *part, LDAP *ld, LDAPMessage *message, const unsigned char *uuid)
{
	struct sp_entry entry;
	enum sp_replica_change change;

	if (!sp_ldap_entry_build(ld, message, &part->builder, &entry))
		return malformed(part, "entry");
	if (!open_batch(part) || !part->sink->ops->put(part->sink, uuid, &entry, &change))
		return sink_failed(part);
	part->entries++;
	return judge_change(part, &entry, change);
}

static enum sp_replica_step drop(struct sp_replica_part *part, const unsigned char *uuid)
{
	bool container = false;

	if (!open_batch(part) || !part->sink->ops->drop(part->sink, uuid, &container))
		return sink_failed(part);
	part->dropped++;
	/* it may have been moved away, and all that was below it */
	return container ? sp_replica_part_anew(part, SP_REPLICA_RENAMED) : SP_REPLICA_GOES_ON;
}

static enum sp_replica_step present(struct sp_replica_part *part)
{
	if (part->from_nothing)
		return malformed(part, "refresh: it names entries that it has not sent");
	return sp_replica_part_anew(part, "no_session_log");
}

static enum sp_replica_step take_state(struct sp_replica_part *part, LDAP *ld, LDAPMessage *message,
    const struct sp_sync_entry_state *state)
{
	enum sp_replica_step step = SP_REPLICA_LOST;

	switch (state->state) {
	case SP_SYNC_PRESENT:
		step = present(part);
		break;
	case SP_SYNC_ADD:
	case SP_SYNC_MODIFY:
		step = put(part, ld, message, state->uuid);
		break;
	case SP_SYNC_DELETE:
		step = drop(part, state->uuid);
		break;
	}
	return step == SP_REPLICA_GOES_ON ? take_cookie(part, &state->cookie) : step;
}

static enum sp_replica_step take_entry(struct sp_replica_part *part, LDAP *ld, LDAPMessage *message)
{
	LDAPControl **controls = NULL;
	LDAPControl *control = NULL;
	struct sp_sync_entry_state state;
	enum sp_replica_step step;

	if (ldap_get_entry_controls(ld, message, &controls) == LDAP_SUCCESS)
		control = ldap_control_find(LDAP_CONTROL_SYNC_STATE, controls, NULL);
	if (control != NULL && sp_sync_decode_state(&control->ldctl_value, &state))
		step = take_state(part, ld, message, &state);
	else
		step = malformed(part, "Sync State control, or none");
	ldap_controls_free(controls);
	return step;
}

static enum sp_replica_step take_uuids(struct sp_replica_part *part, struct sp_sync_info *info)
{
	enum sp_replica_step step = SP_REPLICA_GOES_ON;
	const unsigned char *uuid;

	if (!info->refresh_deletes)
		return present(part);
	while (step == SP_REPLICA_GOES_ON && (uuid = sp_sync_next_uuid(&info->uuids)) != NULL)
		step = drop(part, uuid);
	return step;
}

static enum sp_replica_step take_info(struct sp_replica_part *part, struct sp_sync_info *info)
{
	enum sp_replica_step step = SP_REPLICA_GOES_ON;
	bool phase_ends =
	    info->kind == SP_SYNC_REFRESH_DELETE || info->kind == SP_SYNC_REFRESH_PRESENT;

	if (info->kind == SP_SYNC_ID_SET)
		step = take_uuids(part, info);
	else if (info->kind == SP_SYNC_REFRESH_PRESENT && !part->from_nothing)
		step = present(part);
	if (step == SP_REPLICA_GOES_ON)
		step = take_cookie(part, &info->cookie);
	if (step != SP_REPLICA_GOES_ON || !phase_ends || !info->refresh_done)
		return step;
	return part->refreshing ? finish_refresh(part) : malformed(part, "second end of a refresh");
}

static enum sp_replica_step take_intermediate(
    struct sp_replica_part *part, LDAP *ld, LDAPMessage *message)
{
	char *oid = NULL;
	struct berval *value = NULL;
	struct sp_sync_info info;
	enum sp_replica_step step = SP_REPLICA_GOES_ON;

	if (ldap_parse_intermediate(ld, message, &oid, &value, NULL, 0) != LDAP_SUCCESS)
		step = malformed(part, "message");
	else if (oid == NULL || strcmp(oid, LDAP_SYNC_INFO) != 0)
		; /* one of another kind is none of ours */
	else if (value != NULL && sp_sync_decode_info(value, &info))
		step = take_info(part, &info);
	else
		step = malformed(part, "Sync Info message");
	ldap_memfree(oid);
	ber_bvfree(value);
	return step;
}

static const struct {
	int code;
	const char *advice;
} advices[] = {
    {LDAP_SIZELIMIT_EXCEEDED, "give the account of [ldap] no limit of size"},
    {LDAP_TIMELIMIT_EXCEEDED, "give the account of [ldap] no limit of time"},
    {LDAP_ADMINLIMIT_EXCEEDED, "give the account of [ldap] no limits"},
    {LDAP_UNAVAILABLE_CRITICAL_EXTENSION,
	"the server's database needs the overlay syncprov, or the Content Synchronization plugin"},
    {LDAP_NO_SUCH_OBJECT, "the search base does not exist, or we may not see it"},
    {LDAP_REFERRAL, "it refers to another server: name that one in [ldap] uri"},
};

static enum sp_replica_step take_result(
    struct sp_replica_part *part, LDAP *ld, LDAPMessage *message)
{
	struct sp_ldap_failure failure;
	int code = LDAP_SERVER_DOWN;
	int parsed = ldap_parse_result(ld, message, &code, NULL, NULL, NULL, NULL, 0);

	sp_ldap_judge(ld, "search", parsed == LDAP_SUCCESS ? code : parsed, &failure);
	if (failure.code == LDAP_SYNC_REFRESH_REQUIRED && !(part->from_nothing && part->refreshing))
		return sp_replica_part_anew(part, "demanded");
	for (size_t i = 0; i < sizeof(advices) / sizeof(advices[0]); i++) {
		if (advices[i].code == failure.code)
			return sp_replica_part_end(
			    part, SP_REPLICA_REFUSED, "%s: %s", failure.text, advices[i].advice);
	}
	if (failure.code == LDAP_SUCCESS || failure.of_server || failure.code < 0)
		return sp_replica_part_end(
		    part, SP_REPLICA_LOST, "the server ended the search: %s", failure.text);
	return sp_replica_part_end(part, SP_REPLICA_REFUSED, "%s", failure.text);
}

enum sp_replica_step sp_replica_part_take(
    struct sp_replica_part *part, LDAP *ld, LDAPMessage *message)
{
	enum sp_replica_step step = SP_REPLICA_GOES_ON;

	switch (ldap_msgtype(message)) {
	case LDAP_RES_SEARCH_ENTRY:
		step = take_entry(part, ld, message);
		break;
	case LDAP_RES_INTERMEDIATE:
		step = take_intermediate(part, ld, message);
		break;
	case LDAP_RES_SEARCH_RESULT:
		return take_result(part, ld, message);
	}
	/* a reference leads to another server, and is not followed */
	if (step == SP_REPLICA_GOES_ON && ++part->in_batch >= BATCH_MOST)
		step = sp_replica_part_flush(part, true);
	return step;
}

void sp_replica_part_clear(struct sp_replica_part *part)
{
	if (part->batch)
		part->sink->ops->abort(part->sink);
	sp_entry_builder_clear(&part->builder);
	free(part->moved);
	memset(part, 0, sizeof(*part));
}
