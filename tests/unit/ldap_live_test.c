/* SPDX-License-Identifier: BSD-2-Clause */
/* ldap_live_test.c - the live directory against real slapds: answers, outages, failover */
#include <dirent.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/directory/live.h"
#include "tests/unit/slapd.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define SLACK_MS   1500 /* for slow machines and sanitizers */
#define BOUND_MS   (2 * SLAPD_TIMEOUT_MS + SLAPD_CONNECT_MS + SLACK_MS)
#define NEVER_MS   600000 /* a retry_after that no test outlives */
#define AT_ONCE_MS (SLAPD_TIMEOUT_MS / 2)

#define HASH "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$dGFndGFndGFn"

#define CREDENTIAL(id, owner, more)                                                                \
	"dn: sendpassId=" id "," SLAPD_CONTAINER "\nobjectClass: sendpassCredential\n"             \
	"sendpassId: " id "\nowner: " owner "\nsendpassHash: " HASH "\n" more "\n"
#define PERSON(name, more)                                                                         \
	"dn: uid=" name "," SLAPD_PEOPLE "\nobjectClass: inetOrgPerson\n" more "uid: " name        \
	"\ncn: x\nsn: x\n\n"

/* Three share a mail address, so that the search's limit of two is passed. */
/* clang-format off */
static const char entries[] =
    CREDENTIAL("k7qf2m9x", SLAPD_ALICE, "sendpassLabel: 2nd floor printer\n")
    CREDENTIAL("badtime0", SLAPD_ALICE, "sendpassExpires: 19691231235959Z\n")
    CREDENTIAL("twins000", SLAPD_ALICE, "")
    "dn: sendpassId=twins000+sendpassLabel=other," SLAPD_CONTAINER "\n"
    "objectClass: sendpassCredential\nsendpassId: twins000\nsendpassLabel: other\n"
    "owner: " SLAPD_BOB "\nsendpassHash: x\n\n"
    PERSON("carol", "mail: shared@example.org\n")
    PERSON("dave", "mail: shared@example.org\n")
    PERSON("dora", "mail: shared@example.org\n")
    PERSON("erin", "objectClass: extensibleObject\nmail: erin@example.org\n");
/* clang-format on */

static struct slapd first, second;

/* ---- the log, as the process would write it ---- */

static char logged[65536];

static void remember(enum sp_log_level level, const char *line, void *context)
{
	size_t length = strlen(logged);

	(void)level, (void)context;
	snprintf(logged + length, sizeof(logged) - length, "%s\n", line);
}

static int times_logged(const char *text)
{
	int count = 0;

	for (const char *at = logged; (at = strstr(at, text)) != NULL; at++)
		count++;
	return count;
}

/* ---- sites ---- */

struct settings {
	const char *uri, *next_uri;
	const char *bind_dn, *secret, *owner_base, *active;
	uint64_t retry_after_ms;
};

static struct sp_ldap_site *site;
static struct sp_directory *directory;

static void open_directory(const struct settings *settings)
{
	struct sp_conf *conf = slapd_conf(settings->uri, settings->next_uri);
	const char *password = settings->secret != NULL ? settings->secret : SLAPD_PASSWORD;
	struct sp_secret secret;
	char why[SP_CONF_WHY_MAX] = "";

	slapd_set(&conf->ldap_bind_dn, settings->bind_dn);
	slapd_set(&conf->directory_owner_base, settings->owner_base);
	slapd_set(&conf->directory_owner_active_filter, settings->active);
	conf->ldap_retry_after = settings->retry_after_ms != 0 ? settings->retry_after_ms : 50;
	assert_true(sp_secret_set(&secret, password, strlen(password)));
	if (!sp_ldap_site_new(conf, &secret, &site, why))
		fail_msg("%s", why);
	sp_secret_wipe(&secret);
	sp_conf_free(&conf);
	directory = sp_ldap_directory_new(site);
	assert_non_null(directory);
	logged[0] = '\0';
}

