/* SPDX-License-Identifier: BSD-2-Clause */
/* ldap_live_test.c - what the live directory answers, asked of a real slapd */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/live_directory.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ACTIVE       "(!(|(objectClass=extensibleObject)(uid=%d)))"

#define PERSON(name, more)                                                                         \
	"dn: uid=" name "," SLAPD_PEOPLE "\nobjectClass: inetOrgPerson\n" more "uid: " name        \
	"\ncn: x\nsn: x\n\n"

/* Three share a mail address, so that the search's limit of two is passed. */
/* clang-format off */
static const char entries[] =
    LIVE_CREDENTIAL(LIVE_ID, SLAPD_ALICE, "sendpassLabel: 2nd floor printer\n")
    LIVE_CREDENTIAL("badtime0", SLAPD_ALICE, "sendpassExpires: 19691231235959Z\n")
    LIVE_CREDENTIAL("twins000", SLAPD_ALICE, "")
    "dn: sendpassId=twins000+sendpassLabel=other," SLAPD_CONTAINER "\n"
    "objectClass: sendpassCredential\nsendpassId: twins000\nsendpassLabel: other\n"
    "owner: " SLAPD_BOB "\nsendpassHash: x\n\n"
    LIVE_CREDENTIAL("import01", SLAPD_BOB, "sendpassImported: TRUE\n")
    LIVE_CREDENTIAL("import02", SLAPD_BOB, "sendpassImported: TRUE\n")
    LIVE_CREDENTIAL("import03", SLAPD_BOB, "sendpassImported: TRUE\n")
    LIVE_CREDENTIAL("import04", SLAPD_BOB, "sendpassImported: FALSE\n")
    LIVE_CREDENTIAL("onebesid", SLAPD_ALICE, "")
    LIVE_IMPOSTOR("one", "onebesid")
    LIVE_CREDENTIAL("threebes", SLAPD_ALICE, "")
    LIVE_IMPOSTOR("first of three", "threebes")
    LIVE_IMPOSTOR("second of three", "threebes")
    LIVE_IMPOSTOR("third of three", "threebes")
    LIVE_IMPOSTOR("alone", "noneofit")
    LIVE_IMPOSTOR("first of many", "noneofal")
    LIVE_IMPOSTOR("second of many", "noneofal")
    LIVE_IMPOSTOR("third of many", "noneofal")
    LIVE_IMPOSTOR("beside the twins", "twins000")
    "dn: sendpassId=ourclass," SLAPD_CONTAINER "\nobjectClass: ourCredential\n"
    "sendpassId: ourclass\nowner: " SLAPD_ALICE "\nsendpassHash: " LIVE_HASH "\n\n"
    LIVE_CREDENTIAL("searched", SLAPD_ALICE, "")
    LIVE_CREDENTIAL("unshown0", SLAPD_ALICE, "")
    LIVE_CREDENTIAL("besidehi", SLAPD_ALICE, "")
    LIVE_IMPOSTOR("hidden", "besidehi")
    PERSON("carol", "mail: shared@example.org\n")
    PERSON("dave", "mail: shared@example.org\n")
    PERSON("dora", "mail: shared@example.org\n")
    PERSON("frank", "")
    PERSON("erin", "objectClass: extensibleObject\nmail: erin@example.org\n");
/* clang-format on */

static struct slapd slapd;

static void credential_and_owner_are_found(void **state)
{
	struct sp_directory_answer answer;

	(void)state;
	live_open(&(struct live_settings){.uri = slapd.local_uri});
	assert_int_equal(sp_directory_find(live, LIVE_ID, "alice", &answer), SP_DIRECTORY_OK);
	assert_non_null(answer.credential);
	assert_string_equal(answer.credential->id, LIVE_ID);
	assert_string_equal(answer.credential->owner, SLAPD_ALICE);
	assert_string_equal(answer.credential->hash, LIVE_HASH);
	assert_string_equal(answer.credential->label, "2nd floor printer");
	assert_true(answer.credential->created != SP_NO_TIME);
	assert_string_equal(answer.owner_dn, SLAPD_ALICE);
	assert_false(answer.owner_ambiguous);
	sp_directory_answer_clear(&answer);
	assert_string_equal(live_log(), "");
}

