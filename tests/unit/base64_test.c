/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/base64.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define BYTES(text)  .bytes = (text), .length = sizeof(text) - 1
#define PADDED       SP_BASE64_PADDED
#define UNPADDED     SP_BASE64_UNPADDED

/* RFC 4648, section 10, and a few that use the last symbols. */
static const struct {
	const char *bytes;
	size_t length;
	const char *padded;
	const char *unpadded;
} known[] = {
    {BYTES(""), "", ""},
    {BYTES("f"), "Zg==", "Zg"},
    {BYTES("fo"), "Zm8=", "Zm8"},
    {BYTES("foo"), "Zm9v", "Zm9v"},
    {BYTES("foob"), "Zm9vYg==", "Zm9vYg"},
    {BYTES("fooba"), "Zm9vYmE=", "Zm9vYmE"},
    {BYTES("foobar"), "Zm9vYmFy", "Zm9vYmFy"},
    {BYTES("\0"), "AA==", "AA"},
    {BYTES("\xff\xff\xff"), "////", "////"},
    {BYTES("\xfb\xef\xbe"), "++++", "++++"},
};

static void known_answers_hold_both_ways(void **state)
{
	char text[32];
	char bytes[16];
	size_t length;

	(void)state;
	for (size_t i = 0; i < COUNT(known); i++) {
		assert_true(
		    sp_base64_encode(known[i].bytes, known[i].length, PADDED, text, sizeof(text)));
		assert_string_equal(text, known[i].padded);
		assert_true(
		    sp_base64_decode(text, strlen(text), PADDED, bytes, sizeof(bytes), &length));
		assert_int_equal(length, known[i].length);
		assert_memory_equal(bytes, known[i].bytes, length);

		assert_true(sp_base64_encode(
		    known[i].bytes, known[i].length, UNPADDED, text, sizeof(text)));
		assert_string_equal(text, known[i].unpadded);
		assert_true(
		    sp_base64_decode(text, strlen(text), UNPADDED, bytes, sizeof(bytes), &length));
		assert_int_equal(length, known[i].length);
		assert_memory_equal(bytes, known[i].bytes, length);
	}
}

static const struct {
	const char *name;
	const char *bytes;
	size_t length;
	enum sp_base64_padding padding;
} refused[] = {
    {"no padding where it must be", BYTES("Zg"), PADDED},
    {"too little padding", BYTES("Zg="), PADDED},
    {"too much padding", BYTES("Zg==="), PADDED},
    {"three pads", BYTES("Z==="), PADDED},
    {"pads alone", BYTES("===="), PADDED},
    {"a pad within", BYTES("Z=g="), PADDED},
    {"padding, and more behind", BYTES("Zg==Zg=="), PADDED},
    {"padding where none may be", BYTES("Zg=="), UNPADDED},
    {"one symbol", BYTES("Z"), UNPADDED},
    {"five symbols", BYTES("Zm9vY"), UNPADDED},
    {"stray bits behind one byte", BYTES("Zh=="), PADDED},
    {"the highest stray bit", BYTES("Zo=="), PADDED},
    {"stray bits behind two bytes", BYTES("Zm9="), PADDED},
    {"stray bits, unpadded", BYTES("Zh"), UNPADDED},
    {"a space before", BYTES(" Zm9"), PADDED},
    {"a space within", BYTES("Zm 9"), PADDED},
    {"LF behind", BYTES("Zm9v\n"), PADDED},
    {"LF as the last", BYTES("Zm9\n"), PADDED},
    {"the alphabet for URLs", BYTES("-_-_"), PADDED},
    {"NUL", BYTES("Zm\0v"), PADDED},
    {"a byte over 0x7f", BYTES("Zm\xffv"), PADDED},
};

static void what_no_encoder_writes_is_refused_and_wiped(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		char bytes[16];
		size_t length = 99;

		print_message("  %s\n", refused[i].name);
		memset(bytes, 'x', sizeof(bytes));
		assert_false(sp_base64_decode(refused[i].bytes, refused[i].length,
		    refused[i].padding, bytes, sizeof(bytes), &length));
		assert_int_equal(length, 0);
		for (size_t at = 0; at < sizeof(bytes); at++)
			assert_int_equal(bytes[at], 0);
	}
}

static void only_the_64_symbols_are_read(void **state)
{
	static const char alphabet[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	(void)state;
	for (int byte = 0; byte < 256; byte++) {
		char text[] = {'A', 'A', 'A', (char)byte};
		char bytes[3];
		size_t length;
		bool symbol = byte != 0 && strchr(alphabet, byte) != NULL;

		assert_int_equal(
		    sp_base64_decode(text, 4, UNPADDED, bytes, sizeof(bytes), &length), symbol);
	}
}

static void what_was_encoded_decodes_to_the_same(void **state)
{
	unsigned char bytes[256], again[256];
	char text[SP_BASE64_SIZE(sizeof(bytes))];
	size_t length;

	(void)state;
	srandom(1);
	for (size_t count = 0; count <= sizeof(bytes); count++) {
		for (size_t i = 0; i < count; i++)
			bytes[i] = (unsigned char)random();
		for (int padding = PADDED; padding <= UNPADDED; padding++) {
			enum sp_base64_padding form = (enum sp_base64_padding)padding;
			assert_true(sp_base64_encode(bytes, count, form, text, sizeof(text)));
			assert_true(sp_base64_decode(
			    text, strlen(text), form, again, sizeof(again), &length));
			assert_int_equal(length, count);
			assert_memory_equal(again, bytes, count);
		}
	}
}

static void an_encoding_that_does_not_fit_leaves_an_empty_text(void **state)
{
	char text[9];

	(void)state;
	assert_true(sp_base64_encode("foobar", 6, PADDED, text, 9));
	for (size_t size = 1; size < 9; size++) {
		memset(text, 'x', sizeof(text));
		assert_false(sp_base64_encode("foobar", 6, PADDED, text, size));
		assert_string_equal(text, "");
		assert_int_equal(text[size], 'x');
	}
	assert_false(sp_base64_encode("foobar", 6, PADDED, NULL, 0));
}

static void bytes_that_do_not_fit_are_refused_and_wiped(void **state)
{
	char bytes[6];
	size_t length;

	(void)state;
	assert_true(sp_base64_decode("Zm9vYmFy", 8, PADDED, bytes, 6, &length));
	for (size_t size = 0; size < 6; size++) {
		memset(bytes, 'x', sizeof(bytes));
		assert_false(sp_base64_decode("Zm9vYmFy", 8, PADDED, bytes, size, &length));
		assert_int_equal(length, 0);
		for (size_t at = 0; at < sizeof(bytes); at++)
			assert_int_equal(bytes[at], at < size ? 0 : 'x');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(known_answers_hold_both_ways),
	    cmocka_unit_test(what_no_encoder_writes_is_refused_and_wiped),
	    cmocka_unit_test(only_the_64_symbols_are_read),
	    cmocka_unit_test(what_was_encoded_decodes_to_the_same),
	    cmocka_unit_test(an_encoding_that_does_not_fit_leaves_an_empty_text),
	    cmocka_unit_test(bytes_that_do_not_fit_are_refused_and_wiped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
