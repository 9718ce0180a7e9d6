/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "milter/claims.h"
#include "milter/header_senders.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
	const char *name;
	unsigned from, sender, id;
} names[] = {
    {"From", 1, 0, 0},
    {"FROM", 1, 0, 0},
    {"from", 1, 0, 0},
    {"From ", 1, 0, 0},
    {"From \t ", 1, 0, 0},
    {"Sender", 0, 1, 0},
    {"sENDER ", 0, 1, 0},
    {"X-Sendpass-Id", 0, 0, 1},
    {"x-sendpass-id ", 0, 0, 1},
    {"X-Sendpass-Id2", 0, 0, 0},
    {"X-Sendpass-I", 0, 0, 0},
    {"Resent-From", 0, 0, 0},
    {"From-", 0, 0, 0},
    {"Fro", 0, 0, 0},
    {"From x", 0, 0, 0},
    {"", 0, 0, 0},
};

static void headers_are_known_by_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		struct sp_claims claims = {0};
		print_message("  '%s'\n", names[i].name);
		assert_true(sp_claims_take(&claims, "X-Sendpass-Id", names[i].name, "v"));
		assert_int_equal(claims.claims[SP_CLAIMED_FROM].count, names[i].from);
		assert_int_equal(claims.claims[SP_CLAIMED_SENDER].count, names[i].sender);
		assert_int_equal(claims.id_headers, names[i].id);
		sp_claims_clear(&claims);
		assert_int_equal(claims.id_headers, 0);
	}
}

static void without_an_id_header_none_is_counted(void **state)
{
	struct sp_claims claims = {0};

	(void)state;
	assert_true(sp_claims_take(&claims, "", "", "v"));
	assert_true(sp_claims_take(&claims, "", "X-Sendpass-Id", "v"));
	assert_int_equal(claims.id_headers, 0);
	sp_claims_clear(&claims);
}

static void from_is_there_once_and_sender_may_be(void **state)
{
	struct sp_claims claims = {0};

	(void)state;
	assert_string_equal(sp_claim_fault(&claims, SP_CLAIMED_FROM), "is missing");
	assert_null(sp_claim_fault(&claims, SP_CLAIMED_SENDER));
	assert_true(sp_claims_take(&claims, "", "From", "a@x.org"));
	assert_true(sp_claims_take(&claims, "", "Sender", ""));
	assert_null(sp_claim_fault(&claims, SP_CLAIMED_FROM));
	assert_null(sp_claim_fault(&claims, SP_CLAIMED_SENDER));
	assert_string_equal(claims.claims[SP_CLAIMED_FROM].value, "a@x.org");
	assert_string_equal(claims.claims[SP_CLAIMED_SENDER].value, "");
	assert_true(sp_claims_take(&claims, "", "from ", "a@x.org"));
	assert_true(sp_claims_take(&claims, "", "SENDER", ""));
	assert_string_equal(sp_claim_fault(&claims, SP_CLAIMED_FROM), "is there more than once");
	assert_string_equal(sp_claim_fault(&claims, SP_CLAIMED_SENDER), "is there more than once");
	sp_claims_clear(&claims);
}

static void a_long_header_is_not_kept(void **state)
{
	struct sp_claims claims = {0};
	char value[SP_HEADER_VALUE_MAX + 2];

	(void)state;
	memset(value, 'x', sizeof(value));
	value[SP_HEADER_VALUE_MAX] = '\0';
	assert_true(sp_claims_take(&claims, "", "From", value));
	assert_null(sp_claim_fault(&claims, SP_CLAIMED_FROM));
	value[SP_HEADER_VALUE_MAX] = 'x';
	value[SP_HEADER_VALUE_MAX + 1] = '\0';
	assert_true(sp_claims_take(&claims, "", "Sender", value));
	assert_string_equal(sp_claim_fault(&claims, SP_CLAIMED_SENDER), "is too long");
	assert_null(claims.claims[SP_CLAIMED_SENDER].value);
	sp_claims_clear(&claims);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(headers_are_known_by_name),
	    cmocka_unit_test(without_an_id_header_none_is_counted),
	    cmocka_unit_test(from_is_there_once_and_sender_may_be),
	    cmocka_unit_test(a_long_header_is_not_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
