/* SPDX-License-Identifier: BSD-2-Clause */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "daemon/replica_follower.h"
#include "lib/base/clock.h"
#include "lib/directory/ldap_mapping.h"
#include "tests/unit/live_directory.h"
#include "tests/unit/memory_sink.h"
#include "tests/unit/slapd.h"

#define WITHIN_MS  10000
#define ENTRY(id)  "sendpassId=" id "," SLAPD_CONTAINER
#define FIRST      "k7qf2m9x"
#define SECOND     "m3c8r5tq"
#define NOT_THERE  "ldapi://%2Fnonexistent%2Fsocket"
#define MAX_AGE_MS 3600000

static struct slapd slapd, another;
static struct sp_generations *generations;
static struct sp_replica_follower *follower;

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static struct sp_generation *read_generation(const char *uri, const struct sp_generation *before)
{
	char path[128], secret[128], text[2048], why[SP_CONF_WHY_MAX];
	struct sp_generation *generation;

	snprintf(secret, sizeof(secret), "%s/secret", slapd.directory);
	write_file(secret, SLAPD_PASSWORD "\n");
	snprintf(path, sizeof(path), "%s/sendpass.conf", slapd.directory);
	snprintf(text, sizeof(text),
	    "[ldap]\nuri = %s\nbind_dn = " SLAPD_VERIFIER "\nbind_secret_file = %s\n"
	    "connect_timeout = %dms\ntimeout = %dms\n"
	    "[directory]\ncredential_base = dc=example,dc=org\n",
	    uri, secret, SLAPD_CONNECT_MS, SLAPD_TIMEOUT_MS);
	write_file(path, text);
	if (!sp_generation_read(path, before, &generation, why))
		fail_msg("%s", why);
	return generation;
}

static void follow(const char *uri)
{
	static char *owners[] = {"objectClass", "uid", NULL};
	const struct sp_replica_search searches[SP_REPLICA_CONTENTS] = {
	    {SLAPD_CONTAINER, "(objectClass=sendpassCredential)",
		sp_mapping_attributes(SP_WITH_HASH)},
	    {"dc=example,dc=org", "(!(objectClass=sendpassCredential))", owners},
	};

	generations = sp_generations_new(read_generation(uri, NULL));
	assert_non_null(generations);
	follower = sp_replica_follower_start(generations, memory_sink_new(searches), MAX_AGE_MS);
	assert_non_null(follower);
}

static int leave(void **state)
{
	int64_t before_ms = sp_now_ms();

	(void)state;
	sp_replica_follower_stop(&follower);
	assert_null(follower);
	assert_true(sp_now_ms() - before_ms < SLAPD_CONNECT_MS + 2 * SLAPD_TIMEOUT_MS + 500);
	sp_generations_free(&generations);
	memory_sink_free();
	return 0;
}

static void wait_for_entry(const char *dn)
{
	int64_t until_ms = sp_now_ms() + WITHIN_MS;

	while (!memory_sink_has(dn, NULL, NULL)) {
		if (sp_remaining_ms(until_ms) == 0)
			fail_msg("there is no %s", dn);
		poll(NULL, 0, 2);
	}
}

static void it_fills_the_sink(void **state)
{
	(void)state;
	follow(slapd.local_uri);
	wait_for_entry(ENTRY(FIRST));
}

static void after_a_reload_it_follows_the_new_server(void **state)
{
	(void)state;
	follow(slapd.local_uri);
	wait_for_entry(ENTRY(FIRST));
	sp_generations_replace(generations, read_generation(another.local_uri, NULL));
	sp_replica_follower_reload(follower);
	wait_for_entry(ENTRY(SECOND));
}

static void it_ends_where_no_server_is(void **state)
{
	(void)state;
	follow(NOT_THERE);
}

static void start(struct slapd *server, const char *entries)
{
	slapd_prepare(server);
	slapd_fill(server, &(struct slapd_wish){.global = "moduleload syncprov",
			       .database = "include " SP_SRCDIR "/examples/openldap/replica.conf",
			       .entries = entries});
	slapd_start(server);
}

static int start_both(void **state)
{
	(void)state;
	start(&slapd, LIVE_CREDENTIAL(FIRST, SLAPD_ALICE, ""));
	start(&another, LIVE_CREDENTIAL(SECOND, SLAPD_BOB, ""));
	return 0;
}

static int stop_both(void **state)
{
	(void)state;
	slapd_remove(&slapd);
	slapd_remove(&another);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(it_fills_the_sink, leave),
	    cmocka_unit_test_teardown(after_a_reload_it_follows_the_new_server, leave),
	    cmocka_unit_test_teardown(it_ends_where_no_server_is, leave),
	};

	if (!slapd_exists()) {
		print_message("there is no slapd\n");
		return 77;
	}
	sp_ldap_isolate();
	umask(077); /* the secret is in a file */
	return cmocka_run_group_tests(tests, start_both, stop_both);
}
