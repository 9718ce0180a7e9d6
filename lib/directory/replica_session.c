/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/directory/replica_session.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/base/clock.h"
#include "lib/directory/replica_place.h"
#include "lib/directory/replica_server.h"

#define POLL_MS  3000 /* at most without a look at the clock */
#define DRAIN_MS 200  /* before clock and stop_fd are looked at again */

struct run {
	struct sp_replica_session *session;
	struct sp_replica_server server;
	struct sp_replica_place places[SP_REPLICA_CONTENTS];
	size_t begun; /* places whose search was sent: one after the other */
};

static enum sp_replica_step ends(
    struct run *run, struct sp_replica_part *part, enum sp_replica_step step)
{
	struct sp_replica_session *session = run->session;
	struct sp_replica_part *other = &run->places[SP_REPLICA_CONTENTS - 1 - part->content].part;

	session->content = part->content;
	snprintf(session->failure.text, sizeof(session->failure.text), "%.380s", part->why);
	if (step != SP_REPLICA_ANEW)
		return step;
	session->reasons[part->content] = part->reason;
	/* what had a name below the old one may be of either content */
	if (strcmp(part->reason, SP_REPLICA_RENAMED) == 0 && run->begun == SP_REPLICA_CONTENTS) {
		sp_replica_part_anew(other, part->reason);
		session->reasons[other->content] = other->reason;
	}
	return step;
}

/* The failure is the server's, or a connection's. */
static enum sp_replica_step fails(struct run *run, const struct sp_ldap_failure *failure)
{
	run->session->failure = *failure;
	return failure->of_server || failure->code < 0 ? SP_REPLICA_LOST : SP_REPLICA_REFUSED;
}

static enum sp_replica_step connect_to(struct run *run, struct sp_ldap_connection **connection_r)
{
	struct sp_replica_session *session = run->session;
	const struct sp_ldap_site *site = session->site;
	int64_t deadline_ms = sp_now_ms() + site->connect_timeout_ms + site->timeout_ms;
	struct sp_ldap_failure failure;

	if (sp_ldap_connect(site, &site->servers[session->server], deadline_ms, connection_r,
		&failure) == SP_DIRECTORY_OK)
		return SP_REPLICA_GOES_ON;
	return fails(run, &failure);
}

/* ---- following ---- */

/* An entry came under another name: those below it then did so too, without a word. */
static enum sp_replica_step look_below(struct run *run, struct sp_replica_part *part)
{
	char *dn = part->moved;
	bool has = false;

	part->moved = NULL;
	bool ok = sp_replica_server_has_children(&run->server, dn, &has);
	free(dn);
	if (!ok)
		return sp_replica_part_end(part, SP_REPLICA_LOST, "%s", run->server.failure.text);
	return has ? sp_replica_part_anew(part, SP_REPLICA_RENAMED) : SP_REPLICA_GOES_ON;
}

/* Within a refresh a batch is ended by its size alone. An open batch comes first, as
 * there is one at a time. */
static enum sp_replica_step flush(struct run *run, bool at_once)
{
	size_t first = run->places[SP_REPLICA_CONTENTS - 1].part.batch ? 1 : 0;

	for (size_t i = 0; i < run->begun; i++) {
		struct sp_replica_place *place = &run->places[(first + i) % SP_REPLICA_CONTENTS];
		if (place->part.refreshing && !at_once)
			continue;
		enum sp_replica_step step = sp_replica_part_flush(&place->part, at_once);
		if (step != SP_REPLICA_GOES_ON)
			return ends(run, &place->part, step);
		sp_replica_place_settle(place);
	}
	return SP_REPLICA_GOES_ON;
}

static enum sp_replica_step begin_next(struct run *run)
{
	struct sp_replica_place *place = &run->places[run->begun];
	enum sp_replica_step step = connect_to(run, &place->connection);

	if (step != SP_REPLICA_GOES_ON)
		return step;
	run->begun++;
	step = sp_replica_place_begin(place, &run->server, run->session->take_behind);
	run->session->behind = place->behind;
	return step == SP_REPLICA_GOES_ON ? step : ends(run, &place->part, step);
}

static enum sp_replica_step take_sync(
    struct run *run, struct sp_replica_place *place, LDAPMessage *message)
{
	struct sp_replica_part *other =
	    &run->places[SP_REPLICA_CONTENTS - 1 - place->part.content].part;
	enum sp_replica_step step = SP_REPLICA_GOES_ON;

