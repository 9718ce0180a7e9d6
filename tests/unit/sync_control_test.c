/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/directory/sync_control.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A UUID, and another, each with its tag and length. */
#define UUID                                                                                       \
	"\x04\x10"                                                                                 \
	"0123456789abcdef"
#define OTHER                                                                                      \
	"\x04\x10"                                                                                 \
	"ABCDEFGHIJKLMNOP"

struct bytes {
	const char *name;
	const char *bytes;
	size_t length;
};
#define BYTES(name, text)                                                                          \
	{                                                                                          \
		name, text, sizeof(text) - 1                                                       \
	}

/* An exact copy, so that a sanitizer or valgrind sees a step too far. */
static struct berval copy_of(const char *bytes, size_t length)
{
	struct berval copy = {length, malloc(length > 0 ? length : 1)};

	assert_non_null(copy.bv_val);
	memcpy(copy.bv_val, bytes, length);
	return copy;
}

static void assert_cookie(const struct berval *cookie, const char *want)
{
	if (want == NULL) {
		assert_null(cookie->bv_val);
		return;
	}
	assert_non_null(cookie->bv_val);
	assert_int_equal(cookie->bv_len, strlen(want));
	assert_memory_equal(cookie->bv_val, want, strlen(want));
}

static void a_request_is_encoded_as_the_rfc_says(void **state)
{
	static const struct {
		const char *cookie;
		const char *want;
		size_t length;
	} cases[] = {
	    {"", "\x30\x03\x0a\x01\x03", 5},
	    {"rid=1", "\x30\x0a\x0a\x01\x03\x04\x05rid=1", 12},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct berval cookie = copy_of(cases[i].cookie, strlen(cases[i].cookie));
		struct berval *value = sp_sync_encode_request(&cookie);
		assert_non_null(value);
		assert_int_equal(value->bv_len, cases[i].length);
		assert_memory_equal(value->bv_val, cases[i].want, cases[i].length);
		ber_bvfree(value);
		free(cookie.bv_val);
	}
}

/* ---- Sync State ---- */

static void an_entry_state_is_read(void **state)
{
	static const struct {
		struct bytes value;
		enum sp_sync_state want;
		const char *cookie;
	} cases[] = {
	    {BYTES("present", "\x30\x15\x0a\x01\x00" UUID), SP_SYNC_PRESENT, NULL},
	    {BYTES("add", "\x30\x15\x0a\x01\x01" UUID), SP_SYNC_ADD, NULL},
	    {BYTES("modify", "\x30\x19\x0a\x01\x02" UUID "\x04\x02"
			     "c1"),
		SP_SYNC_MODIFY, "c1"},
	    {BYTES("delete", "\x30\x19\x0a\x01\x03" UUID "\x04\x02"
			     "c1"),
		SP_SYNC_DELETE, "c1"},
	    {BYTES("an empty cookie", "\x30\x17\x0a\x01\x03" UUID "\x04\x00"), SP_SYNC_DELETE, ""},
	    {BYTES("a long form of the length", "\x30\x81\x15\x0a\x01\x01" UUID), SP_SYNC_ADD,
		NULL},
	};
	struct sp_sync_entry_state found;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct berval value = copy_of(cases[i].value.bytes, cases[i].value.length);
		print_message("%s\n", cases[i].value.name);
		assert_true(sp_sync_decode_state(&value, &found));
		assert_int_equal(found.state, cases[i].want);
		assert_memory_equal(found.uuid, "0123456789abcdef", SP_UUID_SIZE);
		assert_cookie(&found.cookie, cases[i].cookie);
		free(value.bv_val);
	}
}

