/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/directory/ldap_health.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"

struct server {
	char *uri;
	bool down;
	bool probed;
	int64_t down_since_ms;
	int64_t retry_at_ms;
	int complaint;
	time_t asked; /* when it last answered or failed; 0: never */
};

struct sp_ldap_health {
	pthread_mutex_t lock;
	int64_t retry_after_ms;
	size_t in_use;
	uint64_t failovers;
	size_t count;
	struct server servers[];
};

struct sp_ldap_health *sp_ldap_health_new(const struct sp_conf_list *uris, int64_t retry_after_ms)
{
	struct sp_ldap_health *health =
	    calloc(1, sizeof(*health) + uris->count * sizeof(health->servers[0]));

	if (health == NULL)
		return NULL;
	pthread_mutex_init(&health->lock, NULL);
	health->retry_after_ms = retry_after_ms;
	health->count = uris->count;
	for (size_t i = 0; i < uris->count; i++) {
		health->servers[i].uri = strdup(uris->items[i]);
		if (health->servers[i].uri == NULL) {
			sp_ldap_health_free(&health);
			return NULL;
		}
	}
	return health;
}

void sp_ldap_health_free(struct sp_ldap_health **health)
{
	if (health == NULL || *health == NULL)
		return;
	for (size_t i = 0; i < (*health)->count; i++)
		free((*health)->servers[i].uri);
	pthread_mutex_destroy(&(*health)->lock);
	free(*health);
	*health = NULL;
}

bool sp_ldap_health_may_try(struct sp_ldap_health *health, size_t server)
{
	struct server *s = &health->servers[server];
	bool may;

	pthread_mutex_lock(&health->lock);
	may = !s->down || (!s->probed && sp_now_ms() >= s->retry_at_ms);
	if (may)
		s->probed = s->down;
	pthread_mutex_unlock(&health->lock);
	return may;
}

void sp_ldap_health_failed(struct sp_ldap_health *health, size_t server, const char *error)
{
	struct server *s = &health->servers[server];
	struct sp_log_line line;
	bool news;

	pthread_mutex_lock(&health->lock);
	news = !s->down;
	if (news)
		s->down_since_ms = sp_now_ms();
	s->down = true;
	s->probed = false;
	s->asked = time(NULL);
	s->retry_at_ms = sp_now_ms() + health->retry_after_ms;
	pthread_mutex_unlock(&health->lock);
	if (!news)
		return;
	sp_log_begin(&line, SP_LOG_ERROR, "directory_down");
	sp_log_text(&line, "uri", s->uri);
	sp_log_text(&line, "error", error);
	sp_log_end(&line);
}

void sp_ldap_health_answered(struct sp_ldap_health *health, size_t server)
{
	struct server *s = &health->servers[server];
	struct sp_log_line line;
	int64_t after_ms;
	bool news;

	pthread_mutex_lock(&health->lock);
	news = s->down;
	after_ms = sp_now_ms() - s->down_since_ms;
	s->down = s->probed = false;
	s->asked = time(NULL);
	pthread_mutex_unlock(&health->lock);
	if (!news)
		return;
	sp_log_begin(&line, SP_LOG_NOTICE, "directory_up");
	sp_log_text(&line, "uri", s->uri);
	sp_log_number(&line, "after_ms", after_ms);
	sp_log_end(&line);
}

void sp_ldap_health_connected(struct sp_ldap_health *health, size_t server)
{
	struct sp_log_line line;
	size_t before;

	pthread_mutex_lock(&health->lock);
	before = health->in_use;
	health->in_use = server;
	health->failovers += before != server;
	pthread_mutex_unlock(&health->lock);
	if (before == server)
		return;
	sp_log_begin(&line, SP_LOG_WARNING, "directory_failover");
	sp_log_text(&line, "from", health->servers[before].uri);
	sp_log_text(&line, "to", health->servers[server].uri);
	sp_log_end(&line);
}

bool sp_ldap_health_is_up(struct sp_ldap_health *health, size_t server)
{
	pthread_mutex_lock(&health->lock);
	bool up = !health->servers[server].down;
	pthread_mutex_unlock(&health->lock);
	return up;
}

time_t sp_ldap_health_asked(struct sp_ldap_health *health, size_t server)
{
	pthread_mutex_lock(&health->lock);
	time_t asked = health->servers[server].asked;
	pthread_mutex_unlock(&health->lock);
	return asked;
}

uint64_t sp_ldap_health_failovers(struct sp_ldap_health *health)
{
	pthread_mutex_lock(&health->lock);
	uint64_t failovers = health->failovers;
	pthread_mutex_unlock(&health->lock);
	return failovers;
}

void sp_ldap_health_complain(
    struct sp_ldap_health *health, size_t server, int code, const char *error)
{
	struct server *s = &health->servers[server];
	struct sp_log_line line;
	bool news;

	pthread_mutex_lock(&health->lock);
	news = code != 0 && s->complaint != code;
	s->complaint = code;
	pthread_mutex_unlock(&health->lock);
	if (!news)
		return;
	sp_log_begin(&line, SP_LOG_ERROR, "directory_error");
	sp_log_text(&line, "uri", s->uri);
	sp_log_text(&line, "error", error);
	sp_log_end(&line);
}
