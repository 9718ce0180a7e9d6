/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/directory/last_use.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/directory/ldap_connection.h"
#include "lib/directory/ldap_site.h"

struct sp_last_use_writer {
	struct sp_ldap_site *site;
	struct sp_ldap_connection *connection; /* NULL when there is none */
};

struct sp_last_use_writer *sp_last_use_writer_new(struct sp_ldap_site *site)
{
	struct sp_last_use_writer *writer = calloc(1, sizeof(*writer));

	if (writer != NULL)
		writer->site = site;
	return writer;
}

void sp_last_use_writer_free(struct sp_last_use_writer **writer)
{
	if (writer == NULL || *writer == NULL)
		return;
	sp_ldap_disconnect(&(*writer)->connection);
	free(*writer);
	*writer = NULL;
}

/* ---- one modify, and one look ---- */

static int64_t step_deadline(const struct sp_last_use_writer *writer, int64_t deadline_ms)
{
	int64_t own_ms = sp_now_ms() + writer->site->timeout_ms;

	return own_ms < deadline_ms ? own_ms : deadline_ms;
}

/* Puts `at` in the place of `before`, which is NULL for none. True if it is written;
 * else see *failure_r. */
static bool modify(struct sp_last_use_writer *writer, const struct sp_last_use *use, char *before,
    int64_t deadline_ms, struct sp_ldap_failure *failure_r)
{
	char at[SP_GENERALIZED_TIME_SIZE];
	char *old[] = {before, NULL}, *new[] = {at, NULL};
	char *address[] = {use->address, NULL}, *service[] = {use->service, NULL};
	LDAPMod mods[] = {
	    {LDAP_MOD_ADD, "sendpassLastUsed", {new}},
	    {LDAP_MOD_REPLACE, "sendpassLastAddress", {address}},
	    {LDAP_MOD_REPLACE, "sendpassLastService", {service}},
	    {LDAP_MOD_DELETE, "sendpassLastUsed", {old}},
	};
	LDAPMod *without[] = {&mods[0], &mods[1], &mods[2], NULL};
	LDAPMod *with[] = {&mods[3], &mods[0], &mods[1], &mods[2], NULL};
	struct sp_ldap_connection *connection = writer->connection;
	LDAPMessage *result = NULL;
	int msgid = -1;
	int code = LDAP_PARAM_ERROR;

	connection->deadline.at_ms = step_deadline(writer, deadline_ms);
	if (sp_format_generalized_time(use->at, at))
		code = ldap_modify_ext(
		    connection->ld, use->dn, before != NULL ? with : without, NULL, NULL, &msgid);
	bool ok = sp_ldap_judge(connection->ld, "modify", code, failure_r) == SP_DIRECTORY_OK &&
		  sp_ldap_wait(connection, "modify", msgid, connection->deadline.at_ms, &result,
		      failure_r) == SP_DIRECTORY_OK;
	ldap_msgfree(result);
	return ok && failure_r->code == LDAP_SUCCESS;
}

/* The entry's sendpassLastUsed as it is written there, or NULL; the caller frees it. */
static char *read_time(struct sp_last_use_writer *writer, const char *dn, int64_t deadline_ms,
    struct sp_ldap_failure *failure_r)
{
	char *attributes[] = {"sendpassLastUsed", NULL};
	const struct sp_ldap_search search = {
	    dn, LDAP_SCOPE_BASE, "(objectClass=*)", attributes, 1};
	struct sp_ldap_connection *connection = writer->connection;
	int64_t by_ms = step_deadline(writer, deadline_ms);
	struct berval **values = NULL;
	LDAPMessage *result = NULL;
	char *time = NULL;
	int msgid = -1;

	if (sp_ldap_send(connection, &search, by_ms, &msgid, failure_r) == SP_DIRECTORY_OK &&
	    sp_ldap_wait(connection, "search", msgid, by_ms, &result, failure_r) ==
		SP_DIRECTORY_OK) {
		LDAPMessage *entry = ldap_first_entry(connection->ld, result);
		if (entry != NULL)
			values = ldap_get_values_len(connection->ld, entry, attributes[0]);
	}
	if (ldap_count_values_len(values) == 1)
		time = strndup(values[0]->bv_val, values[0]->bv_len);
	ldap_value_free_len(values);
	ldap_msgfree(result);
	return time;
}

/* ---- on one connection ---- */

/* The entry says something else than was known. Servers differ in what they call
 * a second value where there may be one alone. */
