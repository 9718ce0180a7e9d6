/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/sessions.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>
#include <sys/random.h>

#include "daemon/metrics.h"
#include "lib/base/network.h"

#define BUCKETS 32768

/* An address however it is written; all zero where there is none. */
struct where {
	uint8_t address[16];
	uint16_t port; /* 0 where none is known */
};

struct session {
	struct where where;
	struct sp_session_fit fit;
	int64_t recorded; /* the record's number: later ones are newer */
	int64_t seen_ms;
	int64_t ended_ms; /* 0: not known to be */
	TAILQ_ENTRY(session) in_bucket;
	TAILQ_ENTRY(session) in_use; /* the one used longest ago first */
	char login[];
};

TAILQ_HEAD(session_list, session);

struct sp_sessions {
	size_t count, max;
	uint64_t seed;
	int64_t recorded;
	struct session_list used;
	struct session_list buckets[BUCKETS];
};

struct sp_sessions *sp_sessions_new(size_t max)
{
	struct sp_sessions *sessions = calloc(1, sizeof(*sessions));

	if (sessions == NULL)
		return NULL;
	sessions->max = max;
	if (getrandom(&sessions->seed, sizeof(sessions->seed), 0) !=
	    (ssize_t)sizeof(sessions->seed)) {
		free(sessions);
		return NULL;
	}
	TAILQ_INIT(&sessions->used);
	for (size_t i = 0; i < BUCKETS; i++)
		TAILQ_INIT(&sessions->buckets[i]);
	return sessions;
}

static struct where where_of(const char *address, uint16_t port)
{
	struct where where = {.port = port};
	struct sp_network network;
	char bare[SP_ADDRESS_MAX + 1];
	size_t length = strcspn(address, "%");

	if (length >= sizeof(bare))
		return where;
	memcpy(bare, address, length);
	bare[length] = '\0';
	if (strchr(bare, '/') == NULL && sp_network_parse(bare, &network))
		memcpy(where.address, network.prefix, sizeof(where.address));
	else
		where.port = 0; /* a port of nobody tells nothing */
	return where;
}

static struct session_list *bucket_of(
    struct sp_sessions *sessions, const struct where *where, const char *login)
{
	uint64_t key = sessions->seed ^ where->port;

	for (size_t i = 0; i < sizeof(where->address); i++)
		key = (key ^ where->address[i]) * UINT64_C(1099511628211);
	for (; *login != '\0'; login++)
		key = (key ^ (uint64_t)tolower((unsigned char)*login)) * UINT64_C(1099511628211);
	return &sessions->buckets[(key ^ key >> 32) % BUCKETS];
}

static bool is_at(const struct session *session, const struct where *where, const char *login)
{
	return session->where.port == where->port &&
	       memcmp(session->where.address, where->address, sizeof(where->address)) == 0 &&
	       strcasecmp(session->login, login) == 0;
}

static void drop(struct sp_sessions *sessions, struct session *session)
{
	TAILQ_REMOVE(bucket_of(sessions, &session->where, session->login), session, in_bucket);
	TAILQ_REMOVE(&sessions->used, session, in_use);
	sp_metrics_set(SP_GAUGE_SESSIONS, (int64_t)--sessions->count);
	free(session);
}

void sp_sessions_free(struct sp_sessions **sessions)
{
	struct session *session;

	if (sessions == NULL || *sessions == NULL)
		return;
	while ((session = TAILQ_FIRST(&(*sessions)->used)) != NULL)
		drop(*sessions, session);
	free(*sessions);
	*sessions = NULL;
}

static void touch(struct sp_sessions *sessions, struct session *session, int64_t now_ms)
{
	session->seen_ms = now_ms;
	TAILQ_REMOVE(&sessions->used, session, in_use);
	TAILQ_INSERT_TAIL(&sessions->used, session, in_use);
}

/* The record that a login there with that credential replaces; NULL for none. */
static struct session *find_replaced(
    struct sp_sessions *sessions, const struct where *where, const char *login, const char *id)
{
	struct session *session;

	TAILQ_FOREACH(session, bucket_of(sessions, where, login), in_bucket)
	{
		if (is_at(session, where, login) &&
		    (where->port != 0 || strcmp(session->fit.id, id) == 0))
			return session;
	}
	return NULL;
}

static struct session *add(
    struct sp_sessions *sessions, const struct where *where, const char *login)
{
	size_t size = strlen(login) + 1;
	struct session *session = calloc(1, sizeof(*session) + size);

	if (session == NULL)
		return NULL;
	if (sessions->count == sessions->max)
		drop(sessions, TAILQ_FIRST(&sessions->used));
	session->where = *where;
	memcpy(session->login, login, size);
	TAILQ_INSERT_TAIL(bucket_of(sessions, where, login), session, in_bucket);
	TAILQ_INSERT_TAIL(&sessions->used, session, in_use);
	sp_metrics_set(SP_GAUGE_SESSIONS, (int64_t)++sessions->count);
	return session;
}