static int close_directory(void **state)
{
	(void)state;
	sp_directory_close(&directory);
	sp_ldap_site_free(&site);
	return 0;
}

static enum sp_directory_status find(const char *id, const char *login)
{
	struct sp_directory_answer answer;
	enum sp_directory_status status = sp_directory_find(directory, id, login, &answer);

	if (status != SP_DIRECTORY_OK) {
		assert_null(answer.credential);
		assert_null(answer.owner_dn);
	}
	sp_directory_answer_clear(&answer);
	return status;
}

static enum sp_directory_status find_within(int64_t ms)
{
	int64_t start_ms = sp_now_ms();
	enum sp_directory_status status = find("k7qf2m9x", "alice");

	assert_true(sp_now_ms() - start_ms <= ms);
	return status;
}

/* Asks until the log has the text. */
static void ask_until_logged(const char *text)
{
	int64_t deadline_ms = sp_now_ms() + 10000;

	while (times_logged(text) == 0) {
		if (sp_remaining_ms(deadline_ms) == 0)
			fail_msg("never logged: %s\n%s", text, logged);
		(void)find("k7qf2m9x", "alice");
		poll(NULL, 0, 5);
	}
}

/* ---- what is found ---- */

static void credential_and_owner_are_found(void **state)
{
	struct sp_directory_answer answer;

	(void)state;
	open_directory(&(struct settings){.uri = first.local_uri});
	assert_int_equal(
	    sp_directory_find(directory, "k7qf2m9x", "alice", &answer), SP_DIRECTORY_OK);
	assert_non_null(answer.credential);
	assert_string_equal(answer.credential->id, "k7qf2m9x");
	assert_string_equal(answer.credential->owner, SLAPD_ALICE);
	assert_string_equal(answer.credential->hash, HASH);
	assert_string_equal(answer.credential->label, "2nd floor printer");
	assert_true(answer.credential->created != SP_NO_TIME);
	assert_string_equal(answer.owner_dn, SLAPD_ALICE);
	assert_false(answer.owner_ambiguous);
	sp_directory_answer_clear(&answer);
	assert_string_equal(logged, "");
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
	open_directory(&(struct settings){.uri = first.local_uri});
	for (size_t i = 0; i < COUNT(logins); i++) {
		struct sp_directory_answer answer;
		enum sp_directory_status status =
		    sp_directory_find(directory, "00000000", logins[i].login, &answer);
		const char *want = logins[i].owner != NULL ? logins[i].owner : "nobody";
		const char *have = answer.owner_dn != NULL ? answer.owner_dn : "nobody";
		if (status != SP_DIRECTORY_OK || strcmp(want, have) != 0 ||
		    answer.owner_ambiguous != logins[i].ambiguous)
			fail_msg("%s: status %d, %s", logins[i].name, status, have);
		assert_null(answer.credential);
		sp_directory_answer_clear(&answer);
	}
}

static void inactive_owners_are_not_found_by_login(void **state)
{
	struct sp_directory_answer answer;

	(void)state;
	open_directory(&(struct settings){
	    .uri = first.local_uri, .active = "(!(objectClass=extensibleObject))"});
	assert_int_equal(
	    sp_directory_find(directory, "00000000", "erin", &answer), SP_DIRECTORY_OK);
	assert_null(answer.owner_dn);
	assert_int_equal(
	    sp_directory_find(directory, "00000000", "alice", &answer), SP_DIRECTORY_OK);
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
	open_directory(&(struct settings){
	    .uri = first.local_uri, .active = "(!(objectClass=extensibleObject))"});
	for (size_t i = 0; i < COUNT(questions); i++) {
		bool yes = true;
		enum sp_directory_status status = sp_directory_ask_owner(
		    directory, questions[i].dn, questions[i].question, questions[i].login, &yes);
		if (status != questions[i].status || yes != questions[i].yes)
			fail_msg(
			    "%s: status %d, %s", questions[i].name, status, yes ? "yes" : "no");
	}
}

