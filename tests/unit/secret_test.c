/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/base/secret.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define BYTES(text)  .bytes = (text), .length = sizeof(text) - 1

static void assert_empty(const struct sp_secret *secret)
{
	static const struct sp_secret empty;

	assert_memory_equal(secret, &empty, sizeof(empty));
}

static void what_is_set_is_kept_and_ends_in_nul(void **state)
{
	struct sp_secret secret = {0};

	(void)state;
	assert_true(sp_secret_set(&secret, "a longer one", 12));
	assert_true(sp_secret_set(&secret, "short\xff", 6));
	assert_int_equal(secret.length, 6);
	assert_memory_equal(secret.bytes, "short\xff", 7);
	/* nothing of the one before is left behind it */
	for (size_t i = 6; i < sizeof(secret.bytes); i++)
		assert_int_equal(secret.bytes[i], 0);
}

static void too_much_is_refused_never_cut(void **state)
{
	char bytes[SP_SECRET_MAX + 1];
	struct sp_secret secret = {0};

	(void)state;
	memset(bytes, 'x', sizeof(bytes));
	assert_true(sp_secret_set(&secret, bytes, SP_SECRET_MAX));
	assert_int_equal(secret.length, SP_SECRET_MAX);
	assert_int_equal(secret.bytes[SP_SECRET_MAX], 0);
	assert_false(sp_secret_set(&secret, bytes, SP_SECRET_MAX + 1));
	assert_empty(&secret);
}

static void a_nul_is_refused_wherever_it_is(void **state)
{
	struct sp_secret secret = {0};

	(void)state;
	for (size_t at = 0; at < 4; at++) {
		char bytes[] = {'a', 'b', 'c', 'd'};
		bytes[at] = '\0';
		assert_true(sp_secret_set(&secret, "stale", 5));
		assert_false(sp_secret_set(&secret, bytes, sizeof(bytes)));
		assert_empty(&secret);
	}
}

static void a_wiped_secret_is_all_zero(void **state)
{
	struct sp_secret secret;

	(void)state;
	memset(&secret, 'x', sizeof(secret));
	sp_secret_wipe(&secret);
	assert_empty(&secret);
}

/* The reading end of a pipe that holds just those bytes. */
static int pipe_of(const char *bytes, size_t length)
{
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], bytes, length), length);
	close(ends[1]);
	return ends[0];
}

static const struct {
	const char *name;
	const char *bytes;
	size_t length;
	const char *line; /* NULL: refused */
} lines[] = {
    {"a line", BYTES("secret\n"), "secret"},
    {"a line with CR", BYTES("secret\r\n"), "secret"},
    {"CR within", BYTES("se\rcret\n"), "se\rcret"},
    {"two CR", BYTES("secret\r\r\n"), "secret\r"},
    {"no LF at the end", BYTES("secret"), "secret"},
    {"an empty line", BYTES("\n"), ""},
    {"an empty line with CR", BYTES("\r\n"), ""},
    {"spaces stay", BYTES("  a b \n"), "  a b "},
    {"two lines", BYTES("first\nsecond\n"), "first"},
    {"nothing", BYTES(""), NULL},
    {"NUL first", BYTES("\0secret\n"), NULL},
    {"NUL within", BYTES("sec\0ret\n"), NULL},
    {"NUL last", BYTES("secret\0\n"), NULL},
};

static void one_line_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		struct sp_secret secret;
		int fd = pipe_of(lines[i].bytes, lines[i].length);

		print_message("  %s\n", lines[i].name);
		memset(&secret, 'x', sizeof(secret));
		assert_int_equal(sp_secret_read_line(&secret, fd), lines[i].line != NULL);
		if (lines[i].line != NULL) {
			assert_string_equal(secret.bytes, lines[i].line);
			assert_int_equal(secret.length, strlen(lines[i].line));
		} else {
			assert_empty(&secret);
		}
		close(fd);
	}
}

static void nothing_behind_the_line_is_taken(void **state)
{
	struct sp_secret secret;
	char rest[8];
	int fd = pipe_of("first\nnext", 10);

	(void)state;
	assert_true(sp_secret_read_line(&secret, fd));
	assert_int_equal(read(fd, rest, sizeof(rest)), 4);
	assert_memory_equal(rest, "next", 4);
	close(fd);
}

static void a_line_at_the_limit_is_read_and_a_longer_one_refused(void **state)
{
	char bytes[SP_SECRET_MAX + 2];
	struct sp_secret secret;

	(void)state;
	memset(bytes, 'x', sizeof(bytes));
	bytes[SP_SECRET_MAX] = '\n';
	int fd = pipe_of(bytes, SP_SECRET_MAX + 1);
	assert_true(sp_secret_read_line(&secret, fd));
	assert_int_equal(secret.length, SP_SECRET_MAX);
	close(fd);

	bytes[SP_SECRET_MAX] = 'x';
	bytes[SP_SECRET_MAX + 1] = '\n';
	fd = pipe_of(bytes, SP_SECRET_MAX + 2);
	assert_false(sp_secret_read_line(&secret, fd));
	assert_empty(&secret);
	close(fd);
}

static void a_read_error_is_no_line(void **state)
{
	struct sp_secret secret;

	(void)state;
	memset(&secret, 'x', sizeof(secret));
	assert_false(sp_secret_read_line(&secret, -1));
	assert_empty(&secret);
}

static void bytes_are_equal_only_if_all_are(void **state)
{
	unsigned char a[32], b[32];

	(void)state;
	memset(a, 0x5a, sizeof(a));
	for (size_t at = 0; at < sizeof(a); at++) {
		for (int bit = 0; bit < 8; bit++) {
			memcpy(b, a, sizeof(a));
			assert_true(sp_bytes_equal(a, b, sizeof(a)));
			b[at] = (unsigned char)(b[at] ^ 1 << bit);
			assert_false(sp_bytes_equal(a, b, sizeof(a)));
			assert_true(sp_bytes_equal(a, b, at));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_set_is_kept_and_ends_in_nul),
	    cmocka_unit_test(too_much_is_refused_never_cut),
	    cmocka_unit_test(a_nul_is_refused_wherever_it_is),
	    cmocka_unit_test(a_wiped_secret_is_all_zero),
	    cmocka_unit_test(one_line_is_read),
	    cmocka_unit_test(nothing_behind_the_line_is_taken),
	    cmocka_unit_test(a_line_at_the_limit_is_read_and_a_longer_one_refused),
	    cmocka_unit_test(a_read_error_is_no_line),
	    cmocka_unit_test(bytes_are_equal_only_if_all_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