static bool is_lost_race(int code)
{
	return code == LDAP_NO_SUCH_ATTRIBUTE || code == LDAP_TYPE_OR_VALUE_EXISTS ||
	       code == LDAP_CONSTRAINT_VIOLATION || code == LDAP_OBJECT_CLASS_VIOLATION;
}

static enum sp_last_use_status meaning_of(const struct sp_ldap_failure *failure)
{
	if (failure->of_server)
		return SP_LAST_USE_DOWN;
	switch (failure->code) {
	case LDAP_NO_SUCH_OBJECT:
		return SP_LAST_USE_GONE;
	case LDAP_INSUFFICIENT_ACCESS:
		return SP_LAST_USE_FORBIDDEN;
	case LDAP_REFERRAL:
	case LDAP_UNWILLING_TO_PERFORM:
		return SP_LAST_USE_READ_ONLY;
	}
	return SP_LAST_USE_ERROR;
}

static enum sp_last_use_status write_again(struct sp_last_use_writer *writer,
    const struct sp_last_use *use, int64_t deadline_ms, struct sp_ldap_failure *failure_r)
{
	char *current = read_time(writer, use->dn, deadline_ms, failure_r);
	enum sp_last_use_status status = SP_LAST_USE_WRITTEN;
	time_t time;

	if (failure_r->code != LDAP_SUCCESS) {
		status = meaning_of(failure_r);
	} else if (current != NULL && sp_parse_generalized_time(current, &time) && time > use->at) {
		status = SP_LAST_USE_LATER;
	} else if (!modify(writer, use, current, deadline_ms, failure_r)) {
		/* lost again: somebody else has written it this very moment */
		bool lost = current != NULL && failure_r->code == LDAP_NO_SUCH_ATTRIBUTE;
		status = lost ? SP_LAST_USE_LATER : meaning_of(failure_r);
	}
	free(current);
	return status;
}

static enum sp_last_use_status write_on(struct sp_last_use_writer *writer,
    const struct sp_last_use *use, int64_t deadline_ms, struct sp_ldap_failure *failure_r)
{
	char known[SP_GENERALIZED_TIME_SIZE];
	bool has = use->known != SP_NO_TIME && sp_format_generalized_time(use->known, known);
	enum sp_last_use_status status = SP_LAST_USE_WRITTEN;

	if (!modify(writer, use, has ? known : NULL, deadline_ms, failure_r))
		status = is_lost_race(failure_r->code)
			     ? write_again(writer, use, deadline_ms, failure_r)
			     : meaning_of(failure_r);
	/* After an error of libldap's own (they are negative) answers may be left in the pipe. */
	if (failure_r->of_server || failure_r->code < 0)
		sp_ldap_disconnect(&writer->connection);
	return status;
}

/* ---- the servers ---- */

static enum sp_last_use_status write_somewhere(struct sp_last_use_writer *writer,
    const struct sp_last_use *use, int64_t deadline_ms, struct sp_ldap_failure *failure_r)
{
	enum sp_last_use_status status = SP_LAST_USE_DOWN;
	const struct sp_ldap_server *servers;
	size_t count = sp_ldap_site_writable(writer->site, &servers);

	if (writer->connection != NULL) {
		status = write_on(writer, use, deadline_ms, failure_r);
		/* It may merely have been closed while it lay idle. */
		if (!failure_r->of_server || failure_r->code == LDAP_TIMEOUT)
			return status;
	}
	for (size_t i = 0; i < count && sp_remaining_ms(deadline_ms) > 0; i++) {
		status = SP_LAST_USE_DOWN;
		if (sp_ldap_connect(writer->site, &servers[i], deadline_ms, &writer->connection,
			failure_r) != SP_DIRECTORY_OK)
			continue;
		status = write_on(writer, use, deadline_ms, failure_r);
		if (!failure_r->of_server)
			break;
	}
	return status;
}

enum sp_last_use_status sp_last_use_write(struct sp_last_use_writer *writer,
    const struct sp_last_use *use, int64_t deadline_ms, char why_r[SP_LAST_USE_WHY_MAX])
{
	const struct sp_ldap_site *site = writer->site;
	int64_t own_ms = sp_now_ms() + site->connect_timeout_ms + 2 * (int64_t)site->timeout_ms;
	struct sp_ldap_failure failure = {.text = "no time is left"};
	enum sp_last_use_status status =
	    write_somewhere(writer, use, own_ms < deadline_ms ? own_ms : deadline_ms, &failure);

	why_r[0] = '\0';
	if (status < SP_LAST_USE_WRITTEN)
		snprintf(why_r, SP_LAST_USE_WHY_MAX, "%s", failure.text);
	return status;
}
