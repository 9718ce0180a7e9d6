/* SPDX-License-Identifier: BSD-2-Clause */
/* ldap_last_use_test.c - writing to real slapds when a credential was last used */
#include <ldap.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/base/clock.h"
#include "lib/directory/last_use.h"
#include "tests/unit/live_directory.h"

#define DN       "sendpassId=" LIVE_ID "," SLAPD_CONTAINER
#define NOON     1795521600 /* 2026-11-24 12:00 UTC */
#define BOUND_MS (2 * SLAPD_TIMEOUT_MS + SLAPD_CONNECT_MS + 1500)
#define NO_LIMIT INT64_MAX

static struct slapd primary, read_only, replica;
static struct sp_last_use_writer *writer;
static char why[SP_LAST_USE_WHY_MAX];
static int referred_fd; /* where the replica's referrals lead */

static void open_at(const char *uri, const char *write_uri, const char *bind_dn)
{
	live_open(&(struct live_settings){.uri = uri, .write_uri = write_uri, .bind_dn = bind_dn});
	writer = sp_last_use_writer_new(live_site);
	assert_non_null(writer);
}

static int close_all(void **state)
{
	sp_last_use_writer_free(&writer);
	assert_null(writer);
	return live_close(state);
}

static enum sp_last_use_status put(time_t known, time_t at, const char *address)
{
	const struct sp_last_use use = {DN, known, at, (char *)address, "smtp"};

	return sp_last_use_write(writer, &use, NO_LIMIT, why);
}

/* ---- the entry, as the directory's root ---- */

static LDAP *open_root(const struct slapd *slapd)
{
	struct berval password = {strlen(SLAPD_PASSWORD), SLAPD_PASSWORD};
	int version = LDAP_VERSION3;
	LDAP *ld;

	assert_int_equal(ldap_initialize(&ld, slapd->local_uri), LDAP_SUCCESS);
	ldap_set_option(ld, LDAP_OPT_PROTOCOL_VERSION, &version);
	assert_int_equal(
	    ldap_sasl_bind_s(ld, SLAPD_ROOT_DN, LDAP_SASL_SIMPLE, &password, NULL, NULL, NULL),
	    LDAP_SUCCESS);
	return ld;
}

/* The one value, or "" for none. */
static void expect(const char *attribute, const char *value)
{
	LDAP *ld = open_root(&primary);
	char *attributes[] = {(char *)attribute, NULL};
	LDAPMessage *result = NULL;

	assert_int_equal(ldap_search_ext_s(ld, DN, LDAP_SCOPE_BASE, "(objectClass=*)", attributes,
			     0, NULL, NULL, NULL, 0, &result),
	    LDAP_SUCCESS);
	struct berval **values = ldap_get_values_len(ld, ldap_first_entry(ld, result), attribute);
	assert_int_equal(ldap_count_values_len(values), value[0] != '\0' ? 1 : 0);
	if (value[0] != '\0')
		assert_string_equal(values[0]->bv_val, value);
	ldap_value_free_len(values);
	ldap_msgfree(result);
	ldap_unbind_ext_s(ld, NULL, NULL);
}

static void set(const char *attribute, const char *value)
{
	LDAP *ld = open_root(&primary);
	char *values[] = {(char *)value, NULL};
	LDAPMod mod = {LDAP_MOD_REPLACE, (char *)attribute, {values}};
	LDAPMod *mods[] = {&mod, NULL};

	assert_int_equal(ldap_modify_ext_s(ld, DN, mods, NULL, NULL), LDAP_SUCCESS);
	ldap_unbind_ext_s(ld, NULL, NULL);
}

static int forget(void **state)
{
	(void)state;
	set("sendpassLastUsed", NULL);
	set("sendpassLastAddress", NULL);
	set("sendpassLastService", NULL);
	return 0;
}

/* ---- tests ---- */

static void a_use_is_written_with_address_and_service(void **state)
{
	(void)state;
	open_at(primary.local_uri, NULL, NULL);
	assert_int_equal(put(SP_NO_TIME, NOON, "192.0.2.7"), SP_LAST_USE_WRITTEN);
	assert_string_equal(why, "");
	expect("sendpassLastUsed", "20261124120000Z");
	expect("sendpassLastAddress", "192.0.2.7");
	expect("sendpassLastService", "smtp");
	assert_int_equal(put(NOON, NOON + 60, NULL), SP_LAST_USE_WRITTEN);
	expect("sendpassLastUsed", "20261124120100Z");
	expect("sendpassLastAddress", "");
}

