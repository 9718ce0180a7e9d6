/* SPDX-License-Identifier: BSD-2-Clause */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include <cmocka.h>

#include "lib/password/argon2_slot.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct sp_argon2_cost caps = {.memory_kib = 65536, .passes = 10, .lanes = 4};

/* The first ones are from the reference implementation's test.c, the others from
 * its argon2_hash(). RFC 9106's own vectors have a key and associated data,
 * which PHC strings for passwords do not. */
static const struct {
	const char *name;
	const char *hash;
	const char *secret;
} known[] = {
    {"id", "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
	"password"},
    {"id, 2 lanes",
	"$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
	"password"},
    {"i", "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8",
	"password"},
    {"i, 2 lanes",
	"$argon2i$v=19$m=256,t=2,p=2$c29tZXNhbHQ$T/XOJ2mh1/TIpJHfCdQan76Q5esCFVoT5MAeIM1Oq2E",
	"password"},
    {"i of version 16",
	"$argon2i$v=16$m=256,t=2,p=1$c29tZXNhbHQ$/U3YPXYsSb3q9XxHvc0MLxur+GP960kN9j7emXX8zwY",
	"password"},
    {"i of version 16 without v=",
	"$argon2i$m=256,t=2,p=2$c29tZXNhbHQ$tsEVYKap1h6scGt5ovl9aLRGOqOth+AMB+KwHpDFZPs",
	"password"},
    {"id of 64 MiB",
	"$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
	"password"},
    {"d", "$argon2d$v=19$m=256,t=2,p=1$c29tZXNhbHQ$JcTui6RIBUtJ78gE5Hi52CO+H5vS6Z9R1uxAB6OhUB8",
	"password"},
    {"id of version 16, 4 lanes, the least memory",
	"$argon2id$v=16$m=32,t=3,p=4$c29tZXNhbHQ$TtRyqDKWDQ/Wd0WfeSb5tL9y337H5VQ21XjdXyToX9E",
	"password"},
    {"a tag of 64 bytes",
	"$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$XGv1XIZW6Wn8Aqv++THGpS5sNOg9HNMtbaVEsw2q"
	"PvLsNXhH4DjfOd3zhSa4MAzKcr34ct1qwa5v1sC1m4Nuug",
	"password"},
    {"another secret",
	"$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$gJ7nvBcFxQh1IVKFS/MiEpoKAD5/Dtz7d04b9qEdSeU",
	"differentpassword"},
    {"another salt",
	"$argon2id$v=19$m=256,t=2,p=1$ZGlmZnNhbHQ$3nWsp83doBBKcEDGxsj9vyqIw3iw8VkggfDTpS4TpeY",
	"password"},
};

static struct sp_phc read_hash(const char *text)
{
	struct sp_phc phc;
	const char *why;

	if (!sp_phc_parse(text, strlen(text), &caps, &phc, &why))
		fail_msg("%s: %s", text, why);
	return phc;
}

static struct sp_secret secret_of(const char *text)
{
	struct sp_secret secret;

	assert_true(sp_secret_set(&secret, text, strlen(text)));
	return secret;
}

static void known_answers_match_and_nothing_near_them_does(void **state)
{
	struct sp_argon2_slot *slot = sp_argon2_slot_new(caps.memory_kib);

	(void)state;
	assert_non_null(slot);
	for (size_t i = 0; i < COUNT(known); i++) {
		struct sp_phc phc = read_hash(known[i].hash);
		struct sp_secret secret = secret_of(known[i].secret);

		print_message("  %s\n", known[i].name);
		assert_int_equal(sp_argon2_verify(slot, &phc, &secret), SP_MATCH_YES);
		secret.bytes[secret.length - 1] ^= 1;
		assert_int_equal(sp_argon2_verify(slot, &phc, &secret), SP_MATCH_NO);
		secret = secret_of(known[i].secret);
		secret.bytes[--secret.length] = '\0';
		assert_int_equal(sp_argon2_verify(slot, &phc, &secret), SP_MATCH_NO);
	}
	sp_argon2_slot_free(&slot);
	assert_null(slot);
}

static void every_part_of_the_hash_counts(void **state)
{
	struct sp_argon2_slot *slot = sp_argon2_slot_new(512);
	struct sp_secret secret = secret_of(known[0].secret);
	const struct sp_phc right = read_hash(known[0].hash);
	struct sp_phc phc;

	(void)state;
	for (size_t at = 0; at < right.tag_length; at++) {
		phc = right;
		phc.tag[at] ^= 1;
		assert_int_equal(sp_argon2_verify(slot, &phc, &secret), SP_MATCH_NO);
	}
	for (size_t at = 0; at < right.salt_length; at++) {
		phc = right;
		phc.salt[at] ^= 1;
		assert_int_equal(sp_argon2_verify(slot, &phc, &secret), SP_MATCH_NO);
	}
	for (int part = 0; part < 5; part++) {
		phc = right;
		phc.cost.memory_kib += part == 0 ? 8 : 0;
		phc.cost.passes += part == 1;
		phc.cost.lanes += part == 2;
		phc.version = part == 3 ? 0x10 : 0x13;
		phc.type = part == 4 ? SP_ARGON2I : SP_ARGON2ID;
		assert_int_equal(sp_argon2_verify(slot, &phc, &secret), SP_MATCH_NO);
	}
	assert_int_equal(sp_argon2_verify(slot, &right, &secret), SP_MATCH_YES);
	sp_argon2_slot_free(&slot);
}

