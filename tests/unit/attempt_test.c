/* SPDX-License-Identifier: BSD-2-Clause */
#include <argon2.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/policy/attempt.h"
#include "tests/unit/attempt_cases.h"
#include "tests/unit/fake_directory.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct sp_argon2_cost caps = {.memory_kib = 64, .passes = 10, .lanes = 4};
static const struct sp_argon2_cost cost = {.memory_kib = 8, .passes = 1, .lanes = 1};

/* Made once: an app password, one with its id and another secret, one with
 * another id, and the hash of the first. */
static struct {
	struct sp_argon2_slot *slot;
	struct sp_app_password password;
	struct sp_secret right, wrong, unknown;
	char hash[SP_PHC_TEXT_MAX];
} made;

/* ---- every run of Argon2 is counted: linked with --wrap=argon2_ctx ---- */

static int argon2_runs;

int __real_argon2_ctx(argon2_context *context, argon2_type type);
int __wrap_argon2_ctx(argon2_context *context, argon2_type type);

int __wrap_argon2_ctx(argon2_context *context, argon2_type type)
{
	argon2_runs++;
	return __real_argon2_ctx(context, type);
}

static int make_passwords(void **state)
{
	struct sp_app_password other;

	(void)state;
	made.slot = sp_argon2_slot_new(caps.memory_kib);
	if (made.slot == NULL || !sp_app_password_generate(SP_FORM_STANDARD, &made.password) ||
	    !sp_argon2_hash(made.slot, &cost, &made.password.secret, made.hash))
		return -1;
	sp_app_password_print(&made.password, &made.right);
	other = made.password;
	char *last = &other.secret.bytes[other.secret.length - 1];
	*last = *last == '0' ? '1' : '0';
	sp_app_password_print(&other, &made.wrong);
	other = made.password;
	other.secret.bytes[0] = other.secret.bytes[0] == '0' ? '1' : '0';
	sp_app_password_print(&other, &made.unknown);
	return 0;
}

static int free_slot(void **state)
{
	(void)state;
	sp_argon2_slot_free(&made.slot);
	return 0;
}

static char *hash_of(enum hash hash)
{
	static char of_4_gib[] =
	    "$argon2id$v=19$m=4194304,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$dGFndGFndGFndGFndGFndA";
	static char no_phc[] = "{SSHA}abcdefghijklmnopqrstuvwxyz";
	static char empty[] = "";

	switch (hash) {
	case OWN_HASH:
		return made.hash;
	case HASH_OF_4_GIB:
		return of_4_gib;
	case NO_PHC_HASH:
		return no_phc;
	case EMPTY_HASH:
		return empty;
	case NO_HASH:
		break;
	}
	return NULL;
}

static time_t from_now(int seconds)
{
	return seconds != 0 ? NOW + seconds : SP_NO_TIME;
}

/* Lists of one text, or none. */
struct texts {
	char *login[2], *service[2], *network[2], *sender[2], *rate[2];
};

static void describe_credential(
    const struct test_case *c, struct texts *texts, struct sp_credential *credential_r)
{
	static char dn[] = "sendpassId=x,ou=sendpass,dc=example,dc=org", owner[] = OWNER;

	*texts = (struct texts){{(char *)c->own_login}, {(char *)c->service}, {(char *)c->network},
	    {(char *)c->sender}, {(char *)c->rate}};
	*credential_r = (struct sp_credential){
	    .dn = dn,
	    .id = made.password.id,
	    .owner = c->unusable == NULL || c->revoked ? owner : NULL,
	    .hash = hash_of(c->hash),
	    .logins = c->own_login != NULL ? texts->login : NULL,
	    .services = c->service != NULL ? texts->service : NULL,
	    .networks = c->network != NULL ? texts->network : NULL,
	    .senders = c->sender != NULL ? texts->sender : NULL,
	    .rates = c->rate != NULL ? texts->rate : NULL,
	    .tls_required = c->tls_required,
	    .unusable = c->unusable,
	    .created = SP_NO_TIME,
	    .not_before = from_now(c->not_before),
	    .expires = from_now(c->expires),
	    .revoked = c->revoked ? NOW + 100 : SP_NO_TIME,
	    .suspended = c->suspended,
	};
}

