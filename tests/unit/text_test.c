/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/text.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define BYTES(text)  .bytes = (text), .length = sizeof(text) - 1

static const struct {
	const char *name;
	const char *bytes;
	size_t length;
	bool printable;
} texts[] = {
    {"empty", BYTES(""), true},
    {"ASCII", BYTES("2nd floor printer ~!"), true},
    {"two bytes", BYTES("B\xc3\xbcro"), true},
    {"the first of two bytes that is no control", BYTES("\xc2\xa0"), true},
    {"three bytes", BYTES("\xe2\x82\xac"), true},
    {"the first of three bytes", BYTES("\xe0\xa0\x80"), true},
    {"before the surrogates", BYTES("\xed\x9f\xbf"), true},
    {"behind the surrogates", BYTES("\xee\x80\x80"), true},
    {"four bytes", BYTES("\xf0\x9f\x96\xa8"), true},
    {"the first of four bytes", BYTES("\xf0\x90\x80\x80"), true},
    {"the last of all", BYTES("\xf4\x8f\xbf\xbf"), true},
    {"NUL", BYTES("a\0b"), false},
    {"LF", BYTES("a\nb"), false},
    {"TAB", BYTES("a\tb"), false},
    {"ESC", BYTES("\x1b[31m"), false},
    {"0x1f", BYTES("\x1f"), false},
    {"DEL", BYTES("\x7f"), false},
    {"the first C1 control", BYTES("\xc2\x80"), false},
    {"CSI", BYTES("\xc2\x9b"), false},
    {"the last C1 control", BYTES("\xc2\x9f"), false},
    {"a continuation alone", BYTES("\x80"), false},
    {"overlong NUL", BYTES("\xc0\x80"), false},
    {"overlong slash", BYTES("\xc0\xaf"), false},
    {"overlong in two bytes", BYTES("\xc1\xbf"), false},
    {"overlong in three bytes", BYTES("\xe0\x9f\xbf"), false},
    {"overlong in four bytes", BYTES("\xf0\x8f\xbf\xbf"), false},
    {"the first surrogate", BYTES("\xed\xa0\x80"), false},
    {"the last surrogate", BYTES("\xed\xbf\xbf"), false},
    {"beyond U+10FFFF", BYTES("\xf4\x90\x80\x80"), false},
    {"five bytes", BYTES("\xf8\x88\x80\x80\x80"), false},
    {"0xff", BYTES("\xff"), false},
    {"Latin-1", BYTES("B\xfcro"), false},
    {"one of two cut", BYTES("a\xc3"), false},
    {"two of three", BYTES("\xe2\x82"), false},
    {"three of four", BYTES("\xf0\x9f\x96"), false},
    {"no continuation behind one byte", BYTES("\xc3("), false},
    {"no continuation behind two", BYTES("\xe2\x82("), false},
    {"no continuation behind three", BYTES("\xf0\x9f\x96("), false},
};

static void printable_utf8_is_told_from_everything_else(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		print_message("  %s\n", texts[i].name);
		assert_int_equal(
		    sp_text_is_printable_utf8(texts[i].bytes, texts[i].length), texts[i].printable);
	}
}

/* In memory of just that length, so that the sanitizers see a look too far. */
static void nothing_behind_the_length_is_looked_at(void **state)
{
	static const char whole[] = "\xf0\x9f\x96\xa8";

	(void)state;
	for (size_t length = 1; length < strlen(whole); length++) {
		char *bytes = test_malloc(length);
		memcpy(bytes, whole, length);
		assert_false(sp_text_is_printable_utf8(bytes, length));
		test_free(bytes);
	}
}

/* Every code point, encoded here by the book: valid but for controls and surrogates. */
static void every_code_point_is_judged_right(void **state)
{
	(void)state;
	for (uint32_t point = 0; point <= 0x10ffff; point++) {
		unsigned char bytes[4];
		size_t length;

		if (point < 0x80) {
			bytes[0] = (unsigned char)point;
			length = 1;
		} else if (point < 0x800) {
			bytes[0] = (unsigned char)(0xc0 | point >> 6);
			bytes[1] = (unsigned char)(0x80 | (point & 63));
			length = 2;
		} else if (point < 0x10000) {
			bytes[0] = (unsigned char)(0xe0 | point >> 12);
			bytes[1] = (unsigned char)(0x80 | (point >> 6 & 63));
			bytes[2] = (unsigned char)(0x80 | (point & 63));
			length = 3;
		} else {
			bytes[0] = (unsigned char)(0xf0 | point >> 18);
			bytes[1] = (unsigned char)(0x80 | (point >> 12 & 63));
			bytes[2] = (unsigned char)(0x80 | (point >> 6 & 63));
			bytes[3] = (unsigned char)(0x80 | (point & 63));
			length = 4;
		}
		bool control = point < 0x20 || (point >= 0x7f && point < 0xa0);
		bool surrogate = point >= 0xd800 && point <= 0xdfff;
		if (sp_text_is_printable_utf8((const char *)bytes, length) ==
		    (control || surrogate))
			fail_msg("U+%04X", point);
	}
}

static void what_is_added_stands_in_order(void **state)
{
	char buffer[32];
	struct sp_text text;

	(void)state;
	sp_text_init(&text, buffer, sizeof(buffer));
	assert_string_equal(buffer, "");
	sp_text_add(&text, "ab");
	sp_text_add_n(&text, "cdX", 2);
	sp_text_addf(&text, "%d-%s", 12, "e");
	sp_text_add(&text, "");
	assert_string_equal(buffer, "abcd12-e");
	assert_int_equal(text.length, 8);
	assert_false(text.overflow);
}

static void the_last_byte_is_for_nul_and_what_is_too_long_is_left_out(void **state)
{
	char guarded[10];
	struct sp_text text;

	(void)state;
	for (int how = 0; how < 3; how++) {
		memset(guarded, 'G', sizeof(guarded));
		sp_text_init(&text, guarded, 8);
		sp_text_add(&text, "1234");
		if (how == 0)
			sp_text_add(&text, "5678");
		else if (how == 1)
			sp_text_add_n(&text, "5678", 4);
		else
			sp_text_addf(&text, "%s", "5678");
		assert_true(text.overflow);
		assert_string_equal(guarded, "1234");
		assert_int_equal(text.length, 4);

		sp_text_add(&text, "567"); /* what fits still does */
		assert_string_equal(guarded, "1234567");
		assert_true(text.overflow);
		sp_text_addf(&text, "%s", "8");
		assert_string_equal(guarded, "1234567");
		assert_memory_equal(guarded + 8, "GG", 2);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(printable_utf8_is_told_from_everything_else),
	    cmocka_unit_test(nothing_behind_the_length_is_looked_at),
	    cmocka_unit_test(every_code_point_is_judged_right),
	    cmocka_unit_test(what_is_added_stands_in_order),
	    cmocka_unit_test(the_last_byte_is_for_nul_and_what_is_too_long_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
