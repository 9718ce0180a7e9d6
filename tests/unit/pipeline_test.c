/* SPDX-License-Identifier: BSD-2-Clause */
/* pipeline_test.c - attempts through the stages to a real slapd, in time or not */
#include <event2/event.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "daemon/pipeline.h"
#include "daemon/sessions.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/directory/live.h"
#include "lib/password/app_password.h"
#include "lib/password/argon2_slot.h"
#include "lib/password/verified_cache.h"
#include "tests/unit/slapd.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define MEMORY_KIB   64
#define GOOD         "00000001"
#define REVOKED      "00000002"
#define NOBODYS      "0000000z"
#define ADDRESS      "192.0.2.7"
#define PATIENCE_MS  20000
#define MANY         8
#define CALM         "[daemon]\nattempt_timeout = 9s\n"
#define HASTY        "[daemon]\nattempt_timeout = 300ms\n"
#define CROWDED      "[daemon]\ndirectory_workers = 1\ndirectory_queue = 1\nattempt_timeout = 9s\n"
#define FIXED(login) "policy = inet:127.0.0.1:1\n[policy]\nfixed_login = " login "\n"

static const char symbols[] = "aaaaaaaaaaaaaaaaaa";

static struct slapd slapd;
static struct event_base *base;
static struct sp_generations *generations;
static struct sp_verified_cache *verified;
static struct sp_sessions *sessions;
static struct sp_pipeline *pipeline;
static char last_attempt[SP_LOG_LINE_MAX];

/* What came back. */
static size_t answers, granted, unavailable;
static enum sp_reason rechecked;
static bool was_judged;

static void remember(enum sp_log_level level, const char *line, void *context)
{
	(void)level, (void)context;
	if (strstr(line, "event=auth ") != NULL)
		snprintf(last_attempt, sizeof(last_attempt), "%s", line);
}

/* ---- a pipeline ---- */

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, 0600), 0);
}

static void start(const char *more)
{
	char path[128], secret[128], text[2048], why[SP_CONF_WHY_MAX];
	struct sp_generation *first;
	const char *fault;

	snprintf(secret, sizeof(secret), "%s/secret", slapd.directory);
	write_file(secret, SLAPD_PASSWORD "\n");
	snprintf(path, sizeof(path), "%s/sendpass.conf", slapd.directory);
	snprintf(text, sizeof(text),
	    "[ldap]\nuri = %s\nbind_dn = " SLAPD_VERIFIER "\nbind_secret_file = %s\n"
	    "connect_timeout = 20s\ntimeout = 20s\n"
	    "[directory]\ncredential_base = dc=example,dc=org\n%s",
	    slapd.local_uri, secret, more);
	write_file(path, text);
	if (!sp_generation_read(path, NULL, &first, why))
		fail_msg("%s", why);
	generations = sp_generations_new(first);
	base = event_base_new();
	sessions = sp_sessions_new(MANY);
	verified = sp_verified_cache_new(MANY, &(bool){false});
	assert_true(generations != NULL && base != NULL && sessions != NULL && verified != NULL);
	pipeline = sp_pipeline_start(base, generations, verified, NULL, &fault);
	if (pipeline == NULL)
		fail_msg("%s", fault);
	sp_pipeline_record(pipeline, sessions);
}

static int reset(void **state)
{
	(void)state;
	answers = granted = unavailable = 0;
	was_judged = false;
	last_attempt[0] = '\0';
	return 0;
}

static int stop(void **state)
{
	(void)state;
	slapd_thaw(&slapd);
	sp_pipeline_stop(&pipeline);
	sp_verified_cache_free(&verified);
	sp_sessions_free(&sessions);
	sp_generations_free(&generations);
	if (base != NULL)
		event_base_free(base);
	base = NULL;
	return 0;
}

/* ---- attempts ---- */

static void take_answer(void *context, enum sp_result result)
{
	(void)context;
	answers++;
	granted += result == SP_GRANTED;
	unavailable += result == SP_UNAVAILABLE;
}