static const struct bytes bad_states[] = {
    BYTES("nothing", ""),
    BYTES("an empty sequence", "\x30\x00"),
    BYTES("no sequence", "\x31\x15\x0a\x01\x01" UUID),
    BYTES("no UUID", "\x30\x03\x0a\x01\x01"),
    BYTES("no state", "\x30\x12" UUID),
    BYTES("a state of no byte", "\x30\x14\x0a\x00" UUID),
    BYTES("a state of two bytes", "\x30\x16\x0a\x02\x00\x01" UUID),
    BYTES("a state past the last", "\x30\x15\x0a\x01\x04" UUID),
    BYTES("a negative state", "\x30\x15\x0a\x01\xff" UUID),
    BYTES("a state that is an integer", "\x30\x15\x02\x01\x01" UUID),
    BYTES("a UUID of 15 bytes", "\x30\x14\x0a\x01\x01\x04\x0f"
				"0123456789abcde"),
    BYTES("a UUID of 17 bytes", "\x30\x16\x0a\x01\x01\x04\x11"
				"0123456789abcdefg"),
    BYTES("a UUID as text", "\x30\x15\x0a\x01\x01\x0c\x10"
			    "0123456789abcdef"),
    BYTES("something after the sequence", "\x30\x15\x0a\x01\x01" UUID "\x00"),
    BYTES("something after the UUID", "\x30\x18\x0a\x01\x01" UUID "\x01\x01\xff"),
    BYTES("something after the cookie", "\x30\x1b\x0a\x01\x01" UUID "\x04\x02"
					"c1\x04\x00"),
    BYTES("an indefinite length", "\x30\x80\x0a\x01\x01" UUID "\x00\x00"),
    BYTES("a length past the end", "\x30\x16\x0a\x01\x01" UUID),
    BYTES("a length that wraps", "\x30\x88\xff\xff\xff\xff\xff\xff\xff\xff\x0a\x01\x01" UUID),
    BYTES(
	"a length of nine bytes", "\x30\x89\x00\x00\x00\x00\x00\x00\x00\x00\x15\x0a\x01\x01" UUID),
    BYTES("a cookie past the end", "\x30\x17\x0a\x01\x01" UUID "\x04\x02"),
    BYTES("a tag of many bytes", "\x3f\xff\xff\xff\xff\xff\xff\xff\xff\x7f"),
};

static void a_malformed_entry_state_is_refused(void **state)
{
	struct sp_sync_entry_state found;

	(void)state;
	for (size_t i = 0; i < COUNT(bad_states); i++) {
		struct berval value = copy_of(bad_states[i].bytes, bad_states[i].length);
		if (sp_sync_decode_state(&value, &found))
			fail_msg("%s was taken", bad_states[i].name);
		free(value.bv_val);
	}
}

static void only_the_whole_value_is_taken(void **state)
{
	static const char entry[] = "\x30\x19\x0a\x01\x02" UUID "\x04\x02"
				    "c1";
	static const char info[] = "\xa3\x2d\x04\x02"
				   "c1\x01\x01\xff\x31\x24" UUID OTHER;
	struct sp_sync_entry_state entry_state;
	struct sp_sync_info found;

	(void)state;
	for (size_t length = 0; length < sizeof(entry); length++) {
		struct berval value = copy_of(entry, length);
		assert_int_equal(
		    sp_sync_decode_state(&value, &entry_state), length == sizeof(entry) - 1);
		free(value.bv_val);
	}
	for (size_t length = 0; length < sizeof(info); length++) {
		struct berval value = copy_of(info, length);
		assert_int_equal(sp_sync_decode_info(&value, &found), length == sizeof(info) - 1);
		free(value.bv_val);
	}
}

/* ---- Sync Done ---- */

static void a_done_value_is_read(void **state)
{
	static const struct {
		struct bytes value;
		bool refresh_deletes;
		const char *cookie;
	} cases[] = {
	    {BYTES("nothing in it", "\x30\x00"), false, NULL},
	    {BYTES("a cookie", "\x30\x04\x04\x02"
			       "c1"),
		false, "c1"},
	    {BYTES("deletes", "\x30\x03\x01\x01\xff"), true, NULL},
	    {BYTES("both", "\x30\x07\x04\x02"
			   "c1\x01\x01\xff"),
		true, "c1"},
	    {BYTES("the default, said", "\x30\x03\x01\x01\x00"), false, NULL},
	};
	struct sp_sync_done found;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct berval value = copy_of(cases[i].value.bytes, cases[i].value.length);
		print_message("%s\n", cases[i].value.name);
		assert_true(sp_sync_decode_done(&value, &found));
		assert_int_equal(found.refresh_deletes, cases[i].refresh_deletes);
		assert_cookie(&found.cookie, cases[i].cookie);
		free(value.bv_val);
	}
}

static const struct bytes bad_dones[] = {
    BYTES("nothing", ""),
    BYTES("no sequence", "\x04\x02"
			 "c1"),
    BYTES("the wrong order", "\x30\x07\x01\x01\xff\x04\x02"
			     "c1"),
    BYTES("TRUE that is not FF", "\x30\x03\x01\x01\x01"),
    BYTES("a boolean of two bytes", "\x30\x04\x01\x02\xff\xff"),
    BYTES("a boolean of no byte", "\x30\x02\x01\x00"),
    BYTES("two cookies", "\x30\x06\x04\x01"
			 "a\x04\x01"
			 "b"),
    BYTES("something behind", "\x30\x00\x30\x00"),
};

static void a_malformed_done_value_is_refused(void **state)
{
	struct sp_sync_done found;

	(void)state;
	for (size_t i = 0; i < COUNT(bad_dones); i++) {
		struct berval value = copy_of(bad_dones[i].bytes, bad_dones[i].length);
		if (sp_sync_decode_done(&value, &found))
			fail_msg("%s was taken", bad_dones[i].name);
		free(value.bv_val);
	}
}

