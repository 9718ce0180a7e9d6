/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/wire/socketmap_request.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct sp_socketmap_request request;
static size_t used;
static const char *why;

static enum sp_netstring_status parse(const char *text)
{
	return sp_socketmap_parse(text, strlen(text), &request, &used, &why);
}

static const struct {
	const char *text, *map, *key;
} good[] = {
    {"17:sender-logins a@b,", "sender-logins", "a@b"},
    {"14:sender-logins ,", "sender-logins", ""},
    {"8:m \"a b\"@,", "m", "\"a b\"@"},
    {"4:m  x,", "m", " x"},
};

static void map_and_key_are_told_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		assert_int_equal(parse(good[i].text), SP_NETSTRING_COMPLETE);
		assert_int_equal(used, strlen(good[i].text));
		assert_int_equal(request.map.length, strlen(good[i].map));
		assert_memory_equal(request.map.bytes, good[i].map, request.map.length);
		assert_int_equal(request.key.length, strlen(good[i].key));
		assert_memory_equal(request.key.bytes, good[i].key, request.key.length);
	}
	assert_int_equal(parse("17:sender-logins a@b"), SP_NETSTRING_PARTIAL);
}

static void what_is_no_request_is_told(void **state)
{
	static const char *const bad[] = {"0:,", "1: ,", "1:m,", "4: m x,", "3:m x;", "get a@b\n"};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		why = NULL;
		if (parse(bad[i]) != SP_NETSTRING_BAD || why == NULL)
			fail_msg("%s", bad[i]);
	}
	assert_int_equal(
	    sp_socketmap_parse("4:m \0x,", 7, &request, &used, &why), SP_NETSTRING_BAD);
}

static void the_longest_request_fits_its_buffer(void **state)
{
	static char text[SP_SOCKETMAP_REQUEST_MAX];
	int begin = snprintf(text, sizeof(text), "%d:m ", SP_SOCKETMAP_PAYLOAD_MAX);
	size_t length = (size_t)begin + SP_SOCKETMAP_PAYLOAD_MAX - 2 + 1;

	(void)state;
	memset(text + begin, 'x', sizeof(text) - (size_t)begin);
	assert_true(length <= sizeof(text));
	text[length - 1] = ',';
	assert_int_equal(
	    sp_socketmap_parse(text, length - 1, &request, &used, &why), SP_NETSTRING_PARTIAL);
	assert_int_equal(
	    sp_socketmap_parse(text, length, &request, &used, &why), SP_NETSTRING_COMPLETE);
	snprintf(text, sizeof(text), "%d", SP_SOCKETMAP_PAYLOAD_MAX + 1);
	assert_int_equal(parse(text), SP_NETSTRING_BAD);
}

static void replies_are_as_postfix_reads_them(void **state)
{
	static char reply[SP_SOCKETMAP_REPLY_MAX], data[SP_SOCKETMAP_DATA_MAX + 2];
	static const struct {
		enum sp_socketmap_word word;
		const char *data, *reply;
	} cases[] = {
	    {SP_SOCKETMAP_OK, "alice,bob", "12:OK alice,bob,"},
	    {SP_SOCKETMAP_NOTFOUND, "", "9:NOTFOUND ,"},
	    {SP_SOCKETMAP_TEMP, "later", "10:TEMP later,"},
	    {SP_SOCKETMAP_PERM, "no", "7:PERM no,"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		size_t length = sp_socketmap_print_reply(cases[i].word, cases[i].data, reply);
		assert_int_equal(length, strlen(cases[i].reply));
		assert_memory_equal(reply, cases[i].reply, length);
	}
	memset(data, 'x', SP_SOCKETMAP_DATA_MAX);
	for (int word = SP_SOCKETMAP_TEMP; word <= SP_SOCKETMAP_OK; word++)
		assert_true(sp_socketmap_print_reply(word, data, reply) > SP_SOCKETMAP_DATA_MAX);
	data[SP_SOCKETMAP_DATA_MAX] = 'x';
	assert_int_equal(sp_socketmap_print_reply(SP_SOCKETMAP_OK, data, reply), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(map_and_key_are_told_apart),
	    cmocka_unit_test(what_is_no_request_is_told),
	    cmocka_unit_test(the_longest_request_fits_its_buffer),
	    cmocka_unit_test(replies_are_as_postfix_reads_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