static void take_recheck(void *context, enum sp_reason reason, const struct sp_attempt *attempt)
{
	(void)context;
	answers++;
	rechecked = reason;
	was_judged = attempt != NULL;
}

static void set_password(const char *id, const char *last, struct sp_secret *password_r)
{
	struct sp_app_password made = {.form = SP_FORM_STANDARD};
	char secret[SP_SECRET_MAX];

	snprintf(made.id, sizeof(made.id), "%s", id);
	snprintf(secret, sizeof(secret), "%s%s", id, symbols);
	memcpy(secret + strlen(secret) - 1, last, 1);
	assert_true(sp_secret_set(&made.secret, secret, strlen(secret)));
	sp_app_password_print(&made, password_r);
}

static struct sp_attempt_request request_of(const char *login, const char *address)
{
	struct sp_attempt_request request = {.service = "smtp", .tls = SP_TLS_YES};

	snprintf(request.login, sizeof(request.login), "%s", login);
	snprintf(request.address, sizeof(request.address), "%s", address);
	return request;
}

/* With the secret of every app password here, but for the last of its symbols. */
static struct sp_verification *submit_from(const char *address, const char *id, const char *last)
{
	struct sp_attempt_request request = request_of("alice", address);

	set_password(id, last, &request.password);
	struct sp_verification *verification =
	    sp_pipeline_submit(pipeline, SP_LOGIN_DOOR_AUTH, &request, take_answer, NULL);
	assert_int_equal(request.password.length, 0);
	return verification;
}

static struct sp_verification *submit(const char *id, const char *last)
{
	return submit_from(ADDRESS, id, last);
}

static void wait_for_answers(size_t wanted)
{
	int64_t deadline_ms = sp_now_ms() + PATIENCE_MS;

	while (answers < wanted) {
		struct timeval left = sp_timeval_from_ms(sp_remaining_ms(deadline_ms));
		assert_true(sp_remaining_ms(deadline_ms) > 0);
		event_base_loopexit(base, &left);
		assert_true(event_base_loop(base, EVLOOP_ONCE) >= 0);
	}
	assert_int_equal(answers, wanted);
}

static void assert_logged(const char *text)
{
	if (strstr(last_attempt, text) == NULL)
		fail_msg("no \"%s\" in: %s", text, last_attempt);
}

/* ---- what is promised ---- */

static void every_attempt_is_answered_as_it_is_judged(void **state)
{
	static const struct {
		const char *id, *last, *reason;
		bool granted;
	} cases[] = {
	    {GOOD, "a", "reason=ok", true},
	    {GOOD, "b", "reason=bad_secret", false},
	    {REVOKED, "a", "reason=revoked", false},
	    {NOBODYS, "a", "reason=no_credential", false},
	};

	(void)state;
	start(CALM);
	for (size_t i = 0; i < COUNT(cases); i++) {
		reset(NULL);
		assert_non_null(submit(cases[i].id, cases[i].last));
		assert_int_equal(sp_pipeline_pending(pipeline), 1);
		wait_for_answers(1);
		assert_int_equal(sp_pipeline_pending(pipeline), 0);
		assert_logged(cases[i].reason);
		assert_int_equal(granted, cases[i].granted);
		assert_int_equal(unavailable, 0);
	}
}

static void what_was_found_right_needs_no_argon2_again(void **state)
{
	(void)state;
	start(CALM);
	submit(GOOD, "a");
	wait_for_answers(1);
	assert_null(strstr(last_attempt, "cached=yes"));
	submit(GOOD, "a");
	wait_for_answers(2);
	assert_logged("cached=yes");
	assert_int_equal(granted, 2);
}