static void a_slot_runs_what_it_has_memory_for_and_no_more(void **state)
{
	struct sp_secret secret = secret_of("password");
	struct sp_phc phc = read_hash(known[0].hash);

	(void)state;
	struct sp_argon2_slot *slot = sp_argon2_slot_new(phc.cost.memory_kib);
	assert_int_equal(sp_argon2_verify(slot, &phc, &secret), SP_MATCH_YES);
	phc.cost.memory_kib += 4; /* the next size that Argon2 computes with */
	assert_int_equal(sp_argon2_verify(slot, &phc, &secret), SP_MATCH_ERROR);
	phc.cost.memory_kib = UINT32_MAX;
	assert_int_equal(sp_argon2_verify(slot, &phc, &secret), SP_MATCH_ERROR);
	/* and is none the worse for it */
	phc = read_hash(known[0].hash);
	assert_int_equal(sp_argon2_verify(slot, &phc, &secret), SP_MATCH_YES);
	sp_argon2_slot_free(&slot);
}

static void what_argon2_cannot_compute_is_an_error_and_not_no(void **state)
{
	struct sp_argon2_slot *slot = sp_argon2_slot_new(256);
	struct sp_secret secret = secret_of("password");
	const struct sp_phc right = read_hash(known[0].hash);
	struct sp_phc phc = right;

	(void)state;
	phc.cost.lanes = 0;
	assert_int_equal(sp_argon2_verify(slot, &phc, &secret), SP_MATCH_ERROR);
	phc = right;
	phc.cost.passes = 0;
	assert_int_equal(sp_argon2_verify(slot, &phc, &secret), SP_MATCH_ERROR);
	phc = right;
	phc.cost.memory_kib = 7;
	assert_int_equal(sp_argon2_verify(slot, &phc, &secret), SP_MATCH_ERROR);
	phc = right;
	phc.salt_length = 7;
	assert_int_equal(sp_argon2_verify(slot, &phc, &secret), SP_MATCH_ERROR);
	sp_argon2_slot_free(&slot);
}

static void a_new_hash_has_its_cost_and_matches_its_secret_alone(void **state)
{
	static const struct sp_argon2_cost costs[] = {
	    {8, 1, 1}, {19456, 2, 1}, {64, 3, 4}, {65536, 1, 2}};
	struct sp_argon2_slot *slot = sp_argon2_slot_new(caps.memory_kib);
	struct sp_secret secret = secret_of("k7qf2m9x4d1hw8s6t0yab3nezc");
	struct sp_secret other = secret_of("k7qf2m9x4d1hw8s6t0yab3nezd");

	(void)state;
	for (size_t i = 0; i < COUNT(costs); i++) {
		char text[SP_PHC_TEXT_MAX];

		assert_true(sp_argon2_hash(slot, &costs[i], &secret, text));
		struct sp_phc phc = read_hash(text);
		assert_int_equal(phc.type, SP_ARGON2ID);
		assert_int_equal(phc.version, 0x13);
		assert_memory_equal(&phc.cost, &costs[i], sizeof(phc.cost));
		assert_int_equal(phc.salt_length, 16);
		assert_int_equal(phc.tag_length, 32);
		assert_int_equal(sp_argon2_verify(slot, &phc, &secret), SP_MATCH_YES);
		assert_int_equal(sp_argon2_verify(slot, &phc, &other), SP_MATCH_NO);
	}
	sp_argon2_slot_free(&slot);
}

static void every_hash_has_a_salt_of_its_own(void **state)
{
	static const struct sp_argon2_cost cost = {8, 1, 1};
	struct sp_argon2_slot *slot = sp_argon2_slot_new(8);
	struct sp_secret secret = secret_of("password");
	struct sp_phc seen[50];

	(void)state;
	for (size_t i = 0; i < COUNT(seen); i++) {
		char text[SP_PHC_TEXT_MAX];
		assert_true(sp_argon2_hash(slot, &cost, &secret, text));
		seen[i] = read_hash(text);
		for (size_t other = 0; other < i; other++) {
			assert_memory_not_equal(seen[i].salt, seen[other].salt, 16);
			assert_memory_not_equal(seen[i].tag, seen[other].tag, 32);
		}
	}
	sp_argon2_slot_free(&slot);
}

