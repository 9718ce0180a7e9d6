/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/password/phc.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct sp_argon2_cost caps = {.memory_kib = 65536, .passes = 10, .lanes = 4};

/* 16 bytes of salt, 32 of tag. */
#define SALT "c2FsdHNhbHRzYWx0c2FsdA"
#define TAG  "dGFndGFndGFndGFndGFndGFndGFndGFndGFndGFndGE"
#define GOOD "$argon2id$v=19$m=19456,t=2,p=1$" SALT "$" TAG

static void assert_wiped(const struct sp_phc *phc)
{
	static const struct sp_phc empty;

	assert_memory_equal(phc, &empty, sizeof(empty));
}

/* In memory of just that length, so that the sanitizers see a look too far. */
static bool parse(const char *text, size_t length, struct sp_phc *phc_r, const char **why_r)
{
	char *exact = malloc(length > 0 ? length : 1);

	assert_non_null(exact);
	memcpy(exact, text, length);
	memset(phc_r, 'x', sizeof(*phc_r));
	*why_r = "stale";
	bool ok = sp_phc_parse(exact, length, &caps, phc_r, why_r);
	free(exact);
	if (ok) {
		assert_null(*why_r);
	} else {
		assert_non_null(*why_r);
		assert_wiped(phc_r);
	}
	return ok;
}

static void a_good_string_is_read(void **state)
{
	struct sp_phc phc;
	const char *why;

	(void)state;
	assert_true(parse(GOOD, strlen(GOOD), &phc, &why));
	assert_int_equal(phc.type, SP_ARGON2ID);
	assert_int_equal(phc.version, 0x13);
	assert_int_equal(phc.cost.memory_kib, 19456);
	assert_int_equal(phc.cost.passes, 2);
	assert_int_equal(phc.cost.lanes, 1);
	assert_int_equal(phc.salt_length, 16);
	assert_memory_equal(phc.salt, "saltsaltsaltsalt", 16);
	assert_int_equal(phc.tag_length, 32);
	assert_memory_equal(phc.tag, "tagtagtagtagtagtagtagtagtagtagta", 32);
}

static void types_and_versions_are_told_apart(void **state)
{
	static const struct {
		const char *text;
		enum sp_argon2_type type;
		uint32_t version;
	} cases[] = {
	    {"$argon2d$v=19$m=64,t=1,p=1$" SALT "$" TAG, SP_ARGON2D, 0x13},
	    {"$argon2i$v=19$m=64,t=1,p=1$" SALT "$" TAG, SP_ARGON2I, 0x13},
	    {"$argon2id$v=19$m=64,t=1,p=1$" SALT "$" TAG, SP_ARGON2ID, 0x13},
	    {"$argon2id$v=16$m=64,t=1,p=1$" SALT "$" TAG, SP_ARGON2ID, 0x10},
	    {"$argon2i$m=64,t=1,p=1$" SALT "$" TAG, SP_ARGON2I, 0x10},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sp_phc phc;
		const char *why;

		assert_true(parse(cases[i].text, strlen(cases[i].text), &phc, &why));
		assert_int_equal(phc.type, cases[i].type);
		assert_int_equal(phc.version, cases[i].version);
	}
}