bool sp_sessions_record(struct sp_sessions *sessions, const struct sp_attempt_request *request,
    const char *id, int64_t now_ms)
{
	struct where where = where_of(request->address, request->port);
	struct session *session = find_replaced(sessions, &where, request->login, id);

	if (session == NULL)
		session = add(sessions, &where, request->login);
	if (session == NULL)
		return false;
	session->recorded = ++sessions->recorded;
	session->ended_ms = 0;
	session->fit.tls = request->tls;
	memcpy(session->fit.service, request->service, sizeof(session->fit.service));
	memset(session->fit.id, 0, sizeof(session->fit.id));
	memcpy(session->fit.id, id, strnlen(id, SP_ID_MAX));
	touch(sessions, session, now_ms);
	return true;
}

/* ---- finding ---- */

struct search {
	struct sp_sessions *sessions;
	const char *login;
	int64_t now_ms, lifetime_ms;
	struct session *found[SP_SESSIONS_FIT_MAX];
	size_t count;
	bool too_many;
};

/* Adds the records at that place that were made after `since`. */
static void collect(struct search *search, struct where where, int64_t since)
{
	struct session_list *bucket = bucket_of(search->sessions, &where, search->login);
	struct session *session, *next;

	for (session = TAILQ_FIRST(bucket); session != NULL; session = next) {
		next = TAILQ_NEXT(session, in_bucket);
		if (!is_at(session, &where, search->login))
			continue;
		if (search->now_ms - session->seen_ms >= search->lifetime_ms)
			drop(search->sessions, session);
		else if (session->recorded <= since)
			continue;
		else if (search->count < SP_SESSIONS_FIT_MAX)
			search->found[search->count++] = session;
		else
			search->too_many = true;
	}
}

static bool is_over(const struct session *session, int64_t now_ms)
{
	return session->where.port == 0 && session->ended_ms != 0 &&
	       now_ms - session->ended_ms >= SP_SESSION_ENDED_MS;
}

/* Of several, those that ended long ago are no longer meant; but one stays. */
static void drop_ended(struct search *search)
{
	size_t kept = 0, running = 0;

	for (size_t i = 0; i < search->count; i++)
		running += !is_over(search->found[i], search->now_ms);
	for (size_t i = 0; i < search->count; i++) {
		if (running > 0 && is_over(search->found[i], search->now_ms))
			drop(search->sessions, search->found[i]);
		else
			search->found[kept++] = search->found[i];
	}
	search->count = kept;
}

static int newest_first(const void *left, const void *right)
{
	const struct session *a = *(struct session *const *)left;
	const struct session *b = *(struct session *const *)right;

	return a->recorded < b->recorded ? 1 : -1;
}

static bool is_new(const struct sp_session_fit *fits, size_t count, const char *id)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(fits[i].id, id) == 0)
			return false;
	}
	return true;
}

bool sp_sessions_find(struct sp_sessions *sessions, const char *address, uint16_t port,
    const char *login, int64_t now_ms, int64_t lifetime_ms,
    struct sp_session_fit fits_r[SP_SESSIONS_FIT_MAX], size_t *count_r)
{
	struct search search = {sessions, login, now_ms, lifetime_ms, {NULL}, 0, false};
	struct where where = where_of(address, port);
	struct where portless = {0}, nowhere = {0};

	*count_r = 0;
	memcpy(portless.address, where.address, sizeof(portless.address));
	if (where.port != 0)
		collect(&search, where, 0);
	collect(&search, portless, search.count > 0 ? search.found[0]->recorded : 0);
	if (search.count == 0 && memcmp(&portless, &nowhere, sizeof(nowhere)) != 0)
		collect(&search, nowhere, 0);
	if (search.too_many)
		return false;
	drop_ended(&search);
	qsort(search.found, search.count, sizeof(search.found[0]), newest_first);
	for (size_t i = 0; i < search.count; i++) {
		touch(sessions, search.found[i], now_ms);
		if (is_new(fits_r, *count_r, search.found[i]->fit.id))
			fits_r[(*count_r)++] = search.found[i]->fit;
	}
	return true;
}

void sp_sessions_end(struct sp_sessions *sessions, const char *address, const char *login,
    const char *id, int64_t now_ms)
{
	const struct where places[] = {where_of(address, 0), {.port = 0}};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct session *session = find_replaced(sessions, &places[i], login, id);
		if (session != NULL && session->ended_ms == 0)
			session->ended_ms = now_ms != 0 ? now_ms : 1;
	}
}