static const struct {
	const char *name;
	const char *login;
	const char *owner;
	bool ambiguous;
} logins[] = {
    {"uid", "alice", SLAPD_ALICE, false},
    {"mail", "alice@example.org", SLAPD_ALICE, false},
    {"other case", "ALICE", SLAPD_ALICE, false},
    {"department", "accounting@example.org", "cn=accounting,ou=departments,dc=example,dc=org",
	false},
    {"unknown", "nobody", NULL, false},
    {"empty", "", NULL, false},
    {"shared", "shared@example.org", NULL, true},
    {"any uid", "*", NULL, false},
    {"prefix", "ali*", NULL, false},
    {"out of the filter", "*)(uid=*", NULL, false},
    {"out of both", "*))(|(uid=*", NULL, false},
    {"or everything", "alice)(|(objectClass=*)", NULL, false},
    {"escaped star", "\\2a", NULL, false},
    {"not UTF-8", "\xff\xfe", NULL, false},
};

static void logins_find_their_owner_and_nobody_else(void **state)
{
	(void)state;
	live_open(&(struct live_settings){.uri = slapd.local_uri});
	for (size_t i = 0; i < COUNT(logins); i++) {
		struct sp_directory_answer answer;
		enum sp_directory_status status =
		    sp_directory_find(live, "00000000", logins[i].login, &answer);
		const char *want = logins[i].owner != NULL ? logins[i].owner : "nobody";
		const char *have = answer.owner_dn != NULL ? answer.owner_dn : "nobody";
		if (status != SP_DIRECTORY_OK || strcmp(want, have) != 0 ||
		    answer.owner_ambiguous != logins[i].ambiguous)
			fail_msg("%s: status %d, %s", logins[i].name, status, have);
		assert_null(answer.credential);
		sp_directory_answer_clear(&answer);
	}
}

/* The verifier is given what it asks for, bob no more than two entries. */
static const struct {
	const char *name, *bind_dn;
	size_t most, count;
	enum sp_directory_status status;
} imports[] = {
    {"all", NULL, 5, 3, SP_DIRECTORY_OK},
    {"the first two", NULL, 2, 2, SP_DIRECTORY_OK},
    {"the owner alone", NULL, 0, 0, SP_DIRECTORY_OK},
    {"as many as the server gives", SLAPD_BOB, 2, 2, SP_DIRECTORY_OK},
    {"more than the server gives", SLAPD_BOB, 5, 0, SP_DIRECTORY_ERROR},
};

static void a_list_of_imported_ones_that_the_server_cuts_is_an_error(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(imports); i++) {
		struct sp_directory_answer answer;
		live_open(
		    &(struct live_settings){.uri = slapd.local_uri, .bind_dn = imports[i].bind_dn});
		enum sp_directory_status status =
		    sp_directory_find_imported(live, "bob", imports[i].most, &answer);
		if (status != imports[i].status || answer.imported.count != imports[i].count)
			fail_msg("%s: status %d, %zu: %s", imports[i].name, status,
			    answer.imported.count, live_log());
		sp_directory_answer_clear(&answer);
		live_close(NULL);
	}
}

static void inactive_owners_are_not_found_by_login(void **state)
{
	struct sp_directory_answer answer;

	(void)state;
	live_open(&(struct live_settings){.uri = slapd.local_uri, .active = ACTIVE});
	assert_int_equal(sp_directory_find(live, "00000000", "erin", &answer), SP_DIRECTORY_OK);
	assert_null(answer.owner_dn);
	assert_int_equal(sp_directory_find(live, "00000000", "alice", &answer), SP_DIRECTORY_OK);
	assert_non_null(answer.owner_dn);
	sp_directory_answer_clear(&answer);
}

#define ERIN "uid=erin," SLAPD_PEOPLE