static const struct {
	const char *name;
	const char *cost;
	const char *why; /* NULL: fine */
} costs[] = {
    {"at the memory cap", "m=65536,t=2,p=1", NULL},
    {"above the memory cap", "m=65537,t=2,p=1", "m is over the cap"},
    {"4 GiB", "m=4194304,t=2,p=1", "m is over the cap"},
    {"the largest of 32 bits", "m=4294967295,t=2,p=1", "m is over the cap"},
    {"wraps to 0 in 32 bits", "m=4294967296,t=2,p=1", "m is over the cap"},
    {"wraps to 64 in 32 bits", "m=4294967360,t=2,p=1", "m is over the cap"},
    {"beyond 64 bits", "m=18446744073709551680,t=2,p=1", "m is no number above 0"},
    {"the least memory", "m=8,t=2,p=1", NULL},
    {"less than the least", "m=7,t=2,p=1", "m is less than 8 times p"},
    {"the least memory of 4 lanes", "m=32,t=2,p=4", NULL},
    {"less memory than 4 lanes need", "m=31,t=2,p=4", "m is less than 8 times p"},
    {"no memory", "m=0,t=2,p=1", "m is no number above 0"},
    {"at the pass cap", "m=64,t=10,p=1", NULL},
    {"above the pass cap", "m=64,t=11,p=1", "t is over the cap"},
    {"far above it", "m=64,t=4294967295,p=1", "t is over the cap"},
    {"passes that wrap to 2", "m=64,t=4294967298,p=1", "t is over the cap"},
    {"no pass", "m=64,t=0,p=1", "t is no number above 0"},
    {"at the lane cap", "m=64,t=2,p=4", NULL},
    {"above the lane cap", "m=64,t=2,p=5", "p is over the cap"},
    {"far above it", "m=64,t=2,p=16777215", "p is over the cap"},
    {"lanes that wrap to 1", "m=64,t=2,p=4294967297", "p is over the cap"},
    {"no lane", "m=64,t=2,p=0", "p is no number above 0"},
    {"all over", "m=4194304,t=1000,p=1000", "m is over the cap"},
    {"leading zero", "m=064,t=2,p=1", "m is no number above 0"},
    {"plus", "m=+64,t=2,p=1", "m is no number above 0"},
    {"minus", "m=-64,t=2,p=1", "m is no number above 0"},
    {"a space", "m= 64,t=2,p=1", "m is no number above 0"},
    {"no number", "m=,t=2,p=1", "m is no number above 0"},
    {"a letter in t", "m=64,t=2x,p=1", "t is no number above 0"},
    {"no t", "m=64,p=1", "t is no number above 0"},
    {"no p", "m=64,t=2", "t is no number above 0"},
    {"another order", "t=2,m=64,p=1", "m is no number above 0"},
    {"m twice", "m=64,m=64,t=2,p=1", "t is no number above 0"},
    {"a key id", "m=64,t=2,p=1,keyid=AA", "p is no number above 0"},
    {"data", "m=64,t=2,p=1,data=AA", "p is no number above 0"},
    {"nothing", "", "m is no number above 0"},
};

static void every_cost_is_held_against_its_cap(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(costs); i++) {
		char text[SP_PHC_TEXT_MAX];
		struct sp_phc phc;
		const char *why;

		print_message("  %s\n", costs[i].name);
		snprintf(text, sizeof(text), "$argon2id$v=19$%s$" SALT "$" TAG, costs[i].cost);
		bool ok = parse(text, strlen(text), &phc, &why);
		assert_int_equal(ok, costs[i].why == NULL);
		if (!ok)
			assert_string_equal(why, costs[i].why);
	}
}

static const char head_fault[] = "not a PHC string of argon2d, argon2i or argon2id";
static const char version_fault[] = "v is neither 16 nor 19";
static const char salt_fault[] = "the salt is not base64 of 8 to 48 bytes";
static const char tag_fault[] = "the tag is not base64 of 12 to 64 bytes";