	/* there is one batch at a time */
	if (other->batch)
		step = sp_replica_part_flush(other, false);
	if (step != SP_REPLICA_GOES_ON)
		return ends(run, other, step);
	step = sp_replica_part_take(&place->part, place->connection->ld, message);
	if (step == SP_REPLICA_GOES_ON && place->part.moved != NULL)
		step = look_below(run, &place->part);
	return step == SP_REPLICA_GOES_ON ? step : ends(run, &place->part, step);
}

static enum sp_replica_step take(
    struct run *run, const struct sp_ldap_connection *connection, LDAPMessage *message)
{
	int msgid = ldap_msgid(message);

	for (size_t i = 0; i < run->begun; i++) {
		struct sp_replica_place *place = &run->places[i];
		if (connection == place->connection)
			place->heard_ms = sp_now_ms();
		if (connection == place->connection && msgid == place->msgid)
			return take_sync(run, place, message);
		if (connection == place->asking && msgid == place->beat) {
			enum sp_replica_step step = sp_replica_place_take_beat(place, message);
			return step == SP_REPLICA_GOES_ON ? step : ends(run, &place->part, step);
		}
	}
	return SP_REPLICA_GOES_ON;
}

/* After the end of a content's refresh: on to the next, if there is one. */
static enum sp_replica_step proceed(struct run *run)
{
	struct sp_replica_session *session = run->session;

	if (session->complete || run->places[run->begun - 1].part.refreshing)
		return SP_REPLICA_GOES_ON;
	if (run->begun < SP_REPLICA_CONTENTS)
		return begin_next(run);
	session->complete = true;
	session->complete_ms = sp_now_ms();
	memset(session->reasons, 0, sizeof(session->reasons));
	return SP_REPLICA_GOES_ON;
}

/* What has come by now on a connection, as far as DRAIN_MS go. *more_r: there may be more. */
static enum sp_replica_step drain(
    struct run *run, struct sp_ldap_connection *connection, bool *more_r)
{
	struct timeval at_once = {0};
	int64_t until_ms = sp_now_ms() + DRAIN_MS;
	enum sp_replica_step step = SP_REPLICA_GOES_ON;
	struct sp_ldap_failure failure;
	int code = LDAP_SERVER_DOWN;

	while (step == SP_REPLICA_GOES_ON) {
		LDAPMessage *message = NULL;
		if (sp_now_ms() >= until_ms) {
			*more_r = true;
			break;
		}
		connection->deadline.at_ms = sp_now_ms() + run->session->site->timeout_ms;
		int type =
		    ldap_result(connection->ld, LDAP_RES_ANY, LDAP_MSG_ONE, &at_once, &message);
		if (type == 0)
			break;
		if (type < 0) {
			ldap_get_option(connection->ld, LDAP_OPT_RESULT_CODE, &code);
			sp_ldap_judge(connection->ld, "replica",
			    code != LDAP_SUCCESS ? code : LDAP_SERVER_DOWN, &failure);
			return fails(run, &failure);
		}
		step = take(run, connection, message);
		ldap_msgfree(message);
	}
	return step;
}

static enum sp_replica_step drain_all(struct run *run, bool *more_r)
{
	enum sp_replica_step step = SP_REPLICA_GOES_ON;

	*more_r = false;
	for (size_t i = 0; i < run->begun && step == SP_REPLICA_GOES_ON; i++)
		step = drain(run, run->places[i].connection, more_r);
	if (step == SP_REPLICA_GOES_ON)
		step = drain(run, run->server.connection, more_r);
	return step;
}

static int descriptor(const struct sp_ldap_connection *connection)
{
	int fd = -1;

	if (connection != NULL)
		ldap_get_option(connection->ld, LDAP_OPT_DESC, &fd);
	return fd;
}

/* Until there is something to do. SP_REPLICA_STOPPED when it is time to end. */
static enum sp_replica_step wait_for_work(struct run *run, int64_t until_ms)
{
	struct pollfd fds[SP_REPLICA_CONTENTS + 2] = {
	    {.fd = run->session->stop_fd, .events = POLLIN},
	    {.fd = descriptor(run->server.connection), .events = POLLIN},
	};

	for (size_t i = 0; i < SP_REPLICA_CONTENTS; i++)
		fds[i + 2] =
		    (struct pollfd){.fd = descriptor(run->places[i].connection), .events = POLLIN};
	/* an error leaves revents as they are: none */
	(void)poll(fds, SP_REPLICA_CONTENTS + 2, sp_remaining_ms(until_ms));
	return fds[0].revents != 0 ? SP_REPLICA_STOPPED : SP_REPLICA_GOES_ON;
}