static const struct {
	const char *name;
	const char *dn;
	enum sp_owner_question question;
	const char *login;
	enum sp_directory_status status;
	bool yes;
} questions[] = {
    {"active", SLAPD_ALICE, SP_OWNER_IS_ACTIVE, "x", SP_DIRECTORY_OK, true},
    {"other spelling", "UID=Alice , OU=People,dc=example,dc=org", SP_OWNER_IS_ACTIVE, "x",
	SP_DIRECTORY_OK, true},
    {"inactive", ERIN, SP_OWNER_IS_ACTIVE, "x", SP_DIRECTORY_OK, false},
    {"gone", "uid=gone," SLAPD_PEOPLE, SP_OWNER_IS_ACTIVE, "x", SP_DIRECTORY_OK, false},
    {"login", SLAPD_ALICE, SP_OWNER_HAS_LOGIN, "alice", SP_DIRECTORY_OK, true},
    {"login of an inactive one", ERIN, SP_OWNER_HAS_LOGIN, "erin", SP_DIRECTORY_OK, true},
    {"somebody else's login", SLAPD_ALICE, SP_OWNER_HAS_LOGIN, "bob", SP_DIRECTORY_OK, false},
    {"injected login", SLAPD_ALICE, SP_OWNER_HAS_LOGIN, "*", SP_DIRECTORY_OK, false},
    {"login and active", SLAPD_ALICE, SP_OWNER_HAS_LOGIN_ACTIVE, "alice", SP_DIRECTORY_OK, true},
    {"login but inactive", ERIN, SP_OWNER_HAS_LOGIN_ACTIVE, "erin", SP_DIRECTORY_OK, false},
    {"the empty name", "", SP_OWNER_IS_ACTIVE, "x", SP_DIRECTORY_ERROR, false},
    {"no name", "alice", SP_OWNER_IS_ACTIVE, "x", SP_DIRECTORY_ERROR, false},
};

static void owners_are_judged_by_the_directory(void **state)
{
	(void)state;
	live_open(&(struct live_settings){.uri = slapd.local_uri, .active = ACTIVE});
	for (size_t i = 0; i < COUNT(questions); i++) {
		bool yes = true;
		enum sp_directory_status status = sp_directory_ask_owner(
		    live, questions[i].dn, questions[i].question, questions[i].login, &yes);
		if (status != questions[i].status || yes != questions[i].yes)
			fail_msg(
			    "%s: status %d, %s", questions[i].name, status, yes ? "yes" : "no");
	}
}

static void an_owners_addresses_are_read(void **state)
{
	struct sp_owner_entry entry;

	(void)state;
	live_open(&(struct live_settings){.uri = slapd.local_uri, .active = ACTIVE});
	assert_int_equal(
	    sp_directory_read_owner(live, "uid=carol," SLAPD_PEOPLE, &entry), SP_DIRECTORY_OK);
	assert_true(entry.active);
	assert_string_equal(entry.addresses[0], "shared@example.org");
	assert_null(entry.addresses[1]);
	sp_owner_entry_clear(&entry);
	assert_int_equal(
	    sp_directory_read_owner(live, "uid=frank," SLAPD_PEOPLE, &entry), SP_DIRECTORY_OK);
	assert_true(entry.active);
	assert_null(entry.addresses[0]);
	sp_owner_entry_clear(&entry);
	assert_int_equal(
	    sp_directory_read_owner(live, "uid=erin," SLAPD_PEOPLE, &entry), SP_DIRECTORY_OK);
	assert_false(entry.active);
	assert_null(entry.addresses);
	assert_int_equal(
	    sp_directory_read_owner(live, "uid=nobody," SLAPD_PEOPLE, &entry), SP_DIRECTORY_OK);
	assert_false(entry.active);
	assert_int_equal(sp_directory_read_owner(live, "", &entry), SP_DIRECTORY_ERROR);
	assert_int_equal(sp_directory_read_owner(live, "no DN", &entry), SP_DIRECTORY_ERROR);
	sp_owner_entry_clear(&entry);
}

static void what_cannot_be_understood_is_an_error_that_names_the_entry(void **state)
{
	(void)state;
	live_open(&(struct live_settings){.uri = slapd.local_uri, .bind_dn = SLAPD_ROOT_DN});
	assert_int_equal(live_find("badtime0", "alice"), SP_DIRECTORY_ERROR);
	assert_int_equal(
	    live_times_logged("event=credential_unusable dn=\"sendpassId=badtime0"), 1);
	assert_int_equal(live_find("twins000", "alice"), SP_DIRECTORY_ERROR);
	assert_int_equal(
	    live_times_logged("event=credential_ambiguous dn=\"sendpassId=twins000"), 1);
	assert_int_equal(live_find(LIVE_ID, "alice"), SP_DIRECTORY_OK);
	assert_int_equal(live_times_logged("event="), 2);
}

/* By the root, whom no rule hides anything from. */
static const struct {
	const char *name, *id;
	enum sp_directory_status status;
	bool found;
} classes[] = {
    {"one of another class beside it", "onebesid", SP_DIRECTORY_OK, true},
    {"more of them beside it than are asked for", "threebes", SP_DIRECTORY_OK, true},
    {"of another class", "noneofit", SP_DIRECTORY_OK, false},
    {"more of another class than are asked for", "noneofal", SP_DIRECTORY_OK, false},
    {"one of another class beside two", "twins000", SP_DIRECTORY_ERROR, false},
    {"of a class below a credential's", "ourclass", SP_DIRECTORY_OK, true},
};