static const struct {
	const char *name;
	const char *text;
	const char *why;
} bad_strings[] = {
    {"empty", "", head_fault},
    {"clear text", "secret", head_fault},
    {"another hash", "$2b$12$abcdefghijklmnopqrstuu", head_fault},
    {"another PHC string", "$scrypt$ln=16,r=8,p=1$" SALT "$" TAG, head_fault},
    {"type in upper case", "$Argon2id$v=19$m=64,t=1,p=1$" SALT "$" TAG, head_fault},
    {"longer type", "$argon2idx$v=19$m=64,t=1,p=1$" SALT "$" TAG, head_fault},
    {"shorter type", "$argon2$v=19$m=64,t=1,p=1$" SALT "$" TAG, head_fault},
    {"no dollar first", "argon2id$v=19$m=64,t=1,p=1$" SALT "$" TAG, head_fault},
    {"a scheme before it", "{ARGON2}$argon2id$v=19$m=64,t=1,p=1$" SALT "$" TAG, head_fault},
    {"version 17", "$argon2id$v=17$m=64,t=1,p=1$" SALT "$" TAG, version_fault},
    {"version 0", "$argon2id$v=0$m=64,t=1,p=1$" SALT "$" TAG, version_fault},
    {"version in hexadecimal", "$argon2id$v=0x13$m=64,t=1,p=1$" SALT "$" TAG, version_fault},
    {"version that wraps to 19", "$argon2id$v=4294967315$m=64,t=1,p=1$" SALT "$" TAG,
	version_fault},
    {"no version behind v=", "$argon2id$v=$m=64,t=1,p=1$" SALT "$" TAG, version_fault},
    {"salt of 7 bytes", "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbA$" TAG, salt_fault},
    {"salt of 49 bytes",
	"$argon2id$v=19$m=64,t=1,p=1$"
	"c2FsdHNhbHRzYWx0c2FsdHNhbHRzYWx0c2FsdHNhbHRzYWx0c2FsdHNhbHRzYWx0cw$" TAG,
	salt_fault},
    {"no salt", "$argon2id$v=19$m=64,t=1,p=1$$" TAG, salt_fault},
    {"padded salt", "$argon2id$v=19$m=64,t=1,p=1$" SALT "==$" TAG, salt_fault},
    {"salt with stray bits", "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdB$" TAG, salt_fault},
    {"salt with a foreign symbol", "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhb!RzYWx0c2FsdA$" TAG,
	salt_fault},
    {"salt in the alphabet for URLs", "$argon2id$v=19$m=64,t=1,p=1$c2Fsd-Nhb_RzYWx0c2FsdA$" TAG,
	salt_fault},
    {"no tag", "$argon2id$v=19$m=64,t=1,p=1$" SALT, salt_fault},
    {"an empty tag", "$argon2id$v=19$m=64,t=1,p=1$" SALT "$", tag_fault},
    {"tag of 11 bytes", "$argon2id$v=19$m=64,t=1,p=1$" SALT "$dGFndGFndGFndGE", tag_fault},
    {"tag of 65 bytes",
	"$argon2id$v=19$m=64,t=1,p=1$" SALT "$"
	"dGFndGFndGFndGFndGFndGFndGFndGFndGFndGFndGFndGFndGFndGFndGFndGFndGFndGFndGFndGFndGFndGE",
	tag_fault},
    {"padded tag", GOOD "=", tag_fault},
    {"tag with stray bits", "$argon2id$v=19$m=64,t=1,p=1$" SALT "$dGFndGFndGFndGFndH", tag_fault},
    {"a dollar behind", GOOD "$", tag_fault},
    {"LF behind", GOOD "\n", tag_fault},
    {"a space behind", GOOD " ", tag_fault},
    {"a field behind", GOOD "$AA", tag_fault},
};

static void what_is_no_argon2_string_is_refused_with_the_first_fault(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad_strings); i++) {
		struct sp_phc phc;
		const char *why;

		print_message("  %s\n", bad_strings[i].name);
		assert_false(parse(bad_strings[i].text, strlen(bad_strings[i].text), &phc, &why));
		assert_string_equal(why, bad_strings[i].why);
	}
}

/* Only a tag that is cut to another whole tag still reads, and is shorter. */
static void a_string_cut_anywhere_is_refused_or_has_a_shorter_tag(void **state)
{
	size_t tag_at = strlen(GOOD) - strlen(TAG);

	(void)state;
	for (size_t length = 0; length < strlen(GOOD); length++) {
		struct sp_phc phc;
		const char *why;

		if (!parse(GOOD, length, &phc, &why))
			continue;
		assert_true(length >= tag_at + 16);
		assert_true(phc.tag_length >= SP_PHC_TAG_MIN && phc.tag_length < 32);
	}
}

static void a_nul_anywhere_is_refused(void **state)
{
	char text[sizeof(GOOD)];
	struct sp_phc phc;
	const char *why;

	(void)state;
	for (size_t at = 0; at <= strlen(GOOD); at++) {
		memcpy(text, GOOD, sizeof(text));
		text[at] = '\0';
		assert_false(parse(text, sizeof(text), &phc, &why));
	}
}

