/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/wire/netstring.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define MOST         12

static struct sp_netstring netstring;
static size_t used;
static const char *why;

/* The text without its NUL. What is found is compared here, as the copy goes. */
static enum sp_netstring_status parse(const char *text, size_t length, const char *want)
{
	char *copy = malloc(length > 0 ? length : 1); /* so that a sanitizer sees a step too far */

	assert_non_null(copy);
	memcpy(copy, text, length);
	enum sp_netstring_status status =
	    sp_netstring_parse(copy, length, MOST, &netstring, &used, &why);
	if (status == SP_NETSTRING_COMPLETE) {
		assert_int_equal(netstring.length, strlen(want));
		assert_memory_equal(netstring.bytes, want, netstring.length);
	}
	free(copy);
	return status;
}

static void a_netstring_is_read_and_what_follows_is_left(void **state)
{
	(void)state;
	assert_int_equal(parse("5:hello,", 8, "hello"), SP_NETSTRING_COMPLETE);
	assert_int_equal(used, 8);
	assert_int_equal(parse("5:hello,3:abc,", 14, "hello"), SP_NETSTRING_COMPLETE);
	assert_int_equal(used, 8);
	assert_int_equal(parse("0:,", 3, ""), SP_NETSTRING_COMPLETE);
	assert_int_equal(used, 3);
	assert_int_equal(parse("12:a:b,c:d,e:f,,", 16, "a:b,c:d,e:f,"), SP_NETSTRING_COMPLETE);
	assert_int_equal(used, 16);
}

static void every_part_of_it_is_partial(void **state)
{
	static const char whole[] = "12:hello world!,";

	(void)state;
	for (size_t length = 0; length < strlen(whole); length++)
		assert_int_equal(parse(whole, length, ""), SP_NETSTRING_PARTIAL);
	assert_int_equal(parse(whole, strlen(whole), "hello world!"), SP_NETSTRING_COMPLETE);
}

static const char *const bad[] = {
    ":",
    ",",
    "x",
    " 5:hello,",
    "5 :hello,",
    "5;hello,",
    "-1:",
    "+5:hello,",
    "05:hello,",
    "00:,",
    "0x5:hello,",
    "5:hello ",
    "5:hello!,",
    "0:x",
    "13", /* over the limit, told before the rest has come */
    "13:",
    "99999999999999999999999999",
    "18446744073709551617:x,",
};

static void what_is_none_is_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		why = NULL;
		if (parse(bad[i], strlen(bad[i]), "") != SP_NETSTRING_BAD || why == NULL)
			fail_msg("%s", bad[i]);
	}
	assert_int_equal(parse("1\0:x,", 5, ""), SP_NETSTRING_BAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_netstring_is_read_and_what_follows_is_left),
	    cmocka_unit_test(every_part_of_it_is_partial),
	    cmocka_unit_test(what_is_none_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