static enum sp_replica_step look_at_clocks(struct run *run, int64_t *next_ms)
{
	for (size_t i = 0; i < run->begun; i++) {
		enum sp_replica_step step = sp_replica_place_look_at_clock(
		    &run->places[i], run->session->site->timeout_ms, next_ms);
		if (step != SP_REPLICA_GOES_ON)
			return ends(run, &run->places[i].part, step);
	}
	return SP_REPLICA_GOES_ON;
}

static enum sp_replica_step follow(struct run *run)
{
	enum sp_replica_step step;

	do {
		bool more = false;
		int64_t next_ms = sp_now_ms() + POLL_MS;
		step = drain_all(run, &more);
		if (step == SP_REPLICA_GOES_ON && !more)
			step = flush(run, false);
		if (step == SP_REPLICA_GOES_ON)
			step = proceed(run);
		if (step == SP_REPLICA_GOES_ON)
			step = look_at_clocks(run, &next_ms);
		if (step == SP_REPLICA_GOES_ON)
			step = wait_for_work(run, more ? 0 : next_ms);
	} while (step == SP_REPLICA_GOES_ON);
	return step;
}

static void open_places(struct run *run)
{
	struct sp_replica_session *session = run->session;

	for (size_t i = 0; i < SP_REPLICA_CONTENTS; i++) {
		enum sp_replica_content content = (enum sp_replica_content)i;
		run->places[i] = (struct sp_replica_place){
		    .part =
			{
			    .sink = session->sink,
			    .content = content,
			    .search = session->sink->ops->search(session->sink, content),
			    .uri = session->site->servers[session->server].uri,
			    .reason = session->reasons[i],
			},
		    .msgid = -1,
		    .beat = -1,
		};
	}
}

/* Whether the server shows us all that we judge in its place. */
static enum sp_replica_step probe(struct run *run, const struct sp_replica_part *part)
{
	struct sp_replica_server *server = &run->server;
	struct sp_replica_sink *sink = run->session->sink;
	const struct sp_replica_search *wanted =
	    sink->ops->probe != NULL ? sink->ops->probe(sink, part->content) : NULL;
	bool shown;

	if (wanted == NULL)
		return SP_REPLICA_GOES_ON;
	if (!sp_replica_server_shows(server, wanted, &shown))
		return wait_for_work(run, 0) == SP_REPLICA_STOPPED ? SP_REPLICA_STOPPED
								   : fails(run, &server->failure);
	if (shown)
		return SP_REPLICA_GOES_ON;
	run->session->content = part->content;
	run->session->failure = server->failure;
	return SP_REPLICA_REFUSED;
}

/* That a content is to be made anew is stored with what led to it. */
static enum sp_replica_step converse(struct run *run)
{
	const struct sp_replica_search *searches[] = {
	    run->places[0].part.search, run->places[1].part.search};
	enum sp_replica_step step = SP_REPLICA_GOES_ON;

	if (!sp_replica_server_look(&run->server, searches))
		step = fails(run, &run->server.failure);
	for (size_t i = 0; i < SP_REPLICA_CONTENTS && step == SP_REPLICA_GOES_ON; i++)
		step = probe(run, &run->places[i].part);
	if (step == SP_REPLICA_GOES_ON)
		step = begin_next(run);
	if (step == SP_REPLICA_GOES_ON)
		step = follow(run);
	enum sp_replica_step flushed = flush(run, true);
	return flushed == SP_REPLICA_GOES_ON || step == SP_REPLICA_STOPPED ? step : flushed;
}

enum sp_replica_step sp_replica_session_run(struct sp_replica_session *session)
{
	struct run *run = calloc(1, sizeof(*run));

	if (run == NULL) {
		snprintf(session->failure.text, sizeof(session->failure.text), "out of memory");
		return SP_REPLICA_LOST;
	}
	run->session = session;
	run->server.site = session->site;
	run->server.stop_fd = session->stop_fd;
	open_places(run);
	enum sp_replica_step step = connect_to(run, &run->server.connection);
	session->reached = step == SP_REPLICA_GOES_ON;
	if (session->reached) {
		sp_ldap_health_answered(session->site->health, session->server);
		sp_ldap_health_connected(session->site->health, session->server);
		step = converse(run);
	}
	for (size_t i = 0; i < SP_REPLICA_CONTENTS; i++) {
		sp_replica_part_clear(&run->places[i].part);
		sp_ldap_disconnect(&run->places[i].connection);
	}
	sp_replica_server_clear(&run->server);
	free(run);
	return step;
}