static void what_cannot_be_understood_is_an_error_that_names_the_entry(void **state)
{
	(void)state;
	open_directory(&(struct settings){.uri = first.local_uri, .bind_dn = SLAPD_ROOT_DN});
	assert_int_equal(find("badtime0", "alice"), SP_DIRECTORY_ERROR);
	assert_int_equal(times_logged("event=credential_unusable dn=\"sendpassId=badtime0"), 1);
	assert_int_equal(find("twins000", "alice"), SP_DIRECTORY_ERROR);
	assert_int_equal(times_logged("event=credential_ambiguous dn=\"sendpassId=twins000"), 1);
	assert_int_equal(find("k7qf2m9x", "alice"), SP_DIRECTORY_OK);
	assert_int_equal(times_logged("event="), 2);
}

/* The rules let the verifier see plain names only, so nobody can make an id ambiguous. */
static void names_of_two_parts_are_hidden_by_the_rules(void **state)
{
	struct sp_directory_answer answer;

	(void)state;
	open_directory(&(struct settings){.uri = first.local_uri});
	assert_int_equal(
	    sp_directory_find(directory, "twins000", "alice", &answer), SP_DIRECTORY_OK);
	assert_non_null(answer.credential);
	assert_string_equal(answer.credential->owner, SLAPD_ALICE);
	sp_directory_answer_clear(&answer);
}

static void a_missing_base_is_an_error_and_logged_once(void **state)
{
	(void)state;
	open_directory(&(struct settings){
	    .uri = first.local_uri, .owner_base = "ou=nowhere,dc=example,dc=org"});
	for (int i = 0; i < 5; i++)
		assert_int_equal(find("k7qf2m9x", "alice"), SP_DIRECTORY_ERROR);
	assert_int_equal(times_logged("event="), 1);
	assert_int_equal(times_logged("event=directory_error"), 1);
	assert_int_equal(times_logged("ou=nowhere"), 1);
}

static void a_refused_bind_is_down_and_its_secret_is_not_logged(void **state)
{
	(void)state;
	open_directory(&(struct settings){.uri = first.local_uri, .secret = "battery staple"});
	assert_int_equal(find("k7qf2m9x", "alice"), SP_DIRECTORY_DOWN);
	assert_int_equal(times_logged("Invalid credentials"), 1);
	assert_int_equal(times_logged("staple"), 0);
}

/* ---- outages ---- */

static void a_restart_between_two_questions_goes_unnoticed(void **state)
{
	(void)state;
	open_directory(&(struct settings){.uri = first.local_uri, .retry_after_ms = NEVER_MS});
	assert_int_equal(find("k7qf2m9x", "alice"), SP_DIRECTORY_OK);
	slapd_kill(&first);
	slapd_start(&first);
	assert_int_equal(find("k7qf2m9x", "alice"), SP_DIRECTORY_OK);
	assert_string_equal(logged, "");
}

static void a_dead_server_is_down_at_once_and_later_asked_again(void **state)
{
	(void)state;
	open_directory(&(struct settings){.uri = first.local_uri});
	assert_int_equal(find("k7qf2m9x", "alice"), SP_DIRECTORY_OK);
	slapd_kill(&first);
	assert_int_equal(find_within(AT_ONCE_MS), SP_DIRECTORY_DOWN);
	for (int i = 0; i < 100; i++)
		assert_int_equal(find_within(AT_ONCE_MS), SP_DIRECTORY_DOWN);
	assert_int_equal(times_logged("event=directory_down"), 1);
	slapd_start(&first);
	ask_until_logged("event=directory_up");
	assert_int_equal(find("k7qf2m9x", "alice"), SP_DIRECTORY_OK);
	assert_int_equal(times_logged("event="), 2);
}

static void a_frozen_server_costs_one_timeout_and_then_none(void **state)
{
	(void)state;
	open_directory(&(struct settings){.uri = first.local_uri, .retry_after_ms = NEVER_MS});
	assert_int_equal(find("k7qf2m9x", "alice"), SP_DIRECTORY_OK);
	slapd_freeze(&first);
	assert_int_equal(find_within(BOUND_MS), SP_DIRECTORY_TIMEOUT);
	assert_int_equal(find_within(AT_ONCE_MS), SP_DIRECTORY_DOWN);
	slapd_thaw(&first);
	assert_int_equal(times_logged("event="), 1);
	assert_int_equal(times_logged("event=directory_down"), 1);
}

