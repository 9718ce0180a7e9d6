/* SPDX-License-Identifier: BSD-2-Clause */
/* whole_password_test.c - passwords that are no app passwords: imported, and mailbox passwords */
#include <argon2.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/policy/attempt.h"
#include "tests/unit/fake_directory.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define OWNER        "uid=alice,ou=people,dc=example,dc=org"
#define NOW          ((time_t)1795500428)
#define IMPORTED_MAX 2
#define NO_PHC       "{SSHA}abc"
#define OVER_THE_CAPS                                                                              \
	"$argon2id$v=19$m=4194304,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$dGFndGFndGFndGFndGFndA"

static const struct sp_argon2_cost caps = {.memory_kib = 64, .passes = 10, .lanes = 4};
static const struct sp_argon2_cost cost = {.memory_kib = 8, .passes = 1, .lanes = 1};

static struct {
	struct sp_argon2_slot *slot;
	char hash[4][SP_PHC_TEXT_MAX]; /* of "first", "second", "third", and "first" once more */
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

static int make_hashes(void **state)
{
	static const char *const passwords[] = {"first", "second", "third", "first"};

	(void)state;
	made.slot = sp_argon2_slot_new(caps.memory_kib);
	for (size_t i = 0; i < COUNT(passwords); i++) {
		struct sp_secret secret;
		if (made.slot == NULL ||
		    !sp_secret_set(&secret, passwords[i], strlen(passwords[i])) ||
		    !sp_argon2_hash(made.slot, &cost, &secret, made.hash[i]))
			return -1;
	}
	return 0;
}

static int free_slot(void **state)
{
	(void)state;
	sp_argon2_slot_free(&made.slot);
	return 0;
}

enum imported {
	NONE,
	FIRST,
	SECOND,
	THIRD,
	REVOKED,
	REVOKED_TWIN,
	WITH_SENDER,
	UNUSABLE,
	NO_HASH,
	BAD_HASH,
	HEAVY,
	LONG_ID,
	IMPORTED_KINDS
};

static struct sp_credential *credential_of(enum imported imported)
{
	static char *senders[] = {"@example.org", NULL};
	static struct sp_credential credentials[IMPORTED_KINDS];
	struct sp_credential *credential = &credentials[imported];