static void every_other_byte_at_every_place_is_refused_or_read_as_it_is(void **state)
{
	(void)state;
	for (size_t at = 0; at < strlen(GOOD); at++) {
		for (int byte = 0; byte < 256; byte++) {
			char text[] = GOOD, printed[SP_PHC_TEXT_MAX];
			struct sp_phc phc;
			const char *why;

			text[at] = (char)byte;
			if (!parse(text, strlen(GOOD), &phc, &why))
				continue;
			/* no two strings mean the same */
			assert_true(sp_phc_print(&phc, printed, sizeof(printed)));
			assert_string_equal(printed, text);
		}
	}
}

static void the_longest_string_is_read_and_a_longer_one_refused(void **state)
{
	struct sp_phc phc = {
	    .type = SP_ARGON2ID,
	    .version = 0x13,
	    .cost = caps,
	    .salt_length = SP_PHC_SALT_MAX,
	    .tag_length = SP_PHC_TAG_MAX,
	};
	char text[SP_PHC_TEXT_MAX], much[SP_PHC_TEXT_MAX + 1];
	struct sp_phc again;
	const char *why;

	(void)state;
	assert_true(sp_phc_print(&phc, text, sizeof(text)));
	assert_true(parse(text, strlen(text), &again, &why));
	assert_int_equal(again.salt_length, SP_PHC_SALT_MAX);
	assert_int_equal(again.tag_length, SP_PHC_TAG_MAX);
	memset(much, 'A', sizeof(much));
	assert_false(parse(much, sizeof(much), &again, &why));
	assert_string_equal(why, "too long for a PHC string");
}

static void what_is_printed_parses_as_the_same(void **state)
{
	(void)state;
	srandom(1);
	for (int round = 0; round < 2000; round++) {
		struct sp_phc phc = {0}, again;
		char text[SP_PHC_TEXT_MAX];
		const char *why;

		phc.type = (enum sp_argon2_type)(random() % 3);
		phc.version = random() % 2 == 0 ? 0x10 : 0x13;
		phc.cost.lanes = 1 + (uint32_t)random() % caps.lanes;
		phc.cost.passes = 1 + (uint32_t)random() % caps.passes;
		phc.cost.memory_kib = 8 * phc.cost.lanes + (uint32_t)random() % 60000;
		phc.salt_length =
		    SP_PHC_SALT_MIN + (size_t)random() % (SP_PHC_SALT_MAX - SP_PHC_SALT_MIN + 1);
		phc.tag_length =
		    SP_PHC_TAG_MIN + (size_t)random() % (SP_PHC_TAG_MAX - SP_PHC_TAG_MIN + 1);
		for (size_t i = 0; i < phc.salt_length; i++)
			phc.salt[i] = (uint8_t)random();
		for (size_t i = 0; i < phc.tag_length; i++)
			phc.tag[i] = (uint8_t)random();
		assert_true(sp_phc_print(&phc, text, sizeof(text)));
		assert_true(parse(text, strlen(text), &again, &why));
		assert_memory_equal(&again, &phc, sizeof(phc));
	}
}

static void what_does_not_fit_is_not_printed(void **state)
{
	struct sp_phc phc;
	const char *why;
	char text[sizeof(GOOD) + 1];

	(void)state;
	assert_true(parse(GOOD, strlen(GOOD), &phc, &why));
	assert_true(sp_phc_print(&phc, text, sizeof(GOOD)));
	assert_string_equal(text, GOOD);
	for (size_t size = 1; size < sizeof(GOOD); size++) {
		memset(text, 'x', sizeof(text));
		assert_false(sp_phc_print(&phc, text, size));
		assert_int_equal(text[size], 'x');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_good_string_is_read),
	    cmocka_unit_test(types_and_versions_are_told_apart),
	    cmocka_unit_test(every_cost_is_held_against_its_cap),
	    cmocka_unit_test(what_is_no_argon2_string_is_refused_with_the_first_fault),
	    cmocka_unit_test(a_string_cut_anywhere_is_refused_or_has_a_shorter_tag),
	    cmocka_unit_test(a_nul_anywhere_is_refused),
	    cmocka_unit_test(every_other_byte_at_every_place_is_refused_or_read_as_it_is),
	    cmocka_unit_test(the_longest_string_is_read_and_a_longer_one_refused),
	    cmocka_unit_test(what_is_printed_parses_as_the_same),
	    cmocka_unit_test(what_does_not_fit_is_not_printed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