static void a_server_frozen_before_the_bind_times_out_too(void **state)
{
	(void)state;
	open_directory(&(struct settings){.uri = first.local_uri});
	slapd_freeze(&first);
	assert_int_equal(find_within(BOUND_MS), SP_DIRECTORY_TIMEOUT);
	slapd_thaw(&first);
	ask_until_logged("event=directory_up");
}

static void a_dead_first_server_hands_over_to_the_second(void **state)
{
	(void)state;
	open_directory(&(struct settings){.uri = first.local_uri, .next_uri = second.local_uri});
	assert_int_equal(find("k7qf2m9x", "alice"), SP_DIRECTORY_OK);
	slapd_kill(&first);
	for (int i = 0; i < 50; i++)
		assert_int_equal(find("k7qf2m9x", "alice"), SP_DIRECTORY_OK);
	assert_int_equal(times_logged("event=directory_down"), 1);
	assert_int_equal(times_logged("event=directory_failover"), 1);
	slapd_start(&first);
	ask_until_logged("event=directory_up");
	assert_int_equal(times_logged("event=directory_failover"), 2);
	/* it is back on the first, so the second may go */
	slapd_kill(&second);
	assert_int_equal(find("k7qf2m9x", "alice"), SP_DIRECTORY_OK);
	assert_int_equal(times_logged("event="), 4);
	slapd_start(&second);
}

static void a_frozen_first_server_hands_over_within_the_bound(void **state)
{
	(void)state;
	open_directory(&(struct settings){
	    .uri = first.local_uri, .next_uri = second.local_uri, .retry_after_ms = NEVER_MS});
	assert_int_equal(find("k7qf2m9x", "alice"), SP_DIRECTORY_OK);
	slapd_freeze(&first);
	assert_int_equal(find_within(BOUND_MS), SP_DIRECTORY_OK);
	assert_int_equal(find_within(AT_ONCE_MS), SP_DIRECTORY_OK);
	slapd_thaw(&first);
	assert_int_equal(times_logged("event=directory_failover"), 1);
}

static void all_servers_dead_is_down_at_once(void **state)
{
	(void)state;
	open_directory(&(struct settings){
	    .uri = first.local_uri, .next_uri = second.local_uri, .retry_after_ms = NEVER_MS});
	slapd_kill(&first);
	slapd_kill(&second);
	for (int i = 0; i < 20; i++)
		assert_int_equal(find_within(AT_ONCE_MS), SP_DIRECTORY_DOWN);
	assert_int_equal(times_logged("event=directory_down"), 2);
	assert_int_equal(times_logged("event="), 2);
	slapd_start(&first);
	slapd_start(&second);
}

static int open_fds(void)
{
	DIR *fds = opendir("/proc/self/fd");
	int count = 0;

	assert_non_null(fds);
	while (readdir(fds) != NULL)
		count++;
	closedir(fds);
	return count;
}

static void outages_leak_no_fd(void **state)
{
	int before = open_fds();

	(void)state;
	open_directory(&(struct settings){.uri = first.local_uri, .secret = "wrong"});
	for (int i = 0; i < 20; i++) {
		(void)find("k7qf2m9x", "alice");
		poll(NULL, 0, 5);
	}
	close_directory(NULL);
	open_directory(&(struct settings){.uri = first.local_uri});
	assert_int_equal(find("k7qf2m9x", "alice"), SP_DIRECTORY_OK);
	close_directory(NULL);
	assert_int_equal(open_fds(), before);
}

/* ---- servers that mislead ---- */

/* Listens where an ldap:// referral would lead. */
static int trap = -1;

