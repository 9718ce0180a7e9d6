/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/directory/replica_place.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/base/clock.h"
#include "lib/directory/sync_control.h"

#define BEAT_MS    1000  /* between two questions */
#define LAG_MS     3000  /* that changes may be on their way, and none comes */
#define SILENCE_MS 60000 /* within a refresh */
#define FULL_S     86400 /* between two refreshes from nothing */

/* ---- how a content begins ---- */

static bool is_full_due(time_t refreshed, time_t now)
{
	return now < refreshed || now - refreshed >= FULL_S;
}

/* Chooses between the cookie and nothing, for a server of which we know all that. */
static enum sp_replica_step choose_exact(struct sp_replica_place *place,
    const struct sp_replica_server *server, bool take_behind, bool known)
{
	struct sp_replica_part *part = &place->part;
	struct sp_replica_position *position = &part->position;
	bool same = known && strcmp(position->identity, server->identity) == 0;
	const char *reason = known && !same ? "other_directory" : part->reason;

	if (same && !sp_csns_cover(&server->csns, &position->seen)) {
		place->behind = !take_behind;
		if (place->behind)
			return sp_replica_part_end(part, SP_REPLICA_REFUSED,
			    "the server lacks changes that we have seen: it lags behind another "
			    "one, or was restored from a backup");
		reason = "behind";
	} else if (same && position->refreshed != 0) {
		part->from_nothing = is_full_due(position->refreshed, time(NULL));
		reason = "daily";
	} else if (!known && reason == NULL) {
		reason = "first";
	}
	part->reason = reason != NULL ? reason : "unfinished";
	if (!same)
		*position = (struct sp_replica_position){.account = position->account};
	memcpy(position->identity, server->identity, sizeof(position->identity));
	return SP_REPLICA_GOES_ON;
}

static enum sp_replica_step send_search(struct sp_replica_place *place, int timeout_ms)
{
	struct sp_ldap_failure failure;
	struct sp_replica_part *part = &place->part;
	char cookie[SP_CSN_COOKIE] = "";
	LDAPControl control = {.ldctl_oid = LDAP_CONTROL_SYNC, .ldctl_iscritical = 1};
	LDAPControl *controls[] = {&control, NULL};
	const struct sp_ldap_search search = {part->search->base, LDAP_SCOPE_SUBTREE,
	    part->search->filter, part->search->attributes, 0};

	if (part->exact)
		sp_csns_to_cookie(&part->position.seen, (int)part->content + 1, cookie);
	struct berval *value = sp_sync_encode_request(&(struct berval){strlen(cookie), cookie});
	if (value == NULL)
		return sp_replica_part_end(part, SP_REPLICA_LOST, "out of memory");
	control.ldctl_value = *value;
	place->connection->deadline.at_ms = sp_now_ms() + timeout_ms;
	int code =
	    sp_ldap_search_ext(place->connection->ld, &search, controls, NULL, &place->msgid);
	ber_bvfree(value);
	place->heard_ms = sp_now_ms();
	if (code == LDAP_SUCCESS)
		return SP_REPLICA_GOES_ON;
	sp_ldap_judge(place->connection->ld, "search", code, &failure);
	return sp_replica_part_end(part, SP_REPLICA_LOST, "%s", failure.text);
}

enum sp_replica_step sp_replica_place_begin(
    struct sp_replica_place *place, const struct sp_replica_server *server, bool take_behind)
{
	struct sp_replica_part *part = &place->part;
	const char *account = server->site->bind_dn != NULL ? server->site->bind_dn : "";
	struct berval cookie;

	if (!part->sink->ops->get_cookie(part->sink, part->content, &cookie))
		return sp_replica_part_end(part, SP_REPLICA_LOST, "the replica cannot be read");
	bool known = sp_replica_position_read(&cookie, part->search, account, &part->position);
	free(cookie.bv_val);
	part->exact = server->exact;
	part->from_nothing = true;
	place->asked = part->exact ? server->suffix : part->search->base;
	place->asking = part->exact ? server->connection : place->connection;
	enum sp_replica_step step = SP_REPLICA_GOES_ON;
	if (part->exact)
		step = choose_exact(place, server, take_behind, known);
	else if (part->reason == NULL)
		part->reason = "no_csn";
	if (step == SP_REPLICA_GOES_ON)
		step = sp_replica_part_begin(part);
	return step == SP_REPLICA_GOES_ON ? send_search(place, server->site->timeout_ms) : step;
}