static void a_hash_that_cannot_be_made_leaves_an_empty_text(void **state)
{
	static const struct sp_argon2_cost costs[] = {{16, 1, 1}, {8, 0, 1}, {8, 1, 0}, {8, 1, 2}};
	struct sp_argon2_slot *slot = sp_argon2_slot_new(8);
	struct sp_secret secret = secret_of("password");

	(void)state;
	for (size_t i = 0; i < COUNT(costs); i++) {
		char text[SP_PHC_TEXT_MAX] = "stale";
		assert_false(sp_argon2_hash(slot, &costs[i], &secret, text));
		assert_string_equal(text, "");
	}
	sp_argon2_slot_free(&slot);
}

/* Leaves the number of right answers. */
static void *verify_often(void *right)
{
	struct sp_argon2_slot *slot = sp_argon2_slot_new(256);
	struct sp_secret secret = secret_of("password"), wrong = secret_of("Password");
	struct sp_phc phc = read_hash(known[0].hash);

	for (int i = 0; i < 20; i++) {
		*(int *)right += sp_argon2_verify(slot, &phc, &secret) == SP_MATCH_YES;
		*(int *)right += sp_argon2_verify(slot, &phc, &wrong) == SP_MATCH_NO;
	}
	sp_argon2_slot_free(&slot);
	return NULL;
}

static void slots_run_side_by_side(void **state)
{
	pthread_t threads[4];
	int right[4] = {0};

	(void)state;
	for (size_t i = 0; i < COUNT(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, verify_often, &right[i]), 0);
	for (size_t i = 0; i < COUNT(threads); i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(right[i], 40);
	}
}

/* Memory that comes from the kernel for each run costs as much again as a small hash. */
static void a_warm_slot_takes_no_memory_from_the_kernel(void **state)
{
	enum { RUNS = 4 };
	static const struct sp_argon2_cost cost = {65536, 1, 4};
	struct sp_argon2_slot *slot = sp_argon2_slot_new(cost.memory_kib);
	struct sp_secret secret = secret_of("password");
	char text[SP_PHC_TEXT_MAX];
	struct rusage before, after;

	(void)state;
	assert_true(sp_argon2_hash(slot, &cost, &secret, text));
	struct sp_phc phc = read_hash(text);
	assert_int_equal(getrusage(RUSAGE_THREAD, &before), 0);
	for (int run = 0; run < RUNS; run++)
		assert_int_equal(sp_argon2_verify(slot, &phc, &secret), SP_MATCH_YES);
	assert_int_equal(getrusage(RUSAGE_THREAD, &after), 0);
	/* Less than one each; the kernel may move a page or two meanwhile. */
	assert_in_range(after.ru_minflt - before.ru_minflt, 0, RUNS - 1);
	assert_int_equal(after.ru_majflt, before.ru_majflt);
	sp_argon2_slot_free(&slot);
}

static int64_t cpu_time_us(clockid_t clock)
{
	struct timespec time;

	assert_int_equal(clock_gettime(clock, &time), 0);
	return time.tv_sec * INT64_C(1000000) + time.tv_nsec / 1000;
}

/* A thread for each lane of each hash would take the cores that other slots have. */
static void lanes_are_computed_by_the_slots_own_thread(void **state)
{
	static const struct sp_argon2_cost cost = {65536, 1, 4};
	struct sp_argon2_slot *slot = sp_argon2_slot_new(cost.memory_kib);
	struct sp_secret secret = secret_of("password");
	char text[SP_PHC_TEXT_MAX];

	(void)state;
	int64_t own_us = cpu_time_us(CLOCK_THREAD_CPUTIME_ID);
	int64_t all_us = cpu_time_us(CLOCK_PROCESS_CPUTIME_ID);
	assert_true(sp_argon2_hash(slot, &cost, &secret, text));
	own_us = cpu_time_us(CLOCK_THREAD_CPUTIME_ID) - own_us;
	all_us = cpu_time_us(CLOCK_PROCESS_CPUTIME_ID) - all_us;
	assert_true(own_us > all_us * 3 / 4);
	sp_argon2_slot_free(&slot);
}

static void freeing_nothing_is_no_harm(void **state)
{
	struct sp_argon2_slot *slot = NULL;

	(void)state;
	sp_argon2_slot_free(&slot);
	sp_argon2_slot_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(known_answers_match_and_nothing_near_them_does),
	    cmocka_unit_test(every_part_of_the_hash_counts),
	    cmocka_unit_test(a_slot_runs_what_it_has_memory_for_and_no_more),
	    cmocka_unit_test(what_argon2_cannot_compute_is_an_error_and_not_no),
	    cmocka_unit_test(a_new_hash_has_its_cost_and_matches_its_secret_alone),
	    cmocka_unit_test(every_hash_has_a_salt_of_its_own),
	    cmocka_unit_test(a_hash_that_cannot_be_made_leaves_an_empty_text),
	    cmocka_unit_test(slots_run_side_by_side),
	    cmocka_unit_test(a_warm_slot_takes_no_memory_from_the_kernel),
	    cmocka_unit_test(lanes_are_computed_by_the_slots_own_thread),
	    cmocka_unit_test(freeing_nothing_is_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
