/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/sender.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
	const char *pattern, *sender;
	bool matches;
} pairs[] = {
    {"alice@example.org", "alice@example.org", true},
    {"alice@example.org", "ALICE@EXAMPLE.org", true},
    {"alice@example.org", "malice@example.org", false},
    {"alice@example.org", "alice@example.org.evil.example", false},
    {"alice@example.org", "alice@sub.example.org", false},
    {"alice@example.org", "alice", false},
    {"alice@example.org", "", false},
    {"j\xc3\xbcrgen@example.org", "j\xc3\xbcrgen@example.org", true},
    {"j\xc3\xbcrgen@example.org", "j\xc3\x9crgen@example.org", false},
    {"@example.org", "anybody@example.org", true},
    {"@example.org", "anybody@EXAMPLE.ORG", true},
    {"@example.org", "\"a@b\"@example.org", true},
    {"@example.org", "anybody@sub.example.org", false},
    {"@example.org", "anybody@badexample.org", false},
    {"@example.org", "anybody@example.org@evil.example", false},
    {"@example.org", "@example.org", false},
    {"@example.org", "anybody", false},
    {"@example.org", "", false},
    {"@.example.org", "a@sub.example.org", true},
    {"@.example.org", "a@very.deep.Example.org", true},
    {"@.example.org", "a@example.org", false},
    {"@.example.org", "a@.example.org", false},
    {"@.example.org", "a@subexample.org", false},
    {"@.example.org", "", false},
    {"*", "a@example.org", true},
    {"*", "root", true},
    {"*", "", true},
    {"<>", "", true},
    {"<>", "a@example.org", false},
    {"<>", "<>", false},
    /* no patterns */
    {"example.org", "example.org", false},
    {"a*@example.org", "a*@example.org", false},
    {"", "", false},
};

static void patterns_match_their_senders_and_no_others(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(pairs); i++) {
		if (sp_sender_matches(pairs[i].pattern, pairs[i].sender) != pairs[i].matches)
			fail_msg("%s and <%s>", pairs[i].pattern, pairs[i].sender);
	}
}

static void what_is_no_pattern_is_told(void **state)
{
	static const char *const good[] = {"a@b", "@b", "@.b", "*", "<>", "a+b@example.org",
	    "\"a@b\"@example.org", "a@b_c.example"};
	static const char *const bad[] = {"", "a", "@", "@.", "a@", "a@b.", "a@.b", "a@b..c", "@b.",
	    "@..b", "**", "<", "<a@b>", "a b@c", " a@b", "a@b ", "a@b\n", "a\x01@b", "\xff@b",
	    "a*@b", "*@b", "@*"};
	char longest[SP_SENDER_PATTERN_MAX + 2];

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		if (!sp_sender_pattern_is_valid(good[i]))
			fail_msg("%s", good[i]);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		if (sp_sender_pattern_is_valid(bad[i]))
			fail_msg("%s", bad[i]);
	}
	memset(longest, 'x', sizeof(longest));
	memcpy(longest, "a@", 2);
	longest[SP_SENDER_PATTERN_MAX] = '\0';
	assert_true(sp_sender_pattern_is_valid(longest));
	longest[SP_SENDER_PATTERN_MAX] = 'x';
	longest[SP_SENDER_PATTERN_MAX + 1] = '\0';
	assert_false(sp_sender_pattern_is_valid(longest));
}

static void an_address_is_no_pattern(void **state)
{
	(void)state;
	assert_true(sp_sender_is_address("alice@example.org", "Alice@example.org"));
	assert_false(sp_sender_is_address("@example.org", "alice@example.org"));
	assert_false(sp_sender_is_address("*", "alice@example.org"));
	assert_false(sp_sender_is_address("*", "*"));
	assert_false(sp_sender_is_address("", ""));
	assert_false(sp_sender_is_address("<>", ""));
}

static void a_complete_sender_may_be_somebodys(void **state)
{
	static const char *const no[] = {"", "alice", "@example.org", "alice@", "a@b..c", "a@.b",
	    "a@b.", "a\n@b", "a\xff@b", "*", "<>", "@.example.org"};
	char longest[SP_SENDER_PATTERN_MAX + 2];

	(void)state;
	assert_true(sp_sender_is_complete("alice@example.org"));
	assert_true(sp_sender_is_complete("\"a b\"@example.org"));
	for (size_t i = 0; i < COUNT(no); i++) {
		if (sp_sender_is_complete(no[i]))
			fail_msg("%s", no[i]);
	}
	memset(longest, 'x', sizeof(longest));
	memcpy(longest, "a@", 2);
	longest[SP_SENDER_PATTERN_MAX] = '\0';
	assert_true(sp_sender_is_complete(longest));
	longest[SP_SENDER_PATTERN_MAX] = 'x';
	longest[SP_SENDER_PATTERN_MAX + 1] = '\0';
	assert_false(sp_sender_is_complete(longest));
}

static void covering_patterns_are_all_that_match(void **state)
{
	static const char sender[] = "\"a@b.c\"@very.deep.example.org";
	static const char *const covering[] = {
	    sender, "*", "@very.deep.example.org", "@.deep.example.org", "@.example.org", "@.org"};
	char pattern[SP_SENDER_PATTERN_MAX + 1];

	(void)state;
	for (size_t i = 0; i < COUNT(covering); i++) {
		assert_true(sp_sender_covering(sender, i, pattern));
		assert_string_equal(pattern, covering[i]);
		assert_true(sp_sender_matches(pattern, sender));
	}
	assert_false(sp_sender_covering(sender, COUNT(covering), pattern));
	assert_false(sp_sender_covering(sender, COUNT(covering) + 1, pattern));
	assert_true(sp_sender_covering("a@local", 2, pattern));
	assert_string_equal(pattern, "@local");
	assert_false(sp_sender_covering("a@local", 3, pattern));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(patterns_match_their_senders_and_no_others),
	    cmocka_unit_test(what_is_no_pattern_is_told),
	    cmocka_unit_test(an_address_is_no_pattern),
	    cmocka_unit_test(a_complete_sender_may_be_somebodys),
	    cmocka_unit_test(covering_patterns_are_all_that_match),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