static void what_is_of_another_class_is_no_credential_and_hides_none(void **state)
{
	(void)state;
	live_open(&(struct live_settings){.uri = slapd.local_uri, .bind_dn = SLAPD_ROOT_DN});
	for (size_t i = 0; i < COUNT(classes); i++) {
		struct sp_directory_answer answer;
		enum sp_directory_status status =
		    sp_directory_find(live, classes[i].id, "alice", &answer);
		if (status != classes[i].status || (answer.credential != NULL) != classes[i].found)
			fail_msg("%s: status %d: %s", classes[i].name, status, live_log());
		if (answer.credential != NULL)
			assert_memory_equal(answer.credential->dn, "sendpassId=", 11);
		if (status == SP_DIRECTORY_OK)
			assert_string_equal(answer.owner_dn, SLAPD_ALICE);
		sp_directory_answer_clear(&answer);
	}
	assert_int_equal(live_times_logged("event="), 1);
}

/* As rules that were made for an older sendpassd may have it. */
static void a_credential_whose_class_is_hidden_is_neither_there_nor_absent(void **state)
{
	static const char *const hidden[] = {"searched", "unshown0", "besidehi"};

	(void)state;
	live_open(&(struct live_settings){.uri = slapd.local_uri});
	for (size_t i = 0; i < COUNT(hidden); i++) {
		if (live_find(hidden[i], "alice") != SP_DIRECTORY_ERROR)
			fail_msg("%s: %s", hidden[i], live_log());
	}
	assert_int_equal(live_times_logged("event=credential_unusable"), 3);
	assert_int_equal(live_times_logged("error=\"objectClass is hidden"), 3);
	assert_int_equal(live_times_logged("dn=\"cn=hidden,"), 1);
}

/* The rules let the verifier see plain names only, so nobody can make an id ambiguous. */
static void names_of_two_parts_are_hidden_by_the_rules(void **state)
{
	struct sp_directory_answer answer;

	(void)state;
	live_open(&(struct live_settings){.uri = slapd.local_uri});
	assert_int_equal(sp_directory_find(live, "twins000", "alice", &answer), SP_DIRECTORY_OK);
	assert_non_null(answer.credential);
	assert_string_equal(answer.credential->owner, SLAPD_ALICE);
	sp_directory_answer_clear(&answer);
}

static void a_missing_base_is_an_error_and_logged_once(void **state)
{
	(void)state;
	live_open(&(struct live_settings){
	    .uri = slapd.local_uri, .owner_base = "ou=nowhere,dc=example,dc=org"});
	for (int i = 0; i < 5; i++)
		assert_int_equal(live_find(LIVE_ID, "alice"), SP_DIRECTORY_ERROR);
	assert_int_equal(live_times_logged("event="), 1);
	assert_int_equal(live_times_logged("event=directory_error"), 1);
	assert_int_equal(live_times_logged("ou=nowhere"), 1);
}

static void a_refused_bind_is_down_and_its_secret_is_not_logged(void **state)
{
	(void)state;
	live_open(&(struct live_settings){.uri = slapd.local_uri, .secret = "battery staple"});
	assert_int_equal(live_find(LIVE_ID, "alice"), SP_DIRECTORY_DOWN);
	assert_int_equal(live_times_logged("Invalid credentials"), 1);
	assert_int_equal(live_times_logged("staple"), 0);
}

/* Such a bind succeeds there, as nobody (RFC 4513, section 5.1.2). */
static void an_empty_password_is_wrong_though_the_server_takes_it(void **state)
{
	const char *as_nobody[] = {
	    "ldapwhoami", "-x", "-H", slapd.local_uri, "-D", SLAPD_ALICE, "-w", "", NULL};
	static const struct {
		const char *password;
		enum sp_directory_status status;
		bool right;
	} cases[] = {
	    {SLAPD_PASSWORD, SP_DIRECTORY_OK, true},
	    {"wrong", SP_DIRECTORY_OK, false},
	    {"", SP_DIRECTORY_ERROR, false},
	};

	(void)state;
	assert_int_equal(slapd_run(&slapd, as_nobody), 0);
	live_open(&(struct live_settings){.uri = slapd.local_uri});
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sp_secret secret;
		bool right = !cases[i].right;
		assert_true(sp_secret_set(&secret, cases[i].password, strlen(cases[i].password)));
		enum sp_directory_status status =
		    sp_directory_check_password(live, SLAPD_ALICE, &secret, &right);
		if (status != cases[i].status || right != cases[i].right)
			fail_msg("\"%s\" is %s, with status %d", cases[i].password,
			    right ? "right" : "wrong", status);
	}
}

