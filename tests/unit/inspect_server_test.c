/* SPDX-License-Identifier: BSD-2-Clause */
/* inspect_server_test.c - what the tool's doctor sees of a real slapd */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/directory/inspect.h"
#include "lib/directory/live.h"
#include "tests/unit/slapd.h"

#define COUNT(array)  (sizeof(array) / sizeof((array)[0]))
#define CONFIG        "cn=config"
#define FIRST         "sendpassId=0000000a," SLAPD_CONTAINER
#define UNREACHABLE   "ldapi://%2Fnonexistent"
#define STARTED_AFTER 1700000000

#define OWNED(id, owner)                                                                           \
	"dn: sendpassId=" id "," SLAPD_CONTAINER "\nobjectClass: sendpassCredential\n"             \
	"sendpassId: " id "\nowner: " owner "\nsendpassHash: x\n\n"

static const char entries[] = OWNED("0000000a", SLAPD_ALICE) OWNED("0000000b", SLAPD_BOB);
static const char global[] =
    "moduleload syncprov\ndatabase config\nrootdn " CONFIG "\nrootpw \"" SLAPD_PASSWORD "\"\n"
    "database monitor\naccess to * by dn.exact=" SLAPD_ADMIN " read by * none\n";
static const char database[] =
    "include " SP_SRCDIR "/examples/openldap/replica.conf\nindex mail,uid eq\n";

static struct slapd slapd;
static struct sp_inspection *inspection;
static char why[SP_CONF_WHY_MAX];

/* As somebody with that password, or as nobody for NULL. */
static enum sp_admin_status open_at(
    struct sp_conf *conf, size_t server, const char *dn, const char *password)
{
	struct sp_secret secret;
	const struct sp_admin_identity identity = {.dn = dn, .secret = &secret};
	enum sp_admin_status status;

	why[0] = '\0';
	assert_true(sp_secret_set(&secret, password, strlen(password)));
	status = sp_inspect_open(conf, server, dn != NULL ? &identity : NULL, &inspection, why);
	assert_true((status == SP_ADMIN_OK) == (inspection != NULL));
	sp_conf_free(&conf);
	return status;
}

static void open_as(const char *dn)
{
	if (open_at(slapd_conf(slapd.local_uri, NULL), 0, dn, SLAPD_PASSWORD) != SP_ADMIN_OK)
		fail_msg("%s", why);
}

static int close_it(void **state)
{
	(void)state;
	sp_inspect_close(&inspection);
	return 0;
}

static void servers_are_told_apart_by_their_numbers(void **state)
{
	static const struct {
		const char *uri, *write_uri;
		size_t server;
		const char *password;
		enum sp_admin_status status;
	} cases[] = {
	    {slapd.local_uri, NULL, 0, SLAPD_PASSWORD, SP_ADMIN_OK},
	    {slapd.local_uri, NULL, 0, "wrong", SP_ADMIN_FORBIDDEN},
	    {slapd.local_uri, NULL, 1, SLAPD_PASSWORD, SP_ADMIN_ERROR},
	    {UNREACHABLE, slapd.local_uri, 0, SLAPD_PASSWORD, SP_ADMIN_DOWN},
	    {UNREACHABLE, slapd.local_uri, 1, SLAPD_PASSWORD, SP_ADMIN_OK},
	    {UNREACHABLE, slapd.local_uri, 2, SLAPD_PASSWORD, SP_ADMIN_ERROR},
	    {"http://example.org", NULL, 0, SLAPD_PASSWORD, SP_ADMIN_ERROR},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sp_conf *conf = slapd_conf(cases[i].uri, NULL);
		slapd_set(&conf->ldap_write_uri, cases[i].write_uri);
		enum sp_admin_status status =
		    open_at(conf, cases[i].server, SLAPD_ADMIN, cases[i].password);
		if (status != cases[i].status)
			fail_msg("case %zu: status %d: %s", i, status, why);
		assert_true((status == SP_ADMIN_OK) == (why[0] == '\0'));
		sp_inspect_close(&inspection);
	}
}

