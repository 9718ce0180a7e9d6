/* SPDX-License-Identifier: BSD-2-Clause */
/* ldap_senders_test.c - what bears on a sender, asked of a real slapd, and what comes of it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "lib/base/sender.h"
#include "lib/policy/sender_logins.h"
#include "tests/unit/live_directory.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ACCOUNTING   "cn=accounting,ou=departments,dc=example,dc=org"

#define PERSON(name, more)                                                                         \
	"dn: uid=" name "," SLAPD_PEOPLE "\nobjectClass: inetOrgPerson\n" more "uid: " name        \
	"\ncn: x\nsn: x\n\n"

/* clang-format off */
static const char entries[] =
    LIVE_CREDENTIAL("alicesdev0", SLAPD_ALICE, "sendpassLogin: laptop\n")
    LIVE_CREDENTIAL("alicesend0", SLAPD_ALICE, "sendpassSender: News@example.org\nsendpassLogin: news\n")
    LIVE_CREDENTIAL("spelled000", "UID=Alice , OU=People,dc=example,dc=org", "sendpassLogin: spelled\n")
    LIVE_CREDENTIAL("bobsend00", SLAPD_BOB, "sendpassSender: @lists.example.org\nsendpassSender: @.sub.example.org\n")
    LIVE_CREDENTIAL("account00", ACCOUNTING, "sendpassSender: scan@example.org\nsendpassLogin: scanner\n")
    LIVE_CREDENTIAL("revoked00", SLAPD_BOB, "sendpassSender: gone@example.org\nsendpassRevoked: 20260101000000Z\n")
    LIVE_CREDENTIAL("erinsend0", "uid=erin," SLAPD_PEOPLE, "sendpassSender: erins@example.org\n")
    LIVE_CREDENTIAL("nobodys00", "uid=nobody," SLAPD_PEOPLE, "sendpassSender: nobodys@example.org\n")
    LIVE_CREDENTIAL("broken000", SLAPD_BOB, "sendpassSender: broken@example.org\nsendpassRate: often\n")
    LIVE_CREDENTIAL("franks000", "uid=frank," SLAPD_PEOPLE, "sendpassLogin: frankly\n")
    LIVE_CREDENTIAL("everybody", SLAPD_BOB, "sendpassSender: *\nsendpassLogin: relay\nsendpassSuspended: TRUE\n")
    PERSON("carol", "mail: shared@example.org\nmail: carol@example.org\n")
    PERSON("dave", "mail: shared@example.org\n")
    PERSON("frank", "mail: frank@full.example.org\n")
    PERSON("smith", "mail: smith@example.org\nuid: J Smith\n")
    PERSON("erin", "objectClass: extensibleObject\nmail: erin@example.org\n");
/* clang-format on */

#define ACTIVE "(!(|(objectClass=extensibleObject)(uid=%d)))"

static struct slapd slapd;

static struct sp_sender_logins found;

static enum sp_directory_status find(const char *sender)
{
	return sp_sender_logins_find(live, sender, time(NULL), &found);
}

static bool has_login(const char *login)
{
	char list[sizeof(found.list) + 2], item[100];

	snprintf(list, sizeof(list), ",%s,", found.list);
	snprintf(item, sizeof(item), ",%s,", login);
	return strstr(list, item) != NULL;
}

/* Entries come in any order. */
static const struct {
	const char *sender;
	const char *logins[5];
} senders[] = {
    {"alice@example.org", {"alice", "alice@example.org", "laptop", "spelled"}},
    {"ALICE@example.ORG", {"alice", "alice@example.org", "laptop", "spelled"}},
    {"news@EXAMPLE.org", {"alice", "alice@example.org", "news"}},
    {"any@lists.example.org", {"bob", "bob@example.org"}},
    {"any@very.sub.example.org", {"bob", "bob@example.org"}},
    {"any@sub.example.org", {0}},
    {"any@example.org", {0}},
    {"shared@example.org", {"carol", "carol@example.org", "shared@example.org", "dave"}},
    {"gone@example.org", {0}},
    {"erin@example.org", {0}},
    {"erins@example.org", {0}},
    {"nobodys@example.org", {0}},
    {"broken@example.org", {0}},
    {"smith@example.org", {"smith", "smith@example.org"}},
    {"alic*@example.org", {0}},
    {"*@example.org", {0}},
    {"a)(mail=*@example.org", {0}},
    {"al\\69ce@example.org", {0}},
    {"\xff@example.org", {0}},
    {"@lists.example.org", {0}},
    {"alice", {0}},
    {"", {0}},
};

static void senders_have_their_logins_and_no_others(void **state)
{
	(void)state;
	live_open(&(struct live_settings){.uri = slapd.local_uri, .active = ACTIVE});
	for (size_t i = 0; i < COUNT(senders); i++) {
		size_t count = 0, commas = 0;
		if (find(senders[i].sender) != SP_DIRECTORY_OK)
			fail_msg("%s: %s", senders[i].sender, live_log());
		for (; senders[i].logins[count] != NULL; count++) {
			if (!has_login(senders[i].logins[count]))
				fail_msg("%s: %s lacks %s", senders[i].sender, found.list,
				    senders[i].logins[count]);
		}
		for (const char *at = found.list; (at = strchr(at, ',')) != NULL; at++)
			commas++;
		if (found.owned != (count > 0) || (count > 0 && commas != count - 1))
			fail_msg("%s: %s", senders[i].sender, found.list);
	}
	assert_int_equal(live_times_logged("level=error"), 0);
}