static void referrals_are_errors_and_never_followed(void **state)
{
	struct pollfd caller = {.fd = trap, .events = POLLIN};
	bool yes = true;

	(void)state;
	open_directory(&(struct settings){.uri = first.local_uri});
	assert_int_equal(sp_directory_ask_owner(
			     directory, "uid=x,dc=elsewhere,dc=org", SP_OWNER_IS_ACTIVE, "x", &yes),
	    SP_DIRECTORY_ERROR);
	assert_false(yes);
	assert_int_equal(times_logged("Referral"), 1);
	/* a search over a subtree with a reference in it */
	assert_int_equal(find("k7qf2m9x", "alice"), SP_DIRECTORY_OK);
	assert_int_equal(poll(&caller, 1, 0), 0);
}

static void a_server_that_never_answers_is_given_up_in_time(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char uri[512];

	(void)state;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/silent", first.directory);
	snprintf(
	    uri, sizeof(uri), "ldapi://%%2Ftmp%%2F%s%%2Fsilent", first.directory + strlen("/tmp/"));
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 8), 0);
	open_directory(&(struct settings){.uri = uri, .retry_after_ms = NEVER_MS});
	assert_int_equal(find_within(BOUND_MS), SP_DIRECTORY_TIMEOUT);
	assert_int_equal(find_within(AT_ONCE_MS), SP_DIRECTORY_DOWN);
	close(fd);
}

static int start_servers(void **state)
{
	static char global[128], entries_and_reference[sizeof(entries) + 256];
	const struct slapd_wish wish = {
	    .global = global,
	    .database = "access to dn.subtree=\"ou=refs,dc=example,dc=org\" by * read",
	    .entries = entries_and_reference,
	};
	int port;

	(void)state;
	trap = slapd_listen(&port);
	snprintf(global, sizeof(global), "referral ldap://127.0.0.1:%d/", port);
	snprintf(entries_and_reference, sizeof(entries_and_reference),
	    "%sdn: ou=refs,dc=example,dc=org\nobjectClass: referral\n"
	    "objectClass: extensibleObject\nou: refs\n"
	    "ref: ldap://127.0.0.1:%d/dc=example,dc=org\n\n",
	    entries, port);
	slapd_prepare(&first);
	slapd_prepare(&second);
	slapd_fill(&first, &wish);
	slapd_fill(&second, &wish);
	slapd_start(&first);
	slapd_start(&second);
	return 0;
}

static int stop_servers(void **state)
{
	(void)state;
	close(trap);
	slapd_remove(&first);
	slapd_remove(&second);
	return 0;
}

#define TEST(name) cmocka_unit_test_teardown(name, close_directory)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(credential_and_owner_are_found),
	    TEST(logins_find_their_owner_and_nobody_else),
	    TEST(inactive_owners_are_not_found_by_login),
	    TEST(owners_are_judged_by_the_directory),
	    TEST(what_cannot_be_understood_is_an_error_that_names_the_entry),
	    TEST(names_of_two_parts_are_hidden_by_the_rules),
	    TEST(a_missing_base_is_an_error_and_logged_once),
	    TEST(a_refused_bind_is_down_and_its_secret_is_not_logged),
	    TEST(a_restart_between_two_questions_goes_unnoticed),
	    TEST(a_dead_server_is_down_at_once_and_later_asked_again),
	    TEST(a_frozen_server_costs_one_timeout_and_then_none),
	    TEST(a_server_frozen_before_the_bind_times_out_too),
	    TEST(a_dead_first_server_hands_over_to_the_second),
	    TEST(a_frozen_first_server_hands_over_within_the_bound),
	    TEST(all_servers_dead_is_down_at_once),
	    TEST(outages_leak_no_fd),
	    TEST(referrals_are_errors_and_never_followed),
	    TEST(a_server_that_never_answers_is_given_up_in_time),
	};

	if (!slapd_exists()) {
		puts("skipped: there is no slapd");
		return 77;
	}
	sp_ldap_isolate();
	sp_log_set_sink(remember, NULL, SP_LOG_DEBUG);
	return cmocka_run_group_tests(tests, start_servers, stop_servers);
}