/* What the entry has, what we know of it, and what is there after a use at noon. */
static const struct {
	const char *name;
	const char *there;
	time_t known;
	enum sp_last_use_status status;
	const char *after;
} races[] = {
    {"as known", "20261124110000Z", NOON - 3600, SP_LAST_USE_WRITTEN, "20261124120000Z"},
    {"another was first, with an earlier time", "20261124115900Z", SP_NO_TIME, SP_LAST_USE_WRITTEN,
	"20261124120000Z"},
    {"another replaced what we knew, with an earlier time", "20261124115900Z", NOON - 3600,
	SP_LAST_USE_WRITTEN, "20261124120000Z"},
    {"another was first, with a later time", "20261124120001Z", SP_NO_TIME, SP_LAST_USE_LATER,
	"20261124120001Z"},
    {"another replaced what we knew, with a later time", "20261124120001Z", NOON - 3600,
	SP_LAST_USE_LATER, "20261124120001Z"},
    {"another was first, in the same second", "20261124120000Z", SP_NO_TIME, SP_LAST_USE_WRITTEN,
	"20261124120000Z"},
    {"it is gone meanwhile", NULL, NOON - 3600, SP_LAST_USE_WRITTEN, "20261124120000Z"},
    {"written with a fraction", "20261124110000.5Z", NOON - 3600, SP_LAST_USE_WRITTEN,
	"20261124120000Z"},
    {"written with an offset", "20261124100000-0100", NOON - 3600, SP_LAST_USE_WRITTEN,
	"20261124120000Z"},
};

static void the_latest_time_stays_whoever_wrote_it(void **state)
{
	(void)state;
	open_at(primary.local_uri, NULL, NULL);
	for (size_t i = 0; i < sizeof(races) / sizeof(races[0]); i++) {
		set("sendpassLastUsed", races[i].there);
		set("sendpassLastAddress", "203.0.113.9");
		enum sp_last_use_status status = put(races[i].known, NOON, "192.0.2.7");
		if (status != races[i].status)
			fail_msg("%s: %d, %s", races[i].name, status, why);
		expect("sendpassLastUsed", races[i].after);
		expect("sendpassLastAddress",
		    races[i].status == SP_LAST_USE_WRITTEN ? "192.0.2.7" : "203.0.113.9");
	}
}

static void an_entry_that_is_gone_is_no_fault(void **state)
{
	const struct sp_last_use use = {
	    "sendpassId=gone," SLAPD_CONTAINER, SP_NO_TIME, NOON, NULL, NULL};

	(void)state;
	open_at(primary.local_uri, NULL, NULL);
	assert_int_equal(sp_last_use_write(writer, &use, NO_LIMIT, why), SP_LAST_USE_GONE);
}

static void who_may_not_write_is_told_so(void **state)
{
	(void)state;
	open_at(primary.local_uri, NULL, SLAPD_ADMIN);
	assert_int_equal(put(SP_NO_TIME, NOON, "192.0.2.7"), SP_LAST_USE_FORBIDDEN);
	assert_non_null(strstr(why, "nsufficient access"));
	expect("sendpassLastUsed", "");
}

static void what_the_server_finds_wrong_is_passed_on(void **state)
{
	const struct sp_last_use use = {DN, SP_NO_TIME, NOON, "\xff", NULL};

	(void)state;
	open_at(primary.local_uri, NULL, NULL);
	assert_int_equal(sp_last_use_write(writer, &use, NO_LIMIT, why), SP_LAST_USE_ERROR);
	assert_non_null(strstr(why, "sendpassLastAddress"));
}

static void a_server_that_takes_no_changes_is_read_only(void **state)
{
	(void)state;
	open_at(read_only.local_uri, NULL, NULL);
	assert_int_equal(put(SP_NO_TIME, NOON, "192.0.2.7"), SP_LAST_USE_READ_ONLY);
	assert_string_not_equal(why, "");
}

static void a_referral_is_not_followed(void **state)
{
	struct pollfd referred = {.fd = referred_fd, .events = POLLIN};

	(void)state;
	open_at(replica.local_uri, NULL, NULL);
	assert_int_equal(put(SP_NO_TIME, NOON, "192.0.2.7"), SP_LAST_USE_READ_ONLY);
	assert_non_null(strstr(why, "eferral"));
	assert_int_equal(poll(&referred, 1, 0), 0);
}

