/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/directory/replica_position.h"

#define ACCOUNT      "cn=verifier,dc=example,dc=org"
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define EARLY        "20261124120000.000001Z#000000#001#000000"
#define LATE         "20261124120000.000002Z#000000#001#000000"
#define ELSEWHERE    "20261124110000.000000Z#00000a#0ff#000000"

static char *attributes[] = {"uid", "mail", NULL};
static char *fewer[] = {"uid", NULL};
static const struct sp_replica_search search = {"dc=example,dc=org", "(uid=*)", attributes};

static void add(struct sp_csns *csns, const char *text)
{
	assert_true(sp_csns_add(csns, text, strlen(text)));
}

static void the_latest_of_each_server_is_kept(void **state)
{
	struct sp_csns csns = {0};
	char cookie[SP_CSN_COOKIE];

	(void)state;
	sp_csns_to_cookie(&csns, 1, cookie);
	assert_string_equal(cookie, "rid=001");
	add(&csns, LATE);
	add(&csns, ELSEWHERE);
	add(&csns, EARLY);
	sp_csns_to_cookie(&csns, 2, cookie);
	assert_string_equal(cookie, "rid=002,csn=" LATE ";" ELSEWHERE);
}

static void what_is_no_csn_is_refused(void **state)
{
	static const char *const bad[] = {
	    "",
	    "20261124120000Z",
	    "20261124120000.000001Z#000000#001#00000",
	    "20261124120000.000001Z#000000#001#0000000",
	    "2026112412000x.000001Z#000000#001#000000",
	    "20261124120000.000001Z#000000#00G#000000",
	    "20261124120000,000001Z#000000#001#000000",
	};
	struct sp_csns csns = {0};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(sp_csns_add(&csns, bad[i], strlen(bad[i])));
	assert_int_equal(csns.count, 0);
}

static void only_so_many_servers_are_taken(void **state)
{
	struct sp_csns csns = {0};
	char text[SP_CSN_SIZE + 1] = EARLY;

	(void)state;
	for (int i = 0; i < SP_CSNS_MOST; i++) {
		text[31] = (char)('0' + i / 10);
		text[32] = (char)('0' + i % 10);
		add(&csns, text);
	}
	assert_false(sp_csns_add(&csns, ELSEWHERE, SP_CSN_SIZE));
	add(&csns, LATE);
	assert_int_equal(csns.count, SP_CSNS_MOST);
}

static void a_cookie_of_openldap_is_read(void **state)
{
	static const struct {
		const char *cookie;
		size_t count;
		bool ok;
	} cases[] = {
	    {"rid=001,csn=" EARLY, 1, true},
	    {"rid=001,sid=002,csn=" EARLY ";" ELSEWHERE, 2, true},
	    {"rid=001,csn=" EARLY ",delcsn=" ELSEWHERE, 1, true},
	    {"", 0, false},
	    {"rid=001", 0, false},
	    {"rid=001,csn=", 0, false},
	    {"rid=001,csn=" EARLY ";", 1, false},
	    {"rid=001,csn=" EARLY "x", 1, false},
	    {"rid=001,csn=" EARLY ";2026", 1, false},
	    {"server:389#cn=verifier:dc=example,dc=org:(uid=*)#12", 0, false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sp_csns csns = {0};
		size_t length = strlen(cases[i].cookie);
		struct berval cookie = {length, malloc(length + 1)};
		assert_non_null(cookie.bv_val);
		memcpy(cookie.bv_val, cases[i].cookie, length);
		assert_int_equal(sp_csns_add_cookie(&csns, &cookie), cases[i].ok);
		assert_int_equal(csns.count, cases[i].count);
		free(cookie.bv_val);
	}
}

static void csns_cover_others_when_none_is_later_or_unknown(void **state)
{
	struct sp_csns ours = {0}, others = {0};

	(void)state;
	assert_true(sp_csns_cover(&ours, &others));
	add(&others, EARLY);
	assert_false(sp_csns_cover(&ours, &others));
	add(&ours, EARLY);
	assert_true(sp_csns_cover(&ours, &others));
	add(&others, LATE);
	assert_false(sp_csns_cover(&ours, &others));
	add(&ours, LATE);
	add(&ours, ELSEWHERE);
	assert_true(sp_csns_cover(&ours, &others));
	assert_false(sp_csns_cover(&others, &ours));
}

static struct berval write_one(time_t refreshed)
{
	struct sp_replica_position position = {.identity = "01234567-89ab-cdef-0123-456789abcdef",
	    .refreshed = refreshed,
	    .account = ACCOUNT};
	struct berval cookie;

	if (refreshed != 0)
		add(&position.seen, EARLY);
	assert_true(sp_replica_position_write(&position, &search, &cookie));
	return cookie;
}

static void a_position_comes_back_as_it_was(void **state)
{
	static const time_t times[] = {0, 1795521600};
	struct sp_replica_position position;

	(void)state;
	for (size_t i = 0; i < COUNT(times); i++) {
		struct berval cookie = write_one(times[i]);
		assert_true(sp_replica_position_read(&cookie, &search, ACCOUNT, &position));
		assert_string_equal(position.identity, "01234567-89ab-cdef-0123-456789abcdef");
		assert_int_equal(position.refreshed, times[i]);
		assert_int_equal(position.seen.count, times[i] != 0 ? 1 : 0);
		free(cookie.bv_val);
	}
}

#define OTHER_ACCOUNT "cn=other,dc=example,dc=org"

static void a_position_of_another_account_is_none(void **state)
{
	struct sp_replica_position position;
	struct berval cookie = write_one(1795521600);

	(void)state;
	assert_false(sp_replica_position_read(&cookie, &search, OTHER_ACCOUNT, &position));
	assert_string_equal(position.account, OTHER_ACCOUNT);
	assert_int_equal(position.seen.count, 0);
	free(cookie.bv_val);
}

static void a_position_of_another_search_is_none(void **state)
{
	static const struct sp_replica_search others[] = {
	    {"dc=example,dc=com", "(uid=*)", attributes},
	    {"dc=example,dc=org", "(mail=*)", attributes},
	    {"dc=example,dc=org", "(uid=*)", fewer},
	};
	struct sp_replica_position position;
	struct berval cookie = write_one(1795521600);

	(void)state;
	for (size_t i = 0; i < COUNT(others); i++)
		assert_false(sp_replica_position_read(&cookie, &others[i], ACCOUNT, &position));
	free(cookie.bv_val);
}

static void no_part_of_a_position_is_one(void **state)
{
	struct sp_replica_position position;
	struct berval whole = write_one(1795521600);

	(void)state;
	for (size_t length = 0; length < whole.bv_len; length++) {
		struct berval cookie = {length, malloc(length + 1)};
		assert_non_null(cookie.bv_val);
		memcpy(cookie.bv_val, whole.bv_val, length);
		assert_false(sp_replica_position_read(&cookie, &search, ACCOUNT, &position));
		assert_int_equal(position.seen.count, 0);
		free(cookie.bv_val);
	}
	free(whole.bv_val);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_latest_of_each_server_is_kept),
	    cmocka_unit_test(what_is_no_csn_is_refused),
	    cmocka_unit_test(only_so_many_servers_are_taken),
	    cmocka_unit_test(a_cookie_of_openldap_is_read),
	    cmocka_unit_test(csns_cover_others_when_none_is_later_or_unknown),
	    cmocka_unit_test(a_position_comes_back_as_it_was),
	    cmocka_unit_test(a_position_of_another_account_is_none),
	    cmocka_unit_test(a_position_of_another_search_is_none),
	    cmocka_unit_test(no_part_of_a_position_is_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