static void a_role_logs_in_by_its_address(void **state)
{
	(void)state;
	live_open(&(struct live_settings){.uri = slapd.local_uri});
	assert_int_equal(find("scan@example.org"), SP_DIRECTORY_OK);
	assert_true(has_login("scanner"));
	assert_true(has_login("accounting@example.org"));
}

static void no_hash_is_read_for_it(void **state)
{
	struct sp_sender_answer answer;

	(void)state;
	live_open(&(struct live_settings){.uri = slapd.local_uri});
	assert_int_equal(
	    sp_directory_find_senders(live, "news@example.org", &answer), SP_DIRECTORY_OK);
	assert_int_equal(answer.credentials.count, 2); /* and everybody's */
	for (size_t i = 0; i < answer.credentials.count; i++)
		assert_null(answer.credentials.items[i]->hash);
	sp_sender_answer_clear(&answer);
}

static void a_missing_base_is_an_error(void **state)
{
	(void)state;
	live_open(&(struct live_settings){
	    .uri = slapd.local_uri, .owner_base = "ou=nowhere,dc=example,dc=org"});
	assert_int_equal(find("alice@example.org"), SP_DIRECTORY_ERROR);
	assert_false(found.owned);
	assert_int_equal(live_times_logged("ou=nowhere"), 1);
}

static void a_domain_of_too_many_labels_is_an_error(void **state)
{
	char sender[SP_SENDER_PATTERN_MAX + 1];
	size_t length = 2;

	(void)state;
	live_open(&(struct live_settings){.uri = slapd.local_uri});
	memcpy(sender, "a@", 2);
	for (; length < 318; length += 2)
		memcpy(sender + length, "b.", 2);
	memcpy(sender + length, "c", 2);
	assert_int_equal(find(sender), SP_DIRECTORY_ERROR);
}

/* One more than may be, and as many. A cut list would refuse those who are not in it. */
static void more_entries_than_may_be_are_an_error(void **state)
{
	(void)state;
	live_open(&(struct live_settings){.uri = slapd.local_uri, .bind_dn = SLAPD_ROOT_DN});
	assert_int_equal(find("any@crowd.example.org"), SP_DIRECTORY_ERROR);
	assert_false(found.owned);
	assert_string_equal(found.list, "");
	assert_int_equal(live_times_logged("more than 250 credentials bear on one sender"), 1);
	assert_int_equal(find("any@full.example.org"), SP_DIRECTORY_OK);
	assert_true(has_login("bob"));
	assert_int_equal(find("crowd@example.org"), SP_DIRECTORY_ERROR);
	assert_int_equal(live_times_logged("more than 250 owners bear on one sender"), 1);
	assert_int_equal(find("alice@example.org"), SP_DIRECTORY_OK);
	/* those of its owner come on top */
	assert_int_equal(find("frank@full.example.org"), SP_DIRECTORY_ERROR);
	assert_int_equal(live_times_logged("more than 250 credentials bear on one sender"), 2);
}

static void a_server_that_is_gone_is_not_nobody(void **state)
{
	struct slapd other;

	(void)state;
	slapd_prepare(&other);
	slapd_fill(&other, &(struct slapd_wish){0});
	slapd_start(&other);
	live_open(&(struct live_settings){.uri = other.local_uri});
	assert_int_equal(find("alice@example.org"), SP_DIRECTORY_OK);
	slapd_freeze(&other);
	assert_int_equal(find("alice@example.org"), SP_DIRECTORY_TIMEOUT);
	slapd_kill(&other);
	assert_int_equal(find("alice@example.org"), SP_DIRECTORY_DOWN);
	slapd_remove(&other);
}

/* Each credential and each owner of a crowd. */
static void write_crowd(FILE *out)
{
	for (int i = 0; i <= SP_SENDER_ENTRIES_MAX; i++)
		fprintf(out,
		    "dn: sendpassId=crowd%04d," SLAPD_CONTAINER
		    "\nobjectClass: sendpassCredential\nsendpassId: crowd%04d\n"
		    "owner: " SLAPD_BOB "\nsendpassHash: x\nsendpassSender: %s\n%s\n"
		    "dn: uid=crowd%d," SLAPD_PEOPLE "\nobjectClass: inetOrgPerson\nuid: crowd%d\n"
		    "cn: x\nsn: x\nmail: crowd@example.org\n\n",
		    i, i, "@crowd.example.org",
		    i < SP_SENDER_ENTRIES_MAX - 1 ? "sendpassSender: @full.example.org\n" : "", i,
		    i);
}

static int start_server(void **state)
{
	static char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	fputs(entries, out);
	write_crowd(out);
	fclose(out);
	slapd_prepare(&slapd);
	slapd_fill(&slapd, &(struct slapd_wish){.entries = text});
	free(text);
	slapd_start(&slapd);
	return 0;
}

static int stop_server(void **state)
{
	(void)state;
	slapd_remove(&slapd);
	return 0;
}

#define TEST(name) cmocka_unit_test_teardown(name, live_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(senders_have_their_logins_and_no_others),
	    TEST(a_role_logs_in_by_its_address),
	    TEST(no_hash_is_read_for_it),
	    TEST(a_missing_base_is_an_error),
	    TEST(a_domain_of_too_many_labels_is_an_error),
	    TEST(more_entries_than_may_be_are_an_error),
	    TEST(a_server_that_is_gone_is_not_nobody),
	};

	if (!slapd_exists()) {
		puts("skipped: there is no slapd");
		return 77;
	}
	sp_ldap_isolate();
	live_collect_log();
	return cmocka_run_group_tests(tests, start_server, stop_server);
}