static void an_entry_is_there_for_who_may_know_of_it(void **state)
{
	static const struct {
		const char *as, *dn;
		enum sp_sight sight;
	} cases[] = {
	    {SLAPD_ADMIN, SLAPD_CONTAINER, SP_SIGHT_YES},
	    {SLAPD_ADMIN, "ou=nowhere,dc=example,dc=org", SP_SIGHT_NO},
	    {SLAPD_ALICE, "cn=verifier,ou=services,dc=example,dc=org", SP_SIGHT_NO},
	    {SLAPD_ADMIN, "no dn", SP_SIGHT_UNKNOWN},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		open_as(cases[i].as);
		enum sp_sight sight = sp_inspect_exists(inspection, cases[i].dn, why);
		if (sight != cases[i].sight)
			fail_msg("%s for %s: %d: %s", cases[i].dn, cases[i].as, sight, why);
		sp_inspect_close(&inspection);
	}
}

static void hashes_are_seen_by_who_is_shown_them(void **state)
{
	static const struct {
		const char *as;
		size_t seen, with_hash, with_class;
	} cases[] = {
	    {SLAPD_VERIFIER, 2, 2, 2},
	    {SLAPD_ADMIN, 2, 0, 2},
	    {SLAPD_ALICE, 1, 0, 1},
	    {NULL, 0, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sp_inspect_credentials seen;
		open_as(cases[i].as);
		if (!sp_inspect_credentials(inspection, &seen, why))
			fail_msg("case %zu: %s", i, why);
		if (seen.seen != cases[i].seen || seen.with_hash != cases[i].with_hash ||
		    seen.with_class != cases[i].with_class)
			fail_msg("case %zu: %zu, %zu with hash, %zu with class", i, seen.seen,
			    seen.with_hash, seen.with_class);
		if (cases[i].seen == 1)
			assert_string_equal(seen.dn, FIRST);
		sp_inspect_close(&inspection);
	}
}

static void who_may_take_away_is_known_and_nothing_is_taken(void **state)
{
	static const struct {
		const char *as, *attribute;
		enum sp_sight sight;
	} cases[] = {
	    {SLAPD_ADMIN, "sendpassRevokedReason", SP_SIGHT_YES},
	    {SLAPD_ADMIN, "sendpassHash", SP_SIGHT_YES},
	    {SLAPD_VERIFIER, "sendpassHash", SP_SIGHT_NO},
	    {SLAPD_ALICE, "sendpassRevokedReason", SP_SIGHT_NO},
	    {SLAPD_ADMIN, "noSuchAttributeType", SP_SIGHT_UNKNOWN},
	    {NULL, "sendpassHash", SP_SIGHT_NO},
	};
	struct sp_inspect_credentials seen;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		open_as(cases[i].as);
		enum sp_sight sight =
		    sp_inspect_may_take_away(inspection, FIRST, cases[i].attribute, why);
		if (sight != cases[i].sight)
			fail_msg("case %zu: %d: %s", i, sight, why);
		sp_inspect_close(&inspection);
	}
	open_as(SLAPD_VERIFIER);
	assert_true(sp_inspect_credentials(inspection, &seen, why));
	assert_int_equal(seen.with_hash, 2);
}

static void the_time_is_told_by_who_may_read_it(void **state)
{
	time_t now = 0;

	(void)state;
	open_as(SLAPD_ADMIN);
	assert_true(sp_inspect_time(inspection, &now));
	assert_true(now > STARTED_AFTER);
	sp_inspect_close(&inspection);
	open_as(SLAPD_ALICE);
	assert_false(sp_inspect_time(inspection, &now));
}

static void a_schema_has_what_has_its_name_and_its_oid(void **state)
{
	struct sp_inspect_schema *schema;

	(void)state;
	open_as(SLAPD_ADMIN);
	schema = sp_inspect_schema_read(inspection, why);
	if (schema == NULL)
		fail_msg("%s", why);
	assert_true(sp_inspect_schema_has_attribute(schema, "MAIL", "0.9.2342.19200300.100.1.3"));
	assert_true(
	    sp_inspect_schema_has_attribute(schema, "rfc822Mailbox", "0.9.2342.19200300.100.1.3"));
	assert_false(sp_inspect_schema_has_attribute(schema, "mail", "2.5.4.3"));
	assert_false(sp_inspect_schema_has_attribute(schema, "noSuchAttribute", "2.5.4.3"));
	assert_true(sp_inspect_schema_has_class(schema, "person", "2.5.6.6"));
	assert_false(sp_inspect_schema_has_class(schema, "person", "2.5.6.7"));
	assert_false(sp_inspect_schema_has_class(schema, "noSuchClass", "2.5.6.6"));
	assert_true(sp_inspect_schema_allows(schema, "person", "sn"));
	assert_true(sp_inspect_schema_allows(schema, "person", "telephoneNumber"));
	assert_true(sp_inspect_schema_allows(schema, "sendpassCredential", "SENDPASSHASH"));
	assert_false(sp_inspect_schema_allows(schema, "person", "mail"));
	assert_false(sp_inspect_schema_allows(schema, "noSuchClass", "sn"));
	sp_inspect_schema_free(&schema);
	assert_null(schema);
}