static void type_password(enum typed typed, struct sp_secret *password_r)
{
	switch (typed) {
	case RIGHT:
		*password_r = made.right;
		break;
	case WRONG:
		*password_r = made.wrong;
		break;
	case UNKNOWN:
		*password_r = made.unknown;
		break;
	case MAILBOX:
		assert_true(sp_secret_set(password_r, "hunter2", 7));
		break;
	}
}

/* What the cache of verified passwords is before an attempt. */
enum cache { EMPTY_CACHE, KNOWS_THE_RIGHT_ONE };

static struct sp_verified_cache *make_cache(enum cache cache, const struct test_case *c)
{
	bool locked;
	struct sp_verified_cache *verified = sp_verified_cache_new(64, &locked);

	assert_non_null(verified);
	if (cache == KNOWS_THE_RIGHT_ONE && hash_of(c->hash) != NULL)
		sp_verified_cache_add(verified, hash_of(c->hash), &made.password.secret);
	return verified;
}

static void assert_no_secret(const struct sp_attempt *attempt)
{
	static const struct sp_attempt empty;

	assert_memory_equal(
	    &attempt->request.password, &empty.request.password, sizeof(struct sp_secret));
	assert_memory_equal(&attempt->parsed, &empty.parsed, sizeof(empty.parsed));
}

static int verify_steps; /* sp_attempt_verify() was next */

/* Runs the steps as sendpassd does. */
static void run(
    struct sp_attempt *attempt, struct fake_directory *fake, const struct sp_attempt_rules *rules)
{
	enum sp_step step = sp_attempt_parse(attempt, rules, NOW);

	if (step == SP_STEP_DIRECTORY) {
		assert_int_equal(attempt->reason, SP_REASON_INTERNAL);
		step = sp_attempt_look_up(attempt, &fake->base, rules, NOW);
	}
	if (step == SP_STEP_ARGON2) {
		assert_int_equal(attempt->reason, SP_REASON_INTERNAL);
		verify_steps++;
		step = sp_attempt_verify(attempt, made.slot, rules, NOW);
	}
	assert_int_equal(step, SP_STEP_DONE);
	assert_no_secret(attempt);
}

/* The cache takes the runs of Argon2 away, and nothing else. */
static void run_case(const struct test_case *c, struct sp_verified_cache *cache, bool known)
{
	struct sp_attempt attempt = {.request = {.login = "alice",
					 .service = "smtp",
					 .address = "192.0.2.7",
					 .tls = SP_TLS_NO},
	    .verified = cache};
	const struct sp_attempt_rules rules = {.caps = caps, .fixed_login = c->fixed_login};
	struct fake_directory fake;
	struct sp_credential credential;
	struct texts texts;

	describe_credential(c, &texts, &credential);
	fake_directory_init(&fake);
	fake.credential = &credential;
	fake.owner_dn = c->named;
	fake.owner_ambiguous = c->ambiguous;
	fake.is_active = c->active;
	fake.has_login = c->has_login;
	if (c->fails) {
		fake.find_status = c->find;
		memcpy(fake.ask_status, c->ask, sizeof(c->ask));
	}
	type_password(c->typed, &attempt.request.password);
	argon2_runs = verify_steps = 0;
	run(&attempt, &fake, &rules);

	assert_string_equal(sp_reason_name(attempt.reason), sp_reason_name(c->reason));
	assert_int_equal(fake.finds, c->finds);
	assert_int_equal(fake.asks, c->asks);
	bool skips = known && c->typed == RIGHT && c->runs > 0;
	assert_int_equal(argon2_runs, skips ? 0 : c->runs);
	assert_true(attempt.cached == skips);
	if (skips)
		assert_int_equal(verify_steps, 0); /* it need not wait for a slot */
	if (c->detail != NULL)
		assert_string_equal(attempt.detail, c->detail);
	else
		assert_null(attempt.detail);
	sp_attempt_clear(&attempt);
}