	*credential = (struct sp_credential){
	    .dn = "sendpassId=x,ou=sendpass,dc=example,dc=org",
	    .id = imported == LONG_ID ? "imp0rted2" : "imp0rted",
	    .owner = OWNER,
	    .imported = true,
	    .created = SP_NO_TIME,
	    .not_before = SP_NO_TIME,
	    .expires = SP_NO_TIME,
	    .revoked = imported == REVOKED || imported == REVOKED_TWIN ? NOW : SP_NO_TIME,
	    .senders = imported == WITH_SENDER ? senders : NULL,
	    .unusable = imported == UNUSABLE ? "sendpassExpires is not one time" : NULL,
	};
	credential->hash = made.hash[imported == SECOND         ? 1
				     : imported == THIRD        ? 2
				     : imported == REVOKED_TWIN ? 3
								: 0];
	if (imported == NO_HASH)
		credential->hash = NULL;
	if (imported == BAD_HASH)
		credential->hash = NO_PHC;
	if (imported == HEAVY)
		credential->hash = OVER_THE_CAPS;
	return credential;
}

static char *listed[] = {"bob", "ALICE", NULL}, *others[] = {"bob", "carol", NULL};

static const struct {
	const char *name;
	const char *typed;
	/* the site */
	unsigned max_imported;
	int legacy; /* seconds from now until mailbox passwords end; 0: they never pass */
	char **legacy_logins;
	bool require_tls;
	/* the directory */
	bool nobody, ambiguous;
	enum imported imported[3];
	const char *mailbox; /* what the owner binds with */
	enum sp_directory_status find, bind;
	/* what comes of it */
	enum sp_reason reason;
	const char *detail; /* a part of it */
	int finds, binds;
} cases[] = {
#define FINE .find = SP_DIRECTORY_OK, .bind = SP_DIRECTORY_OK
    {"nothing is switched on", "first", 0, 0, FINE, .imported = {FIRST}, .mailbox = "first",
	.reason = SP_REASON_MALFORMED, .detail = "not an app password"},
    {"the imported one", "first", 2, 0, FINE, .imported = {FIRST}, .reason = SP_REASON_OK,
	.finds = 1},
    {"the second imported one", "second", 2, 0, FINE, .imported = {FIRST, SECOND},
	.reason = SP_REASON_OK, .finds = 1},
    {"none of the imported ones", "third", 2, 0, FINE, .imported = {FIRST, SECOND},
	.reason = SP_REASON_BAD_SECRET, .detail = "no imported one", .finds = 1},
    {"more imported ones than are tried", "first", 2, 0, FINE, .imported = {FIRST, SECOND, THIRD},
	.reason = SP_REASON_INTERNAL, .detail = "max_imported", .finds = 1},
    {"an owner without imported ones", "first", 2, 0, FINE, .reason = SP_REASON_MALFORMED,
	.detail = "not an app password", .finds = 1},
    {"a login that is nobody's", "first", 2, 0, FINE, .nobody = true, .imported = {FIRST},
	.reason = SP_REASON_MALFORMED, .detail = "not an app password", .finds = 1},
    {"a login of several", "first", 2, 0, FINE, .ambiguous = true, .nobody = true,
	.reason = SP_REASON_WRONG_OWNER, .detail = "several", .finds = 1},
    {"a revoked one", "first", 2, 0, FINE, .imported = {REVOKED}, .reason = SP_REASON_REVOKED,
	.finds = 1},
    {"a revoked one before another of the same password", "first", 2, 0, FINE,
	.imported = {REVOKED_TWIN, FIRST}, .reason = SP_REASON_REVOKED, .finds = 1},
    {"one with a sender, and no policy door", "first", 2, 0, FINE, .imported = {WITH_SENDER},
	.reason = SP_REASON_INTERNAL, .detail = "no policy door", .finds = 1},
    {"one that cannot be understood before the right one", "second", 2, 0, FINE,
	.imported = {UNUSABLE, SECOND}, .reason = SP_REASON_OK, .finds = 1},
    {"one that cannot be understood", "second", 2, 0, FINE, .imported = {UNUSABLE, FIRST},
	.reason = SP_REASON_INTERNAL, .detail = "sendpassExpires", .finds = 1},
    {"an id that is no app password's", "first", 2, 0, FINE, .imported = {LONG_ID},
	.reason = SP_REASON_INTERNAL, .detail = "over 8 symbols", .finds = 1},
    {"a hash that may not be read", "first", 2, 0, FINE, .imported = {NO_HASH},
	.reason = SP_REASON_INTERNAL, .detail = "hash", .finds = 1},
    {"a hash that is none", "first", 2, 0, FINE, .imported = {BAD_HASH},
	.reason = SP_REASON_INTERNAL, .finds = 1},
    {"a hash over the caps", "first", 2, 0, FINE, .imported = {HEAVY}, .reason = SP_REASON_INTERNAL,
	.finds = 1},
    {"no directory", "first", 2, 0, .find = SP_DIRECTORY_DOWN, .imported = {FIRST},
	.reason = SP_REASON_DIRECTORY_DOWN, .finds = 1},

    {"the mailbox password", "mail", 0, 60, FINE, .mailbox = "mail", .reason = SP_REASON_LEGACY,
	.finds = 1, .binds = 1},
    {"an app password with its dashes, mistyped", "k7qf-2m9x-4d1h-w8s6-t0ya-b3ne-zc5r", 2, 60, FINE,
	.imported = {FIRST}, .mailbox = "k7qf-2m9x-4d1h-w8s6-t0ya-b3ne-zc5r",
	.reason = SP_REASON_MALFORMED, .detail = "not an app password"},
    {"a wrong mailbox password", "mall", 0, 60, FINE, .mailbox = "mail",
	.reason = SP_REASON_BAD_SECRET, .detail = "mailbox", .finds = 1, .binds = 1},
    {"the mailbox password a second too late", "mail", 0, -1, FINE, .mailbox = "mail",
	.reason = SP_REASON_MALFORMED, .detail = "not an app password"},
    {"the mailbox password of one who is listed", "mail", 0, 60, listed, FINE, .mailbox = "mail",
	.reason = SP_REASON_LEGACY, .finds = 1, .binds = 1},
    {"the mailbox password of one who is not", "mail", 0, 60, others, FINE, .mailbox = "mail",
	.reason = SP_REASON_MALFORMED, .detail = "not an app password"},
    {"the mailbox password of nobody", "mail", 0, 60, FINE, .nobody = true, .mailbox = "mail",
	.reason = SP_REASON_MALFORMED, .detail = "not an app password", .finds = 1},
    {"the mailbox password without TLS", "mail", 0, 60, FINE, .mailbox = "mail",
	.require_tls = true, .reason = SP_REASON_TLS_REQUIRED, .finds = 1, .binds = 1},
    {"an imported one first", "first", 2, 60, FINE, .imported = {FIRST}, .mailbox = "first",
	.reason = SP_REASON_OK, .finds = 1},
    {"the mailbox password beside imported ones", "mail", 2, 60, FINE, .imported = {FIRST},
	.mailbox = "mail", .reason = SP_REASON_LEGACY, .finds = 1, .binds = 1},
    {"the mailbox password, and an imported one that cannot be tried", "mail", 2, 60, FINE,
	.imported = {UNUSABLE}, .mailbox = "mail", .reason = SP_REASON_INTERNAL,
	.detail = "sendpassExpires", .finds = 1},
    {"no bind in time", "mail", 0, 60, .find = SP_DIRECTORY_OK, .bind = SP_DIRECTORY_TIMEOUT,
	.mailbox = "mail", .reason = SP_REASON_DIRECTORY_TIMEOUT, .finds = 1, .binds = 1},
};

/* Runs the steps as sendpassd does. */
static void run(
    struct sp_attempt *attempt, struct fake_directory *fake, const struct sp_attempt_rules *rules)
{
	static const struct sp_secret empty;
	enum sp_step step = sp_attempt_parse(attempt, rules, NOW);