/* ---- Sync Info ---- */

static void an_info_message_is_read(void **state)
{
	static const struct {
		struct bytes value;
		struct sp_sync_info want;
		const char *cookie;
		size_t uuids;
	} cases[] = {
	    {BYTES("a new cookie", "\x80\x02"
				   "c1"),
		{.kind = SP_SYNC_NEW_COOKIE}, "c1", 0},
	    {BYTES("an empty cookie", "\x80\x00"), {.kind = SP_SYNC_NEW_COOKIE}, "", 0},
	    {BYTES("a delete phase", "\xa1\x00"),
		{.kind = SP_SYNC_REFRESH_DELETE, .refresh_done = true}, NULL, 0},
	    {BYTES("a delete phase that is not the end", "\xa1\x07\x04\x02"
							 "c1\x01\x01\x00"),
		{.kind = SP_SYNC_REFRESH_DELETE}, "c1", 0},
	    {BYTES("a present phase", "\xa2\x04\x04\x02"
				      "c1"),
		{.kind = SP_SYNC_REFRESH_PRESENT, .refresh_done = true}, "c1", 0},
	    {BYTES("a set of what is there", "\xa3\x14\x31\x12" UUID), {.kind = SP_SYNC_ID_SET},
		NULL, 1},
	    {BYTES("a set of what is gone", "\xa3\x2d\x04\x02"
					    "c1\x01\x01\xff\x31\x24" UUID OTHER),
		{.kind = SP_SYNC_ID_SET, .refresh_deletes = true}, "c1", 2},
	    {BYTES("an empty set", "\xa3\x02\x31\x00"), {.kind = SP_SYNC_ID_SET}, NULL, 0},
	};
	struct sp_sync_info found;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct berval value = copy_of(cases[i].value.bytes, cases[i].value.length);
		print_message("%s\n", cases[i].value.name);
		assert_true(sp_sync_decode_info(&value, &found));
		assert_int_equal(found.kind, cases[i].want.kind);
		assert_int_equal(found.refresh_done, cases[i].want.refresh_done);
		assert_int_equal(found.refresh_deletes, cases[i].want.refresh_deletes);
		assert_cookie(&found.cookie, cases[i].cookie);
		for (size_t n = 0; n < cases[i].uuids; n++)
			assert_memory_equal(sp_sync_next_uuid(&found.uuids),
			    n == 0 ? "0123456789abcdef" : "ABCDEFGHIJKLMNOP", SP_UUID_SIZE);
		assert_null(sp_sync_next_uuid(&found.uuids));
		free(value.bv_val);
	}
}

static const struct bytes bad_infos[] = {
    BYTES("nothing", ""),
    BYTES("an unknown choice", "\xa4\x00"),
    BYTES("a universal sequence", "\x30\x00"),
    BYTES("a constructed cookie", "\xa0\x04\x04\x02"
				  "c1"),
    BYTES("something after a cookie", "\x80\x02"
				      "c1\x00"),
    BYTES("something after a phase", "\xa1\x00\x00"),
    BYTES("something in a phase", "\xa1\x03\x02\x01\x01"),
    BYTES("a set without UUIDs", "\xa3\x00"),
    BYTES("a sequence of UUIDs", "\xa3\x14\x30\x12" UUID),
    BYTES("a UUID of 15 bytes", "\xa3\x13\x31\x11\x04\x0f"
				"0123456789abcde"),
    BYTES("a good UUID and a bad one", "\xa3\x18\x31\x16" UUID "\x04\x02"
				       "ab"),
    BYTES("a UUID that is cut", "\xa3\x13\x31\x11\x04\x10"
				"0123456789abcde"),
    BYTES("something after the set", "\xa3\x17\x31\x12" UUID "\x01\x01\xff"),
};

static void a_malformed_info_message_is_refused(void **state)
{
	struct sp_sync_info found;

	(void)state;
	for (size_t i = 0; i < COUNT(bad_infos); i++) {
		struct berval value = copy_of(bad_infos[i].bytes, bad_infos[i].length);
		if (sp_sync_decode_info(&value, &found))
			fail_msg("%s was taken", bad_infos[i].name);
		free(value.bv_val);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_request_is_encoded_as_the_rfc_says),
	    cmocka_unit_test(an_entry_state_is_read),
	    cmocka_unit_test(a_malformed_entry_state_is_refused),
	    cmocka_unit_test(only_the_whole_value_is_taken),
	    cmocka_unit_test(a_done_value_is_read),
	    cmocka_unit_test(a_malformed_done_value_is_refused),
	    cmocka_unit_test(an_info_message_is_read),
	    cmocka_unit_test(a_malformed_info_message_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
