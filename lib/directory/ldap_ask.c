/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/directory/ldap_ask.h"

#include "lib/base/clock.h"
#include "lib/base/text.h"

static enum sp_directory_status ask_on(struct sp_ldap_live *live, sp_ldap_question_fn *ask,
    void *question, int64_t deadline_ms, struct sp_ldap_failure *failure)
{
	int64_t own_ms = sp_now_ms() + live->site->timeout_ms;
	enum sp_directory_status status =
	    ask(live, question, own_ms < deadline_ms ? own_ms : deadline_ms, failure);

	/* After an error of libldap's own (they are negative) answers may be left
	 * in the pipe. */
	if (failure->of_server || failure->code < 0)
		sp_ldap_disconnect(&live->connection);
	return status;
}

static enum sp_directory_status ask_one(struct sp_ldap_live *live, size_t server,
    sp_ldap_question_fn *ask, void *question, int64_t deadline_ms, struct sp_ldap_failure *failure)
{
	enum sp_directory_status status;
	struct sp_ldap_connection *connection;

	if (live->connection != NULL && live->server == server) {
		status = ask_on(live, ask, question, deadline_ms, failure);
		/* Closed while it lay idle: that says nothing about the server. */
		if (!failure->of_server || failure->code == LDAP_TIMEOUT)
			return status;
	}
	status = sp_ldap_connect(
	    live->site, &live->site->servers[server], deadline_ms, &connection, failure);
	if (status != SP_DIRECTORY_OK)
		return status;
	sp_ldap_disconnect(&live->connection);
	live->connection = connection;
	live->server = server;
	sp_ldap_health_connected(live->site->health, server);
	return ask_on(live, ask, question, deadline_ms, failure);
}

enum sp_directory_status sp_ldap_ask(
    struct sp_ldap_live *live, sp_ldap_question_fn *ask, void *question)
{
	struct sp_ldap_health *health = live->site->health;
	int64_t deadline_ms =
	    sp_now_ms() + 2 * (int64_t)live->site->timeout_ms + live->site->connect_timeout_ms;
	enum sp_directory_status status = SP_DIRECTORY_DOWN;
	struct sp_ldap_failure failure;

	for (size_t i = 0; i < live->site->server_count && sp_remaining_ms(deadline_ms) > 0; i++) {
		if (!sp_ldap_health_may_try(health, i))
			continue;
		status = ask_one(live, i, ask, question, deadline_ms, &failure);
		if (failure.of_server) {
			sp_ldap_health_failed(health, i, failure.text);
			continue;
		}
		sp_ldap_health_answered(health, i);
		sp_ldap_health_complain(
		    health, i, status == SP_DIRECTORY_OK ? 0 : failure.code, failure.text);
		return status;
	}
	return status;
}

enum sp_directory_status sp_ldap_search(const struct sp_ldap_live *live,
    const struct sp_ldap_search *search, int64_t deadline_ms, LDAPMessage **result_r,
    struct sp_ldap_failure *failure_r)
{
	int msgid;
	enum sp_directory_status status =
	    sp_ldap_send(live->connection, search, deadline_ms, &msgid, failure_r);

	*result_r = NULL;
	if (status == SP_DIRECTORY_OK)
		status = sp_ldap_wait(
		    live->connection, "search", msgid, deadline_ms, result_r, failure_r);
	/* one entry cannot be too many, so this says nothing about it */
	if (search->scope == LDAP_SCOPE_BASE && failure_r->code == LDAP_SIZELIMIT_EXCEEDED)
		return SP_DIRECTORY_ERROR;
	return status;
}

enum sp_directory_status sp_ldap_missing_base(const char *base, struct sp_ldap_failure *failure)
{
	struct sp_text text;

	sp_text_init(&text, failure->text, sizeof(failure->text));
	sp_text_addf(&text, "search base %.180s does not exist, or we may not see it", base);
	return SP_DIRECTORY_ERROR;
}
