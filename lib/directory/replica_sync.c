/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/directory/replica_sync.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/directory/ldap_site.h"
#include "lib/directory/replica_session.h"

#define FIRST_PAUSE_MS 100
#define LAST_PAUSE_MS  10000
#define TOLD_SIZE      128 /* bytes of an error by which it is known again */

struct sync {
	struct sp_ldap_site *site;
	struct sp_replica_sink *sink;
	int stop_fd;
	int64_t max_age_ms;
	int64_t pause_ms;
	int64_t behind_since_ms; /* 0: no server was behind */
	bool told_lost;
	char (*told)[TOLD_SIZE]; /* of each server */
	const char *reasons[SP_REPLICA_CONTENTS];
};

static void tell_lost(struct sync *sync, const struct sp_replica_session *session)
{
	struct sp_log_line line;

	if (sync->told_lost)
		return;
	sync->told_lost = true;
	sp_log_begin(&line, SP_LOG_WARNING, "replica_lost");
	sp_log_text(&line, "uri", sync->site->servers[session->server].uri);
	sp_log_text(&line, "error", session->failure.text);
	sp_log_text(&line, "message", "what was replicated serves until replica_max_age");
	sp_log_end(&line);
}

static void tell_refused(struct sync *sync, const struct sp_replica_session *session)
{
	char *told = sync->told[session->server];
	struct sp_log_line line;

	if (strncmp(told, session->failure.text, TOLD_SIZE - 1) == 0)
		return;
	snprintf(told, TOLD_SIZE, "%.127s", session->failure.text);
	sp_log_begin(&line, SP_LOG_ERROR, "replica_refused");
	sp_log_text(&line, "uri", sync->site->servers[session->server].uri);
	sp_log_text(&line, "content", sp_replica_content_name(session->content));
	sp_log_text(&line, "error", session->failure.text);
	sp_log_end(&line);
}

static void note_complete(struct sync *sync, const struct sp_replica_session *session)
{
	sync->told_lost = false;
	sync->behind_since_ms = 0;
	memset(sync->told, 0, sync->site->server_count * sizeof(sync->told[0]));
	/* one that is lost again and again is no reason to hurry */
	if (sp_now_ms() - session->complete_ms >= LAST_PAUSE_MS)
		sync->pause_ms = FIRST_PAUSE_MS;
}

static enum sp_replica_step follow(struct sync *sync, size_t server, bool *complete_r)
{
	struct sp_replica_session session = {
	    .site = sync->site,
	    .sink = sync->sink,
	    .stop_fd = sync->stop_fd,
	    .server = server,
	    .take_behind = sync->behind_since_ms != 0 &&
			   sp_now_ms() - sync->behind_since_ms >= sync->max_age_ms,
	};

	memcpy(session.reasons, sync->reasons, sizeof(session.reasons));
	enum sp_replica_step step = sp_replica_session_run(&session);
	memcpy(sync->reasons, session.reasons, sizeof(session.reasons));
	*complete_r = session.complete;
	if (session.complete)
		note_complete(sync, &session);
	if (session.behind && sync->behind_since_ms == 0)
		sync->behind_since_ms = sp_now_ms();
	if (!session.reached)
		sp_ldap_health_failed(sync->site->health, server, session.failure.text);
	if (step == SP_REPLICA_LOST)
		tell_lost(sync, &session);
	else if (step == SP_REPLICA_REFUSED)
		tell_refused(sync, &session);
	return step;
}

/* The first server that can be taken, until it is lost; after that it is time for a pause. */
static enum sp_replica_step follow_one(struct sync *sync)
{
	enum sp_replica_step step = SP_REPLICA_LOST;

	for (size_t i = 0; i < sync->site->server_count; i++) {
		bool complete = false;
		if (!sp_ldap_health_may_try(sync->site->health, i))
			continue;
		step = follow(sync, i, &complete);
		if (step == SP_REPLICA_STOPPED || step == SP_REPLICA_ANEW || complete)
			break;
	}
	return step;
}

/* Half of the pause to all of it, so that many consumers do not come at once. False
 * when it is time to end. */
static bool pause_for_a_while(struct sync *sync)
{
	struct pollfd stop = {.fd = sync->stop_fd, .events = POLLIN};
	uint32_t chance = 0;
	int64_t half_ms = sync->pause_ms / 2;

	if (getrandom(&chance, sizeof(chance), GRND_NONBLOCK) < 0)
		chance = 0;
	int64_t until_ms = sp_now_ms() + half_ms + chance % (half_ms + 1);
	if (sync->pause_ms * 2 <= LAST_PAUSE_MS)
		sync->pause_ms *= 2;
	return poll(&stop, 1, sp_remaining_ms(until_ms)) <= 0;
}

void sp_replica_sync_run(
    struct sp_ldap_site *site, struct sp_replica_sink *sink, int stop_fd, int64_t max_age_ms)
{
	struct sync sync = {
	    .site = site,
	    .sink = sink,
	    .stop_fd = stop_fd,
	    .max_age_ms = max_age_ms,
	    .pause_ms = FIRST_PAUSE_MS,
	    .told = calloc(site->server_count, sizeof(*sync.told)),
	};

	if (sync.told == NULL) {
		sp_log_message(SP_LOG_ERROR, "replica_refused", "out of memory");
		return;
	}
	do {
		if (follow_one(&sync) == SP_REPLICA_STOPPED)
			break;
	} while (pause_for_a_while(&sync));
	free(sync.told);
}