static void what_is_no_app_password_is_answered_at_once(void **state)
{
	struct sp_attempt_request request = request_of("alice", ADDRESS);

	(void)state;
	start(CALM);
	assert_true(sp_secret_set(&request.password, "secret", strlen("secret")));
	assert_null(sp_pipeline_submit(pipeline, SP_LOGIN_DOOR_AUTH, &request, take_answer, NULL));
	assert_int_equal(answers, 1);
	assert_int_equal(granted + unavailable, 0);
	assert_logged("reason=malformed");
}

static void who_guesses_too_much_is_held_even_with_the_right_password(void **state)
{
	(void)state;
	start(CALM "[policy]\nthrottle_login = 1\n");
	submit(GOOD, "b");
	wait_for_answers(1);
	assert_null(submit(GOOD, "a"));
	assert_int_equal(answers, 2);
	assert_int_equal(unavailable, 1);
	assert_logged("reason=throttled");
}

static void an_attempt_is_answered_in_time_though_the_directory_hangs(void **state)
{
	int64_t start_ms = sp_now_ms();

	(void)state;
	start(HASTY);
	slapd_freeze(&slapd);
	submit(GOOD, "a");
	wait_for_answers(1);
	assert_true(sp_now_ms() - start_ms < PATIENCE_MS);
	assert_int_equal(unavailable, 1);
	assert_logged("reason=directory_timeout");
	assert_logged("the attempt's time is over");
}

static void what_finds_no_room_is_unavailable_and_the_rest_is_judged(void **state)
{
	char address[16];

	(void)state;
	start(CROWDED);
	slapd_freeze(&slapd);
	submit_from("192.0.2.1", GOOD, "a");
	while (sp_pipeline_load(pipeline).directory.busy == 0)
		poll(NULL, 0, 1);
	for (int i = 2; i <= MANY; i++) {
		snprintf(address, sizeof(address), "192.0.2.%d", i);
		submit_from(address, GOOD, "a");
	}
	wait_for_answers(MANY - 2); /* one is in hand, and one waits */
	assert_int_equal(unavailable, MANY - 2);
	assert_logged("reason=overloaded");
	slapd_thaw(&slapd);
	wait_for_answers(MANY);
	assert_int_equal(granted, 2);
}

static void who_has_left_is_not_answered_but_logged(void **state)
{
	struct sp_verification *left;

	(void)state;
	start(CALM);
	left = submit(GOOD, "a");
	assert_non_null(left);
	sp_verification_abandon(left);
	while (sp_pipeline_pending(pipeline) > 0)
		assert_true(event_base_loop(base, EVLOOP_ONCE) >= 0);
	assert_int_equal(answers, 0);
	assert_logged("reason=ok");
}

static void an_end_answers_nobody(void **state)
{
	(void)state;
	start(CALM);
	for (int i = 0; i < MANY; i++)
		submit(GOOD, "a");
	sp_pipeline_stop(&pipeline);
	assert_null(pipeline);
	assert_int_equal(answers, 0);
}

static void a_recheck_tells_what_has_become_of_a_credential(void **state)
{
	static const struct {
		const char *id;
		enum sp_reason reason;
	} cases[] = {
	    {GOOD, SP_REASON_OK},
	    {REVOKED, SP_REASON_REVOKED},
	    {NOBODYS, SP_REASON_NO_CREDENTIAL},
	};

	(void)state;
	start(CALM);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sp_attempt_request request = request_of("alice", ADDRESS);
		reset(NULL);
		sp_pipeline_recheck(pipeline, &request, cases[i].id, take_recheck, NULL);
		wait_for_answers(1);
		assert_string_equal(sp_reason_name(rechecked), sp_reason_name(cases[i].reason));
		assert_true(was_judged);
		assert_string_equal(last_attempt, "");
	}
}

static void a_recheck_that_is_late_knows_nothing(void **state)
{
	struct sp_attempt_request request = request_of("alice", ADDRESS);

	(void)state;
	start(HASTY);
	slapd_freeze(&slapd);
	was_judged = true;
	sp_pipeline_recheck(pipeline, &request, GOOD, take_recheck, NULL);
	wait_for_answers(1);
	assert_int_equal(rechecked, SP_REASON_DIRECTORY_TIMEOUT);
	assert_false(was_judged);
}