/* Listens where an ldap:// referral would lead. */
static int trap = -1;

static void referrals_are_errors_and_never_followed(void **state)
{
	struct pollfd caller = {.fd = trap, .events = POLLIN};
	bool yes = true;

	(void)state;
	live_open(&(struct live_settings){.uri = slapd.local_uri});
	assert_int_equal(sp_directory_ask_owner(
			     live, "uid=x,dc=elsewhere,dc=org", SP_OWNER_IS_ACTIVE, "x", &yes),
	    SP_DIRECTORY_ERROR);
	assert_false(yes);
	assert_int_equal(live_times_logged("Referral"), 1);
	/* a search over a subtree with a reference in it */
	assert_int_equal(live_find(LIVE_ID, "alice"), SP_DIRECTORY_OK);
	assert_int_equal(poll(&caller, 1, 0), 0);
}

static int start_server(void **state)
{
	static char global[256], entries_and_reference[sizeof(entries) + 256];
	const struct slapd_wish wish = {
	    .global = global,
	    .database = "limits dn.exact=\"" SLAPD_BOB "\" size=2\n"
			"access to dn.subtree=\"ou=refs,dc=example,dc=org\" by * read\n"
			"access to dn.exact=\"sendpassId=searched," SLAPD_CONTAINER
			"\" attrs=objectClass by * search\n"
			"access to dn.exact=\"sendpassId=unshown0," SLAPD_CONTAINER
			"\" attrs=objectClass by * none\n"
			"access to dn.exact=\"cn=hidden," SLAPD_CONTAINER
			"\" attrs=entry,sendpassId by * read\n"
			"access to dn.exact=\"cn=hidden," SLAPD_CONTAINER "\" by * none",
	    .entries = entries_and_reference,
	};
	int port;

	(void)state;
	trap = slapd_listen(&port);
	snprintf(global, sizeof(global),
	    "referral ldap://127.0.0.1:%d/\nallow bind_anon_dn\n"
	    "objectclass ( 1.3.6.1.4.1.4203.666.3.999 NAME 'ourCredential'"
	    " SUP sendpassCredential STRUCTURAL )",
	    port);
	snprintf(entries_and_reference, sizeof(entries_and_reference),
	    "%sdn: ou=refs,dc=example,dc=org\nobjectClass: referral\n"
	    "objectClass: extensibleObject\nou: refs\n"
	    "ref: ldap://127.0.0.1:%d/dc=example,dc=org\n\n",
	    entries, port);
	slapd_prepare(&slapd);
	slapd_fill(&slapd, &wish);
	slapd_start(&slapd);
	return 0;
}

static int stop_server(void **state)
{
	(void)state;
	close(trap);
	slapd_remove(&slapd);
	return 0;
}

#define TEST(name) cmocka_unit_test_teardown(name, live_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(credential_and_owner_are_found),
	    TEST(logins_find_their_owner_and_nobody_else),
	    TEST(a_list_of_imported_ones_that_the_server_cuts_is_an_error),
	    TEST(inactive_owners_are_not_found_by_login),
	    TEST(owners_are_judged_by_the_directory),
	    TEST(an_owners_addresses_are_read),
	    TEST(what_cannot_be_understood_is_an_error_that_names_the_entry),
	    TEST(what_is_of_another_class_is_no_credential_and_hides_none),
	    TEST(a_credential_whose_class_is_hidden_is_neither_there_nor_absent),
	    TEST(names_of_two_parts_are_hidden_by_the_rules),
	    TEST(a_missing_base_is_an_error_and_logged_once),
	    TEST(a_refused_bind_is_down_and_its_secret_is_not_logged),
	    TEST(an_empty_password_is_wrong_though_the_server_takes_it),
	    TEST(referrals_are_errors_and_never_followed),
	};

	if (!slapd_exists()) {
		puts("skipped: there is no slapd");
		return 77;
	}
	sp_ldap_isolate();
	live_collect_log();
	return cmocka_run_group_tests(tests, start_server, stop_server);
}