	if (step == SP_STEP_DIRECTORY)
		step = sp_attempt_look_up(attempt, &fake->base, rules, NOW);
	if (step == SP_STEP_ARGON2)
		step = sp_attempt_verify(attempt, made.slot, rules, NOW);
	if (step == SP_STEP_BIND) {
		assert_int_equal(attempt->reason, SP_REASON_INTERNAL);
		sp_attempt_bind(attempt, &fake->base, rules);
		step = SP_STEP_DONE;
	}
	assert_int_equal(step, SP_STEP_DONE);
	assert_memory_equal(&attempt->request.password, &empty, sizeof(empty));
}

static void run_case(size_t i, struct sp_verified_cache *cache)
{
	struct sp_attempt attempt = {
	    .request = {.login = "alice", .tls = SP_TLS_NO}, .verified = cache};
	const struct sp_attempt_rules rules = {
	    .caps = caps,
	    .require_tls = cases[i].require_tls,
	    .max_imported = cases[i].max_imported,
	    .legacy_until = cases[i].legacy != 0 ? NOW + cases[i].legacy : 0,
	    .legacy_logins = cases[i].legacy_logins,
	};
	struct sp_credential *imported[COUNT(cases[i].imported)];
	struct fake_directory fake;

	fake_directory_init(&fake);
	fake.owner_dn = cases[i].nobody ? NULL : OWNER;
	fake.owner_ambiguous = cases[i].ambiguous;
	fake.imported = imported;
	while (fake.imported_count < COUNT(imported) &&
	       cases[i].imported[fake.imported_count] != NONE) {
		imported[fake.imported_count] =
		    credential_of(cases[i].imported[fake.imported_count]);
		fake.imported_count++;
	}
	fake.password = cases[i].mailbox;
	fake.imported_status = cases[i].find;
	fake.bind_status = cases[i].bind;
	assert_true(
	    sp_secret_set(&attempt.request.password, cases[i].typed, strlen(cases[i].typed)));
	argon2_runs = 0;
	run(&attempt, &fake, &rules);

	assert_string_equal(sp_reason_name(attempt.reason), sp_reason_name(cases[i].reason));
	assert_int_equal(fake.finds, cases[i].finds);
	assert_int_equal(fake.binds, cases[i].binds);
	if (cases[i].detail != NULL) {
		assert_non_null(attempt.detail);
		assert_non_null(strstr(attempt.detail, cases[i].detail));
	}
	/* no more is asked for than tells that there are too many */
	if (fake.finds > 0)
		assert_int_equal(
		    fake.most, cases[i].max_imported > 0 ? cases[i].max_imported + 1 : 0);
	sp_attempt_clear(&attempt);
}

static void every_case_has_its_reason_and_its_cost(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		print_message("  %s\n", cases[i].name);
		run_case(i, NULL);
	}
}

