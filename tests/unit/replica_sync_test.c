/* SPDX-License-Identifier: BSD-2-Clause */
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/base/clock.h"
#include "lib/directory/ldap_mapping.h"
#include "lib/directory/replica_sync.h"
#include "tests/unit/live_directory.h"
#include "tests/unit/memory_sink.h"

#define WITHIN_MS   10000
#define CREDENTIAL  "sendpassId=" LIVE_ID "," SLAPD_CONTAINER
#define OTHER_ID    "m3c8r5tq"
#define OTHER       "sendpassId=" OTHER_ID "," SLAPD_CONTAINER
#define MAX_AGE_MS  3600000
#define PATIENT_MS  4000 /* however busy the machine is */
#define SYNCPROV    "moduleload syncprov"
#define EXAMPLE     "include " SP_SRCDIR "/examples/openldap/replica.conf"
#define SEES_ALL    EXAMPLE "\naccess to * by dn.exact=\"" SLAPD_VERIFIER "\" read by * break"
#define WITHOUT_LOG "index entryCSN,entryUUID eq\noverlay syncprov\n" RIGHTS
#define WITHOUT_CSNS                                                                               \
	"overlay syncprov\n"                                                                       \
	"access to dn.subtree=\"dc=example,dc=org\" attrs=entry,objectClass\n"                     \
	"	by dn.exact=\"" SLAPD_VERIFIER "\" read\n	by * break\n"
#define RIGHTS                                                                                     \
	"limits dn.exact=\"" SLAPD_VERIFIER "\" size=unlimited\n"                                  \
	"access to dn.regex=\"^(ou=(people|departments|sendpass),)?dc=example,dc=org$\"\n"         \
	"	attrs=entry,objectClass,entryUUID,contextCSN\n"                                          \
	"	by dn.exact=\"" SLAPD_VERIFIER "\" read\n	by * break\n"

static const char *owner_base;
static char *owner_attributes[] = {"objectClass", "uid", "mail", NULL};
static struct slapd slapd, another;
static struct sp_replica_sink *sink;

/* ---- the consumer, in a thread ---- */

static pthread_t thread;
static int stop_fd = -1;
static int64_t max_age_ms;
static uint64_t timeout_ms;
static const char *bind_dn; /* NULL: the verifier */

static void *run(void *argument)
{
	(void)argument;
	sp_replica_sync_run(live_site, sink, stop_fd, max_age_ms);
	return NULL;
}

/* It keeps what the sink has. */
static void follow(const char *uri, const char *next_uri)
{
	live_open(&(struct live_settings){
	    .uri = uri, .next_uri = next_uri, .bind_dn = bind_dn, .timeout_ms = timeout_ms});
	stop_fd = eventfd(0, EFD_CLOEXEC);
	assert_true(stop_fd >= 0);
	assert_int_equal(pthread_create(&thread, NULL, run, NULL), 0);
}