static void writes_go_to_write_uri_and_reads_do_not(void **state)
{
	(void)state;
	open_at(read_only.local_uri, primary.local_uri, NULL);
	assert_int_equal(put(SP_NO_TIME, NOON, "192.0.2.7"), SP_LAST_USE_WRITTEN);
	expect("sendpassLastUsed", "20261124120000Z");
	slapd_kill(&primary);
	assert_int_equal(put(NOON, NOON + 1, "192.0.2.7"), SP_LAST_USE_DOWN);
	assert_int_equal(live_find(LIVE_ID, "alice"), SP_DIRECTORY_OK);
	slapd_start(&primary);
}

static void without_write_uri_the_first_server_that_answers_is_written_to(void **state)
{
	(void)state;
	live_open(&(struct live_settings){
	    .uri = "ldapi://%2Fnonexistent", .next_uri = primary.local_uri});
	writer = sp_last_use_writer_new(live_site);
	assert_int_equal(put(SP_NO_TIME, NOON, "192.0.2.7"), SP_LAST_USE_WRITTEN);
	assert_string_equal(live_log(), "");
}

static void a_restart_between_two_writes_goes_unnoticed(void **state)
{
	(void)state;
	open_at(primary.local_uri, NULL, NULL);
	assert_int_equal(put(SP_NO_TIME, NOON, "192.0.2.7"), SP_LAST_USE_WRITTEN);
	slapd_kill(&primary);
	slapd_start(&primary);
	assert_int_equal(put(NOON, NOON + 1, "192.0.2.7"), SP_LAST_USE_WRITTEN);
}

static void a_frozen_server_costs_no_more_than_its_time_and_is_not_down_for_lookups(void **state)
{
	int64_t start_ms = sp_now_ms();

	(void)state;
	open_at(primary.local_uri, NULL, NULL);
	assert_int_equal(put(SP_NO_TIME, NOON, "192.0.2.7"), SP_LAST_USE_WRITTEN);
	slapd_freeze(&primary);
	for (int i = 1; i <= 2; i++) { /* on a connection that is up, and on a new one */
		start_ms = sp_now_ms();
		assert_int_equal(put(NOON, NOON + i, "192.0.2.7"), SP_LAST_USE_DOWN);
		assert_true(sp_now_ms() - start_ms <= BOUND_MS);
	}
	const struct sp_last_use use = {DN, NOON, NOON + 3, NULL, NULL};
	start_ms = sp_now_ms();
	assert_int_equal(sp_last_use_write(writer, &use, start_ms, why), SP_LAST_USE_DOWN);
	assert_true(sp_now_ms() - start_ms < SLAPD_TIMEOUT_MS);
	slapd_thaw(&primary);
	assert_int_equal(live_find(LIVE_ID, "alice"), SP_DIRECTORY_OK);
	assert_string_equal(live_log(), "");
}

/* ---- set up ---- */

static void start(struct slapd *slapd, const char *database)
{
	slapd_prepare(slapd);
	slapd_fill(slapd, &(struct slapd_wish){.database = database,
			      .entries = LIVE_CREDENTIAL(LIVE_ID, SLAPD_ALICE, "")});
	slapd_start(slapd);
}

static int set_up(void **state)
{
	char follows[512];
	int port;

	(void)state;
	referred_fd = slapd_listen(&port);
	snprintf(follows, sizeof(follows),
	    "syncrepl rid=1 provider=ldap://127.0.0.1:1 type=refreshOnly bindmethod=simple "
	    "searchbase=\"dc=example,dc=org\" interval=00:01:00:00 retry=\"3600 +\"\n"
	    "updateref ldap://127.0.0.1:%d/",
	    port);
	start(&primary, NULL);
	start(&read_only, "readonly on");
	start(&replica, follows);
	live_collect_log();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	slapd_remove(&primary);
	slapd_remove(&read_only);
	slapd_remove(&replica);
	close(referred_fd);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, forget, close_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_use_is_written_with_address_and_service),
	    TEST(the_latest_time_stays_whoever_wrote_it),
	    TEST(an_entry_that_is_gone_is_no_fault),
	    TEST(who_may_not_write_is_told_so),
	    TEST(what_the_server_finds_wrong_is_passed_on),
	    TEST(a_server_that_takes_no_changes_is_read_only),
	    TEST(a_referral_is_not_followed),
	    TEST(writes_go_to_write_uri_and_reads_do_not),
	    TEST(without_write_uri_the_first_server_that_answers_is_written_to),
	    TEST(a_restart_between_two_writes_goes_unnoticed),
	    TEST(a_frozen_server_costs_no_more_than_its_time_and_is_not_down_for_lookups),
	};

	if (!slapd_exists())
		return 77;
	sp_ldap_isolate();
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