static struct sp_verified_cache *new_cache(void)
{
	bool locked;
	struct sp_verified_cache *cache = sp_verified_cache_new(64, &locked);

	assert_non_null(cache);
	return cache;
}

/* Whatever of it the cache knows, what becomes of a password is the same. */
static void every_case_is_the_same_with_a_cache(void **state)
{
	static const char *const passwords[] = {"first", "second", "third", "first"};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		for (unsigned known = 0; known < 1U << COUNT(passwords); known++) {
			struct sp_verified_cache *cache = new_cache();
			for (size_t at = 0; at < COUNT(passwords); at++) {
				struct sp_secret secret = {0};
				assert_true(
				    sp_secret_set(&secret, passwords[at], strlen(passwords[at])));
				if ((known & 1U << at) != 0)
					sp_verified_cache_add(cache, made.hash[at], &secret);
			}
			run_case(i, cache);
			int runs = argon2_runs;
			run_case(i, cache);
			assert_true(argon2_runs <= runs);
			sp_verified_cache_free(&cache);
		}
	}
}

static size_t case_of(const char *name)
{
	for (size_t i = 0; i < COUNT(cases); i++) {
		if (strcmp(cases[i].name, name) == 0)
			return i;
	}
	fail_msg("%s", name);
	return 0;
}

static void a_known_imported_password_skips_its_own_run_of_argon2(void **state)
{
	static const struct {
		const char *name;
		int first, then;
		size_t known;
	} runs[] = {
	    {"the imported one", 1, 0, 1},
	    {"the second imported one", 2, 1, 1},
	    {"none of the imported ones", 2, 2, 0},
	    {"a revoked one", 1, 0, 1},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(runs); i++) {
		struct sp_verified_cache *cache = new_cache();

		run_case(case_of(runs[i].name), cache);
		assert_int_equal(argon2_runs, runs[i].first);
		run_case(case_of(runs[i].name), cache);
		assert_int_equal(argon2_runs, runs[i].then);
		assert_int_equal(sp_verified_cache_stats(cache).entries, runs[i].known);
		sp_verified_cache_free(&cache);
	}
}

static void a_mailbox_password_is_asked_for_each_time(void **state)
{
	struct sp_verified_cache *cache = new_cache();

	(void)state;
	for (int i = 0; i < 2; i++) /* asserts that it binds */
		run_case(case_of("the mailbox password of one who is listed"), cache);
	assert_int_equal(sp_verified_cache_stats(cache).entries, 0);
	sp_verified_cache_free(&cache);
}

/* What is an app password is never shown to the directory as a mailbox password. */
static void an_app_password_never_reaches_a_bind(void **state)
{
	const struct sp_attempt_rules rules = {
	    .caps = caps, .max_imported = 2, .legacy_until = NOW + 60};
	struct sp_attempt attempt = {.request = {.login = "alice"}};
	struct sp_app_password password;
	struct fake_directory fake;

	(void)state;
	fake_directory_init(&fake);
	fake.credential = credential_of(FIRST);
	fake.owner_dn = OWNER;
	assert_true(sp_app_password_generate(SP_FORM_STANDARD, &password));
	sp_app_password_print(&password, &attempt.request.password);
	run(&attempt, &fake, &rules);
	assert_int_equal(attempt.reason, SP_REASON_NO_CREDENTIAL);
	assert_int_equal(fake.binds, 0);
	sp_attempt_clear(&attempt);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_case_has_its_reason_and_its_cost),
	    cmocka_unit_test(every_case_is_the_same_with_a_cache),
	    cmocka_unit_test(a_known_imported_password_skips_its_own_run_of_argon2),
	    cmocka_unit_test(a_mailbox_password_is_asked_for_each_time),
	    cmocka_unit_test(an_app_password_never_reaches_a_bind),
	};

	return cmocka_run_group_tests(tests, make_hashes, free_slot);
}