static void every_case_has_its_reason_and_its_cost(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		print_message("  %s\n", cases[i].name);
		run_case(&cases[i], NULL, false);
	}
}

static void a_known_password_skips_argon2_and_nothing_else(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sp_verified_cache *cache = make_cache(KNOWS_THE_RIGHT_ONE, &cases[i]);
		size_t entries = sp_verified_cache_stats(cache).entries;

		print_message("  %s\n", cases[i].name);
		run_case(&cases[i], cache, true);
		run_case(&cases[i], cache, true);
		assert_int_equal(sp_verified_cache_stats(cache).entries, entries);
		sp_verified_cache_free(&cache);
	}
}

static void what_argon2_found_right_is_known_and_nothing_else(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sp_verified_cache *cache = make_cache(EMPTY_CACHE, &cases[i]);
		bool right = cases[i].typed == RIGHT && cases[i].runs > 0;

		print_message("  %s\n", cases[i].name);
		run_case(&cases[i], cache, false);
		assert_int_equal(sp_verified_cache_stats(cache).entries, right);
		run_case(&cases[i], cache, true);
		assert_int_equal(sp_verified_cache_stats(cache).entries, right);
		assert_int_equal(sp_verified_cache_stats(cache).hits, right);
		sp_verified_cache_free(&cache);
	}
}

/* A password that Argon2 accepted is not accepted for the hash that comes after it. */
static void a_rotated_hash_is_another_question(void **state)
{
	struct test_case right = cases[0];
	struct sp_verified_cache *cache = make_cache(KNOWS_THE_RIGHT_ONE, &right);
	char earlier[SP_PHC_TEXT_MAX];
	struct sp_secret other = made.password.secret;

	(void)state;
	memcpy(earlier, made.hash, sizeof(earlier));
	other.bytes[0] = other.bytes[0] == '0' ? '1' : '0';
	assert_true(sp_argon2_hash(made.slot, &cost, &other, made.hash));
	right.reason = SP_REASON_BAD_SECRET;
	run_case(&right, cache, false);
	/* the same password, hashed anew */
	assert_true(sp_argon2_hash(made.slot, &cost, &made.password.secret, made.hash));
	run_case(&cases[0], cache, false);
	run_case(&cases[0], cache, true);
	memcpy(made.hash, earlier, sizeof(earlier));
	sp_verified_cache_free(&cache);
}

static void every_reason_has_a_case(void **state)
{
	static const enum sp_reason all[] = {
#define REASON(constant, name, result) SP_REASON_##constant,
	    SP_REASONS(REASON)
#undef REASON
	};

	(void)state;
	for (size_t i = 0; i < COUNT(all); i++) {
		/* sendpassd's own: before, between and after the steps */
		bool seen = all[i] == SP_REASON_OVERLOADED || all[i] == SP_REASON_THROTTLED ||
			    all[i] == SP_REASON_SENDER_DENIED || all[i] == SP_REASON_RATE_LIMITED ||
			    all[i] == SP_REASON_LEGACY; /* whole_password_test.c */
		for (size_t at = 0; at < COUNT(cases); at++)
			seen = seen || cases[at].reason == all[i];
		if (!seen)
			fail_msg("%s", sp_reason_name(all[i]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_case_has_its_reason_and_its_cost),
	    cmocka_unit_test(every_reason_has_a_case),
	    cmocka_unit_test(a_known_password_skips_argon2_and_nothing_else),
	    cmocka_unit_test(what_argon2_found_right_is_known_and_nothing_else),
	    cmocka_unit_test(a_rotated_hash_is_another_question),
	};

	return cmocka_run_group_tests(tests, make_passwords, free_slot);
}