/* ---- proof of life ---- */

static enum sp_replica_step send_beat(
    struct sp_replica_place *place, int timeout_ms, int64_t now_ms)
{
	struct sp_ldap_failure failure;
	char *csns[] = {"contextCSN", NULL};
	char *nothing[] = {LDAP_NO_ATTRS, NULL};
	const struct sp_ldap_search search = {place->asked, LDAP_SCOPE_BASE, "(objectClass=*)",
	    place->part.exact ? csns : nothing, 1};

	place->found.count = 0;
	place->beat_before_ms = place->beat_ms;
	place->beat_ms = now_ms;
	if (sp_ldap_send(place->asking, &search, now_ms + timeout_ms, &place->beat, &failure) ==
	    SP_DIRECTORY_OK)
		return SP_REPLICA_GOES_ON;
	return sp_replica_part_end(&place->part, SP_REPLICA_LOST, "%s", failure.text);
}

/* Once the changes of an answer have been committed, so has all before its question. */
void sp_replica_place_settle(struct sp_replica_place *place)
{
	struct sp_replica_part *part = &place->part;

	if (place->awaited_ms == 0 || part->refreshing ||
	    !sp_csns_cover(&part->position.seen, &place->awaited))
		return;
	part->sink->ops->contact(part->sink, part->content, place->awaited_ms);
	place->awaited_ms = 0;
}

enum sp_replica_step sp_replica_place_take_beat(
    struct sp_replica_place *place, LDAPMessage *message)
{
	struct sp_replica_part *part = &place->part;
	LDAP *ld = place->asking->ld;
	int code = LDAP_SERVER_DOWN;

	if (ldap_msgtype(message) == LDAP_RES_SEARCH_ENTRY)
		sp_replica_server_take_csns(ld, message, &place->found);
	if (ldap_msgtype(message) != LDAP_RES_SEARCH_RESULT)
		return SP_REPLICA_GOES_ON;
	place->beat = -1;
	if (ldap_parse_result(ld, message, &code, NULL, NULL, NULL, NULL, 0) != LDAP_SUCCESS ||
	    code != LDAP_SUCCESS || (part->exact && place->found.count == 0))
		return sp_replica_part_end(part, SP_REPLICA_LOST,
		    "the server does not show %s any more: %s", place->asked,
		    ldap_err2string(code));
	if (part->refreshing)
		return SP_REPLICA_GOES_ON;
	if (!part->exact && place->beat_before_ms > part->began_ms)
		part->sink->ops->contact(part->sink, part->content, place->beat_before_ms);
	if (part->exact && place->awaited_ms == 0) {
		place->awaited = place->found;
		place->awaited_ms = place->beat_ms;
	}
	return SP_REPLICA_GOES_ON;
}

/* What is overdue by now, and when to look again. */
enum sp_replica_step sp_replica_place_look_at_clock(
    struct sp_replica_place *place, int timeout_ms, int64_t *next_ms)
{
	struct sp_replica_part *part = &place->part;
	int64_t now_ms = sp_now_ms();
	/* within a refresh the answer may stand behind what is on its way */
	int64_t asked_ms =
	    part->refreshing && place->heard_ms > place->beat_ms ? place->heard_ms : place->beat_ms;

	if (place->beat >= 0 && now_ms - asked_ms > timeout_ms)
		return sp_replica_part_end(part, SP_REPLICA_LOST, "the server does not answer");
	if (part->refreshing && now_ms - place->heard_ms > SILENCE_MS)
		return sp_replica_part_end(
		    part, SP_REPLICA_LOST, "the server does not go on with the refresh");
	if (place->awaited_ms != 0 && now_ms - place->awaited_ms > LAG_MS &&
	    now_ms - place->heard_ms > LAG_MS)
		return sp_replica_part_anew(part, "missing_changes");
	if (!part->refreshing && part->exact && is_full_due(part->position.refreshed, time(NULL)))
		return sp_replica_part_anew(part, "daily");
	if (place->beat < 0 && now_ms - place->beat_ms >= BEAT_MS) {
		enum sp_replica_step step = send_beat(place, timeout_ms, now_ms);
		if (step != SP_REPLICA_GOES_ON)
			return step;
		asked_ms = now_ms;
	}
	int64_t due_ms = place->beat >= 0 ? asked_ms + timeout_ms + 1 : place->beat_ms + BEAT_MS;
	if (due_ms < *next_ms)
		*next_ms = due_ms;
	return SP_REPLICA_GOES_ON;
}