static void a_session_of_the_login_of_all_is_recorded_with_its_address_alone(void **state)
{
	static const struct {
		const char *more, *address;
		size_t recorded;
	} cases[] = {
	    {CALM, ADDRESS, 1},
	    {CALM, "", 1},
	    {CALM FIXED("Alice"), ADDRESS, 1},
	    {CALM FIXED("Alice"), "", 0},
	    {CALM FIXED("bob"), "", 1},
	};
	struct sp_session_fit fits[SP_SESSIONS_FIT_MAX];
	size_t count;

	for (size_t i = 0; i < COUNT(cases); i++) {
		reset(NULL);
		start(cases[i].more);
		submit_from(cases[i].address, GOOD, "a");
		wait_for_answers(1);
		assert_int_equal(granted, 1);
		assert_true(sp_sessions_find(sessions, cases[i].address, 0, "alice", sp_now_ms(),
		    PATIENCE_MS, fits, &count));
		if (count != cases[i].recorded)
			fail_msg("case %zu: %zu recorded", i, count);
		stop(state);
	}
}

/* ---- the directory ---- */

static void add_entry(FILE *out, const char *id, const char *more)
{
	const struct sp_argon2_cost cost = {.memory_kib = MEMORY_KIB, .passes = 1, .lanes = 1};
	struct sp_argon2_slot *slot = sp_argon2_slot_new(MEMORY_KIB);
	char text[SP_SECRET_MAX], hash[SP_PHC_TEXT_MAX];
	struct sp_secret secret;

	assert_non_null(slot);
	snprintf(text, sizeof(text), "%s%s", id, symbols);
	assert_true(sp_secret_set(&secret, text, strlen(text)));
	assert_true(sp_argon2_hash(slot, &cost, &secret, hash));
	sp_argon2_slot_free(&slot);
	fprintf(out,
	    "dn: sendpassId=%s," SLAPD_CONTAINER "\nobjectClass: sendpassCredential\n"
	    "sendpassId: %s\nowner: " SLAPD_ALICE "\nsendpassHash: %s\n%s\n",
	    id, id, hash, more);
}

static int start_server(void **state)
{
	char *entries = NULL;
	size_t size;
	FILE *out = open_memstream(&entries, &size);

	(void)state;
	assert_non_null(out);
	add_entry(out, GOOD, "");
	add_entry(out, REVOKED, "sendpassRevoked: 20200101000000Z\n");
	assert_int_equal(fclose(out), 0);
	slapd_prepare(&slapd);
	slapd_fill(&slapd, &(struct slapd_wish){.entries = entries});
	free(entries);
	slapd_start(&slapd);
	return 0;
}

static int stop_server(void **state)
{
	(void)state;
	slapd_remove(&slapd);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, reset, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(every_attempt_is_answered_as_it_is_judged),
	    TEST(what_was_found_right_needs_no_argon2_again),
	    TEST(what_is_no_app_password_is_answered_at_once),
	    TEST(who_guesses_too_much_is_held_even_with_the_right_password),
	    TEST(an_attempt_is_answered_in_time_though_the_directory_hangs),
	    TEST(what_finds_no_room_is_unavailable_and_the_rest_is_judged),
	    TEST(who_has_left_is_not_answered_but_logged),
	    TEST(an_end_answers_nobody),
	    TEST(a_recheck_tells_what_has_become_of_a_credential),
	    TEST(a_recheck_that_is_late_knows_nothing),
	    TEST(a_session_of_the_login_of_all_is_recorded_with_its_address_alone),
	};

	if (!slapd_exists()) {
		puts("skipped: there is no slapd");
		return 77;
	}
	sp_ldap_isolate();
	sp_log_set_sink(remember, NULL, SP_LOG_DEBUG);
	return cmocka_run_group_tests(tests, start_server, stop_server);
}