static void a_database_is_known_by_what_it_holds(void **state)
{
	static const struct {
		const char *as, *dn;
		bool found;
	} cases[] = {
	    {CONFIG, SLAPD_CONTAINER, true},
	    {CONFIG, "dc=example,dc=net", false},
	    {SLAPD_ADMIN, SLAPD_CONTAINER, false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sp_inspect_database seen;
		open_as(cases[i].as);
		bool found = sp_inspect_database_read(inspection, cases[i].dn, &seen, why);
		if (found != cases[i].found)
			fail_msg("case %zu: %s", i, why);
		if (found) {
			assert_true(sp_inspect_index_is_there(seen.indexes, "mail"));
			assert_true(sp_inspect_index_is_there(seen.indexes, "sendpassId"));
			assert_false(sp_inspect_index_is_there(seen.indexes, "sn"));
			assert_true(seen.checks_adds);
		}
		sp_inspect_database_free(&seen);
		sp_inspect_close(&inspection);
	}
}

static void what_a_replica_needs_is_seen_as_the_verifier(void **state)
{
	struct sp_inspect_replica replica;

	(void)state;
	open_as(SLAPD_VERIFIER);
	if (!sp_inspect_replica(inspection, &replica, why))
		fail_msg("%s", why);
	assert_true(replica.has_sync);
	assert_true(replica.shows_csns);
	assert_true(replica.shows_all);
	sp_inspect_close(&inspection);
	open_as(SLAPD_ADMIN);
	assert_true(sp_inspect_replica(inspection, &replica, why));
	assert_false(replica.shows_csns);
	sp_inspect_close(&inspection);
	open_as(NULL);
	assert_true(sp_inspect_replica(inspection, &replica, why));
	assert_false(replica.shows_csns);
	assert_false(replica.shows_all);
	assert_non_null(strstr(why, "may ask no entry"));
}

static void a_dead_server_leaves_everything_unknown(void **state)
{
	struct sp_inspect_credentials credentials;
	struct sp_inspect_database seen;
	struct sp_inspect_replica replica;
	time_t now;

	(void)state;
	open_as(SLAPD_VERIFIER);
	slapd_kill(&slapd);
	assert_int_equal(sp_inspect_exists(inspection, FIRST, why), SP_SIGHT_UNKNOWN);
	assert_int_equal(
	    sp_inspect_may_take_away(inspection, FIRST, "sendpassHash", why), SP_SIGHT_UNKNOWN);
	assert_false(sp_inspect_credentials(inspection, &credentials, why));
	assert_false(sp_inspect_database_read(inspection, FIRST, &seen, why));
	assert_false(sp_inspect_replica(inspection, &replica, why));
	assert_false(sp_inspect_time(inspection, &now));
	assert_null(sp_inspect_schema_read(inspection, why));
	assert_true(why[0] != '\0');
	slapd_start(&slapd);
}

static int start_server(void **state)
{
	(void)state;
	slapd_prepare(&slapd);
	slapd_fill(&slapd,
	    &(struct slapd_wish){.entries = entries, .global = global, .database = database});
	slapd_start(&slapd);
	return 0;
}

static int stop_server(void **state)
{
	(void)state;
	slapd_remove(&slapd);
	return 0;
}

#define TEST(name) cmocka_unit_test_teardown(name, close_it)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(servers_are_told_apart_by_their_numbers),
	    TEST(an_entry_is_there_for_who_may_know_of_it),
	    TEST(hashes_are_seen_by_who_is_shown_them),
	    TEST(who_may_take_away_is_known_and_nothing_is_taken),
	    TEST(the_time_is_told_by_who_may_read_it),
	    TEST(a_schema_has_what_has_its_name_and_its_oid),
	    TEST(a_database_is_known_by_what_it_holds),
	    TEST(what_a_replica_needs_is_seen_as_the_verifier),
	    TEST(a_dead_server_leaves_everything_unknown),
	};

	if (!slapd_exists()) {
		puts("skipped: there is no slapd");
		return 77;
	}
	sp_ldap_isolate();
	return cmocka_run_group_tests(tests, start_server, stop_server);
}