static void leave(void)
{
	int64_t before_ms = sp_now_ms();

	assert_int_equal(eventfd_write(stop_fd, 1), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_true(sp_now_ms() - before_ms < 3 * (int64_t)timeout_ms + 500);
	close(stop_fd);
	stop_fd = -1;
	live_close(NULL);
}

/* ---- waiting ---- */

#define WAIT_FOR(condition)                                                                        \
	do {                                                                                       \
		int64_t until_ms = sp_now_ms() + WITHIN_MS;                                        \
		while (!(condition)) {                                                             \
			if (sp_remaining_ms(until_ms) == 0)                                        \
				fail_msg("no " #condition " after:\n%s", live_log());              \
			poll(NULL, 0, 2);                                                          \
		}                                                                                  \
	} while (0)

static bool in_touch_since(int64_t at_ms)
{
	return memory_sink_contact(SP_REPLICA_CREDENTIALS) >= at_ms &&
	       memory_sink_contact(SP_REPLICA_OWNERS) >= at_ms;
}

static void wait_until_in_touch(void)
{
	int64_t now_ms = sp_now_ms();

	WAIT_FOR(in_touch_since(now_ms));
}

/* ---- slapd ---- */

static void start(struct slapd *server, const char *database, const char *entries)
{
	slapd_prepare(server);
	slapd_fill(server,
	    &(struct slapd_wish){.global = SYNCPROV, .database = database, .entries = entries});
	slapd_start(server);
}

static void change(const struct slapd *server, const char *ldif)
{
	char file[128];
	const char *modify[] = {"ldapmodify", "-x", "-H", server->local_uri, "-D", SLAPD_ROOT_DN,
	    "-w", SLAPD_PASSWORD, "-f", file, NULL};

	snprintf(file, sizeof(file), "%s/change.ldif", server->directory);
	FILE *out = fopen(file, "we");
	assert_non_null(out);
	fputs(ldif, out);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(slapd_run(server, modify), 0);
}

#define REVOKE(dn)                                                                                 \
	"dn: " dn "\nchangetype: modify\nadd: sendpassRevoked\n"                                   \
	"sendpassRevoked: 20260101000000Z\n\n"
#define ADD_OTHER                                                                                  \
	"dn: " OTHER "\nchangetype: add\nobjectClass: sendpassCredential\n"                        \
	"sendpassId: " OTHER_ID "\nowner: " SLAPD_BOB "\nsendpassHash: " LIVE_HASH "\n\n"
#define DELETE(dn)      "dn: " dn "\nchangetype: delete\n\n"
#define RENAME(dn, rdn) "dn: " dn "\nchangetype: modrdn\nnewrdn: " rdn "\ndeleteoldrdn: 1\n\n"

static void new_sink(void)
{
	const struct sp_replica_search searches[SP_REPLICA_CONTENTS] = {
	    {SLAPD_CONTAINER, "(objectClass=sendpassCredential)",
		sp_mapping_attributes(SP_WITH_HASH)},
	    {owner_base, "(!(objectClass=sendpassCredential))", owner_attributes},
	};

	sink = memory_sink_new(searches);
}

static int begin(void **state)
{
	(void)state;
	slapd = another = (struct slapd){.pid = -1};
	max_age_ms = MAX_AGE_MS;
	timeout_ms = PATIENT_MS;
	bind_dn = NULL;
	owner_base = "dc=example,dc=org";
	new_sink();
	return 0;
}

static int end(void **state)
{
	(void)state;
	if (stop_fd >= 0)
		leave();
	slapd_remove(&slapd);
	slapd_remove(&another);
	memory_sink_free();
	return 0;
}

static void follow_first(const char *database)
{
	start(&slapd, database, LIVE_CREDENTIAL(LIVE_ID, SLAPD_ALICE, ""));
	follow(slapd.local_uri, NULL);
	wait_until_in_touch();
}

/* ---- what is there, and what changes ---- */

static void credentials_and_owners_come_with_what_was_asked_for(void **state)
{
	(void)state;
	follow_first(EXAMPLE);
	assert_true(memory_sink_is_complete());
	assert_true(memory_sink_has(CREDENTIAL, "sendpassHash", LIVE_HASH));
	assert_true(memory_sink_has(CREDENTIAL, "owner", SLAPD_ALICE));
	assert_true(memory_sink_has(SLAPD_ALICE, "mail", "alice@example.org"));
	assert_true(memory_sink_has("cn=accounting,ou=departments,dc=example,dc=org", NULL, NULL));
	assert_false(memory_sink_has(SLAPD_ALICE, "cn", NULL));
	assert_int_equal(memory_sink_count(SP_REPLICA_CREDENTIALS), 1);
	assert_int_equal(live_times_logged("stage=begin"), 2);
	assert_int_equal(live_times_logged("from=nothing reason=first"), 2);
}

static void each_change_comes_by_itself(void **state)
{
	(void)state;
	follow_first(EXAMPLE);
	change(&slapd, REVOKE(CREDENTIAL));
	WAIT_FOR(memory_sink_has(CREDENTIAL, "sendpassRevoked", "20260101000000Z"));
	change(&slapd, ADD_OTHER);
	WAIT_FOR(memory_sink_has(OTHER, "sendpassId", OTHER_ID));
	change(&slapd, DELETE(OTHER));
	WAIT_FOR(!memory_sink_has(OTHER, NULL, NULL));
	change(&slapd, RENAME(SLAPD_BOB, "uid=robert"));
	WAIT_FOR(memory_sink_has("uid=robert," SLAPD_PEOPLE, "uid", "robert"));
	assert_false(memory_sink_has(SLAPD_BOB, NULL, NULL));
	wait_until_in_touch();
	assert_int_equal(live_times_logged("stage=begin"), 2);
}

static void changes_of_both_contents_come_mixed(void **state)
{
	enum { ROUNDS = 60 };
	char last[32], ldif[ROUNDS * 256] = "";

	(void)state;
	follow_first(EXAMPLE);
	for (int i = 0; i < ROUNDS; i++)
		snprintf(ldif + strlen(ldif), sizeof(ldif) - strlen(ldif),
		    "dn: " CREDENTIAL "\nchangetype: modify\nreplace: sendpassLabel\n"
		    "sendpassLabel: %d\n\ndn: " SLAPD_ALICE "\nchangetype: modify\nreplace: mail\n"
		    "mail: %d@example.org\n\n",
		    i, i);
	change(&slapd, ldif);
	snprintf(last, sizeof(last), "%d@example.org", ROUNDS - 1);
	WAIT_FOR(memory_sink_has(SLAPD_ALICE, "mail", last));
	WAIT_FOR(memory_sink_has(CREDENTIAL, "sendpassLabel", "59"));
	wait_until_in_touch();
	assert_int_equal(live_times_logged("stage=begin"), 2);
}

static void a_change_is_there_once_we_were_in_touch_after_it(void **state)
{
	(void)state;
	follow_first(EXAMPLE);
	for (int i = 0; i < 2; i++) {
		change(&slapd, ADD_OTHER);
		int64_t added_ms = sp_now_ms();
		while (!in_touch_since(added_ms))
			poll(NULL, 0, 1);
		assert_true(memory_sink_has(OTHER, NULL, NULL));
		change(&slapd, DELETE(OTHER));
		WAIT_FOR(!memory_sink_has(OTHER, NULL, NULL));
	}
}

static void a_renamed_container_renames_what_is_below_it(void **state)
{
	(void)state;
	follow_first(SEES_ALL);
	change(&slapd, RENAME("ou=departments,dc=example,dc=org", "ou=teams"));
	WAIT_FOR(memory_sink_has("cn=accounting,ou=teams,dc=example,dc=org", NULL, NULL));
	WAIT_FOR(!memory_sink_has("cn=accounting,ou=departments,dc=example,dc=org", NULL, NULL));
	assert_int_equal(live_times_logged("content=owners uri="), 4);
	assert_int_equal(live_times_logged("reason=renamed"), 2);
}

static void an_entry_that_holds_others_is_a_container_when_it_is_renamed(void **state)
{
	static const char below[] =
	    "dn: cn=printer,cn=accounting,ou=departments,dc=example,dc=org\n"
	    "changetype: add\nobjectClass: device\ncn: printer\n\n";

	(void)state;
	follow_first(SEES_ALL);
	change(&slapd, below);
	WAIT_FOR(memory_sink_has(
	    "cn=printer,cn=accounting,ou=departments,dc=example,dc=org", NULL, NULL));
	change(&slapd, RENAME("cn=accounting,ou=departments,dc=example,dc=org", "cn=books"));
	WAIT_FOR(
	    memory_sink_has("cn=printer,cn=books,ou=departments,dc=example,dc=org", NULL, NULL));
}

static void a_container_that_is_moved_takes_what_is_below_it_along(void **state)
{
	static const char team[] =
	    "dn: ou=team," SLAPD_PEOPLE "\nchangetype: add\nobjectClass: organizationalUnit\n"
	    "ou: team\n\ndn: uid=carol,ou=team," SLAPD_PEOPLE "\nchangetype: add\n"
	    "objectClass: account\nuid: carol\n\n";
	static const char move[] =
	    "dn: ou=team," SLAPD_PEOPLE "\nchangetype: modrdn\nnewrdn: ou=team\n"
	    "deleteoldrdn: 0\nnewsuperior: ou=services,dc=example,dc=org\n\n";
	static const char move_back[] =
	    "dn: ou=team,ou=services,dc=example,dc=org\nchangetype: modrdn\nnewrdn: ou=team\n"
	    "deleteoldrdn: 0\nnewsuperior: " SLAPD_PEOPLE "\n\n";

	(void)state;
	owner_base = SLAPD_PEOPLE;
	new_sink();
	follow_first(SEES_ALL);
	change(&slapd, team);
	WAIT_FOR(memory_sink_has("uid=carol,ou=team," SLAPD_PEOPLE, NULL, NULL));
	wait_until_in_touch();
	change(&slapd, move);
	WAIT_FOR(!memory_sink_has("uid=carol,ou=team," SLAPD_PEOPLE, NULL, NULL));
	assert_true(memory_sink_has(SLAPD_ALICE, NULL, NULL));
	wait_until_in_touch();
	change(&slapd, move_back);
	WAIT_FOR(memory_sink_has("uid=carol,ou=team," SLAPD_PEOPLE, NULL, NULL));
}

/* ---- away and back ---- */

static void what_was_missed_is_caught_up_with_by_the_cookie(void **state)
{
	(void)state;
	follow_first(EXAMPLE);
	change(&slapd, ADD_OTHER);
	WAIT_FOR(memory_sink_has(OTHER, NULL, NULL));
	leave();
	change(&slapd, DELETE(OTHER) REVOKE(CREDENTIAL));
	follow(slapd.local_uri, NULL);
	wait_until_in_touch();
	assert_true(memory_sink_has(CREDENTIAL, "sendpassRevoked", NULL));
	assert_false(memory_sink_has(OTHER, NULL, NULL));
	assert_int_equal(live_times_logged("from=nothing"), 0);
	assert_int_equal(live_times_logged("stage=end"), 2);
}

static void another_account_is_shown_all_anew(void **state)
{
	(void)state;
	follow_first(EXAMPLE);
	leave();
	bind_dn = SLAPD_ROOT_DN;
	follow(slapd.local_uri, NULL);
	wait_until_in_touch();
	assert_int_equal(live_times_logged("from=nothing reason=first"), 2);
}

static void without_a_session_log_all_is_refreshed(void **state)
{
	(void)state;
	follow_first(WITHOUT_LOG);
	change(&slapd, ADD_OTHER);
	WAIT_FOR(memory_sink_has(OTHER, NULL, NULL));
	leave();
	change(&slapd, DELETE(OTHER) REVOKE(CREDENTIAL));
	follow(slapd.local_uri, NULL);
	wait_until_in_touch();
	assert_true(memory_sink_has(CREDENTIAL, "sendpassRevoked", NULL));
	assert_false(memory_sink_has(OTHER, NULL, NULL));
	assert_true(live_times_logged("reason=no_session_log") > 0);
}

static void without_its_csns_a_server_is_followed_from_nothing(void **state)
{
	(void)state;
	follow_first(WITHOUT_CSNS);
	change(&slapd, REVOKE(CREDENTIAL));
	WAIT_FOR(memory_sink_has(CREDENTIAL, "sendpassRevoked", NULL));
	leave();
	follow(slapd.local_uri, NULL);
	wait_until_in_touch();
	assert_int_equal(live_times_logged("from=nothing reason=no_csn"), 2);
}

/* What is not delivered any more, as we may not see it any more, is missed and looked for. */
static void an_entry_that_goes_out_of_sight_goes(void **state)
{
	(void)state;
	follow_first(EXAMPLE);
	change(&slapd, RENAME("ou=departments,dc=example,dc=org", "ou=hidden"));
	WAIT_FOR(!memory_sink_has("cn=accounting,ou=departments,dc=example,dc=org", NULL, NULL));
	assert_int_equal(live_times_logged("reason=missing_changes"), 1);
}

static void a_server_that_starts_again_is_followed_again(void **state)
{
	(void)state;
	follow_first(EXAMPLE);
	slapd_kill(&slapd);
	WAIT_FOR(live_times_logged("event=replica_lost") == 1);
	assert_true(memory_sink_has(CREDENTIAL, NULL, NULL));
	slapd_start(&slapd);
	change(&slapd, REVOKE(CREDENTIAL));
	wait_until_in_touch();
	assert_true(memory_sink_has(CREDENTIAL, "sendpassRevoked", NULL));
	assert_int_equal(live_times_logged("event=replica_lost"), 1);
}

static void a_frozen_server_is_no_contact(void **state)
{
	(void)state;
	timeout_ms = SLAPD_TIMEOUT_MS;
	follow_first(EXAMPLE);
	slapd_freeze(&slapd);
	int64_t frozen_ms = sp_now_ms();
	WAIT_FOR(live_times_logged("event=replica_lost") == 1);
	assert_false(in_touch_since(frozen_ms + 1));
	assert_true(memory_sink_has(CREDENTIAL, NULL, NULL));
	slapd_thaw(&slapd);
	wait_until_in_touch();
}

/* ---- other servers ---- */

static void an_empty_directory_takes_nothing_away(void **state)
{
	(void)state;
	follow_first(EXAMPLE);
	leave();
	start(&another, EXAMPLE, "");
	follow(another.local_uri, NULL);
	WAIT_FOR(live_times_logged("event=replica_refused") == 1);
	assert_true(memory_sink_has(CREDENTIAL, NULL, NULL));
	change(&another, ADD_OTHER);
	wait_until_in_touch();
	assert_true(memory_sink_has(OTHER, NULL, NULL));
	assert_false(memory_sink_has(CREDENTIAL, NULL, NULL));
}

static void another_directory_takes_the_place_of_all(void **state)
{
	(void)state;
	follow_first(EXAMPLE);
	leave();
	start(&another, EXAMPLE, LIVE_CREDENTIAL(OTHER_ID, SLAPD_BOB, ""));
	follow(another.local_uri, NULL);
	wait_until_in_touch();
	assert_true(memory_sink_has(OTHER, NULL, NULL));
	assert_false(memory_sink_has(CREDENTIAL, NULL, NULL));
	assert_int_equal(live_times_logged("from=nothing reason=other_directory"), 2);
}

/* A copy of the first as it is by now; it must not run. */
static void copy_server(void)
{
	char from[128], to[128];
	const char *copy[] = {"cp", "-a", from, to, NULL};

	slapd_prepare(&another);
	slapd_fill(&another, &(struct slapd_wish){.global = SYNCPROV, .database = EXAMPLE});
	snprintf(from, sizeof(from), "%s/database/data.mdb", slapd.directory);
	snprintf(to, sizeof(to), "%s/database/data.mdb", another.directory);
	assert_int_equal(slapd_run(&another, copy), 0);
}

static void a_server_that_lags_behind_is_not_taken(void **state)
{
	(void)state;
	start(&slapd, EXAMPLE, LIVE_CREDENTIAL(LIVE_ID, SLAPD_ALICE, ""));
	slapd_kill(&slapd);
	copy_server();
	slapd_start(&slapd);
	slapd_start(&another);
	follow(slapd.local_uri, another.local_uri);
	wait_until_in_touch();
	change(&slapd, REVOKE(CREDENTIAL));
	WAIT_FOR(memory_sink_has(CREDENTIAL, "sendpassRevoked", NULL));
	slapd_kill(&slapd);
	WAIT_FOR(live_times_logged("event=replica_refused") == 1);
	assert_int_equal(live_times_logged("lacks changes that we have seen"), 1);
	assert_true(memory_sink_has(CREDENTIAL, "sendpassRevoked", NULL));
	slapd_start(&slapd);
	wait_until_in_touch();
	assert_true(memory_sink_has(CREDENTIAL, "sendpassRevoked", NULL));
}

static void a_server_that_stays_behind_is_taken_after_max_age(void **state)
{
	(void)state;
	a_server_that_lags_behind_is_not_taken(NULL);
	leave();
	max_age_ms = 300;
	slapd_kill(&slapd);
	follow(another.local_uri, NULL);
	wait_until_in_touch();
	assert_int_equal(live_times_logged("event=replica_refused"), 1);
	assert_int_equal(live_times_logged("from=nothing reason=behind"), 2);
	assert_false(memory_sink_has(CREDENTIAL, "sendpassRevoked", NULL));
}

/* ---- what cannot be taken ---- */

static const struct refusal {
	const char *name, *database, *error;
} refusals[] = {
    {"a limit of size", WITHOUT_CSNS "sizelimit 3", "no limit of size"},
    {"no syncprov", "", "needs the overlay syncprov"},
    {"nothing that we may see",
	"overlay syncprov\naccess to dn.subtree=\"" SLAPD_CONTAINER "\" by * none",
	"does not exist, or we may not see it"},
};

static void what_is_not_whole_is_refused(void **state)
{
	const struct refusal *refusal = *state;

	start(&slapd, refusal->database, LIVE_CREDENTIAL(LIVE_ID, SLAPD_ALICE, ""));
	follow(slapd.local_uri, NULL);
	WAIT_FOR(live_times_logged("event=replica_refused") >= 1);
	assert_int_equal(live_times_logged(refusal->error), 1);
	assert_false(memory_sink_is_complete());
}

static void a_sink_that_fails_loses_nothing(void **state)
{
	(void)state;
	follow_first(EXAMPLE);
	memory_sink_fail(true);
	change(&slapd, REVOKE(CREDENTIAL));
	WAIT_FOR(live_times_logged("event=replica_lost") == 1);
	assert_false(memory_sink_has(CREDENTIAL, "sendpassRevoked", NULL));
	memory_sink_fail(false);
	WAIT_FOR(memory_sink_has(CREDENTIAL, "sendpassRevoked", NULL));
	assert_int_equal(live_times_logged("from=nothing reason"), 2);
}

/* ---- in the middle of it ---- */

#define MANY 3000

static char *many_credentials(void)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	assert_non_null(out);
	fprintf(out, "%s", LIVE_CREDENTIAL(LIVE_ID, SLAPD_ALICE, ""));
	for (int i = 0; i < MANY; i++)
		fprintf(out,
		    "dn: sendpassId=x%07d," SLAPD_CONTAINER "\nobjectClass: sendpassCredential\n"
		    "sendpassId: x%07d\nowner: " SLAPD_BOB "\nsendpassHash: " LIVE_HASH "\n\n",
		    i, i);
	assert_int_equal(fclose(out), 0);
	return text;
}

static bool is_whole_or_unfinished(void)
{
	return !memory_sink_is_complete() || memory_sink_count(SP_REPLICA_CREDENTIALS) == MANY + 1;
}

static void a_server_killed_within_a_refresh_leaves_it_to_be_finished(void **state)
{
	char *entries = many_credentials();

	(void)state;
	start(&slapd, EXAMPLE, entries);
	free(entries);
	for (int turn = 0; turn < 3; turn++) {
		new_sink();
		follow(slapd.local_uri, NULL);
		WAIT_FOR(live_times_logged("stage=begin") > 0);
		poll(NULL, 0, 8 * turn); /* each turn at another moment */
		slapd_kill(&slapd);
		WAIT_FOR(live_times_logged("event=replica_lost") == 1);
		assert_true(is_whole_or_unfinished());
		slapd_start(&slapd);
		wait_until_in_touch();
		assert_int_equal(memory_sink_count(SP_REPLICA_CREDENTIALS), MANY + 1);
		leave();
	}
}

static void the_old_content_serves_while_it_is_refreshed(void **state)
{
	char *entries = many_credentials();

	(void)state;
	start(&slapd, EXAMPLE, entries);
	start(&another, EXAMPLE, entries);
	free(entries);
	follow(slapd.local_uri, NULL);
	wait_until_in_touch();
	leave();
	follow(another.local_uri, NULL);
	while (live_times_logged("stage=end content=credentials") == 0) {
		assert_true(memory_sink_count(SP_REPLICA_CREDENTIALS) >= MANY + 1);
		assert_true(memory_sink_has(CREDENTIAL, NULL, NULL));
	}
	wait_until_in_touch();
	assert_int_equal(memory_sink_count(SP_REPLICA_CREDENTIALS), MANY + 1);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)
#define REFUSAL(number)                                                                            \
	{                                                                                          \
		refusals[number].name, what_is_not_whole_is_refused, begin, end,                   \
		    (void *)&refusals[number]                                                      \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(credentials_and_owners_come_with_what_was_asked_for),
	    TEST(each_change_comes_by_itself),
	    TEST(changes_of_both_contents_come_mixed),
	    TEST(a_change_is_there_once_we_were_in_touch_after_it),
	    TEST(a_renamed_container_renames_what_is_below_it),
	    TEST(an_entry_that_holds_others_is_a_container_when_it_is_renamed),
	    TEST(a_container_that_is_moved_takes_what_is_below_it_along),
	    TEST(what_was_missed_is_caught_up_with_by_the_cookie),
	    TEST(another_account_is_shown_all_anew),
	    TEST(without_a_session_log_all_is_refreshed),
	    TEST(without_its_csns_a_server_is_followed_from_nothing),
	    TEST(an_entry_that_goes_out_of_sight_goes),
	    TEST(a_server_that_starts_again_is_followed_again),
	    TEST(a_frozen_server_is_no_contact),
	    TEST(an_empty_directory_takes_nothing_away),
	    TEST(another_directory_takes_the_place_of_all),
	    TEST(a_server_that_lags_behind_is_not_taken),
	    TEST(a_server_that_stays_behind_is_taken_after_max_age),
	    REFUSAL(0),
	    REFUSAL(1),
	    REFUSAL(2),
	    TEST(a_sink_that_fails_loses_nothing),
	    TEST(a_server_killed_within_a_refresh_leaves_it_to_be_finished),
	    TEST(the_old_content_serves_while_it_is_refreshed),
	};

	if (!slapd_exists()) {
		print_message("there is no slapd\n");
		return 77;
	}
	sp_ldap_isolate();
	live_collect_log();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
