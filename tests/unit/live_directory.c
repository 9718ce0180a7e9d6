/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/live_directory.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/log.h"

struct sp_ldap_site *live_site;
struct sp_directory *live;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char logged[65536];

static void collect(enum sp_log_level level, const char *line, void *context)
{
	size_t length;

	(void)level, (void)context;
	pthread_mutex_lock(&lock);
	length = strlen(logged);
	snprintf(logged + length, sizeof(logged) - length, "%s\n", line);
	pthread_mutex_unlock(&lock);
}

void live_collect_log(void)
{
	sp_log_set_sink(collect, NULL, SP_LOG_DEBUG);
}

const char *live_log(void)
{
	return logged;
}

int live_times_logged(const char *text)
{
	int count = 0;

	pthread_mutex_lock(&lock);
	for (const char *at = logged; (at = strstr(at, text)) != NULL; at++)
		count++;
	pthread_mutex_unlock(&lock);
	return count;
}

void live_open(const struct live_settings *settings)
{
	struct sp_conf *conf = slapd_conf(settings->uri, settings->next_uri);
	const char *password = settings->secret != NULL ? settings->secret : SLAPD_PASSWORD;
	struct sp_secret secret;
	char why[SP_CONF_WHY_MAX] = "";

	slapd_set(&conf->ldap_write_uri, settings->write_uri);
	slapd_set(&conf->ldap_bind_dn, settings->bind_dn);
	slapd_set(&conf->ldap_plaintext, settings->plaintext);
	conf->ldap_starttls = conf->ldap_starttls && settings->plaintext == NULL;
	slapd_set(&conf->directory_owner_base, settings->owner_base);
	slapd_set(&conf->directory_credential_base, settings->credential_base);
	slapd_set(&conf->directory_owner_active_filter, settings->active);
	conf->ldap_retry_after = settings->retry_after_ms != 0 ? settings->retry_after_ms : 50;
	if (settings->timeout_ms != 0)
		conf->ldap_connect_timeout = conf->ldap_timeout = settings->timeout_ms;
	assert_true(sp_secret_set(&secret, password, strlen(password)));
	if (!sp_ldap_site_new(conf, &secret, &live_site, why))
		fail_msg("%s", why);
	sp_secret_wipe(&secret);
	sp_conf_free(&conf);
	live = sp_ldap_directory_new(live_site);
	assert_non_null(live);
	logged[0] = '\0';
}

int live_close(void **state)
{
	(void)state;
	sp_directory_close(&live);
	sp_ldap_site_free(&live_site);
	return 0;
}

enum sp_directory_status live_find(const char *id, const char *login)
{
	struct sp_directory_answer answer;
	enum sp_directory_status status = sp_directory_find(live, id, login, &answer);

	if (status != SP_DIRECTORY_OK) {
		assert_null(answer.credential);
		assert_null(answer.owner_dn);
	}
	sp_directory_answer_clear(&answer);
	return status;
}
