/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/log_reader.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ROUNDS       20000

static char written[SP_LOG_LINE_MAX + 1];

static void take_line(enum sp_log_level level, const char *line, void *context)
{
	(void)level;
	(void)context;
	memcpy(written, line, strlen(line) + 1);
}

static int take_all(void **state)
{
	(void)state;
	sp_log_set_sink(take_line, NULL, SP_LOG_DEBUG);
	return 0;
}

/* The next pair must be that one. */
static void assert_pair(const char **at, const char *key, const char *value, size_t length)
{
	struct sp_log_pair pair;

	if (!sp_log_read_pair(at, &pair))
		fail_msg("%s is not read from: %s", key, written);
	assert_string_equal(pair.key, key);
	assert_int_equal(pair.length, length);
	assert_memory_equal(pair.value, value, length);
}

static void assert_end(const char *at)
{
	struct sp_log_pair pair;

	assert_string_equal(at, "");
	assert_false(sp_log_read_pair(&at, &pair));
}

/* Login, label and sender as they stand in a line, whatever they are. */
static void assert_line_reads_back(const char *values[3], const size_t lengths[3])
{
	static const char *const keys[3] = {"login", "label", "sender"};
	struct sp_log_line line;

	sp_log_begin(&line, SP_LOG_INFO, "auth");
	for (size_t i = 0; i < 3; i++)
		sp_log_text_n(&line, keys[i], values[i], lengths[i]);
	sp_log_end(&line);
	assert_null(strchr(written, '\n'));
	const char *at = sp_log_find_event(written, "sendpassd");
	assert_non_null(at);
	assert_pair(&at, "event", "auth", 4);
	for (size_t i = 0; i < 3; i++)
		assert_pair(&at, keys[i], values[i], lengths[i]);
	assert_end(at);
}

static void whatever_is_written_is_read_back(void **state)
{
	static const char alphabet[] = "\0\n\r\t \"\\=x0aevent\x7f\x80\xc3\xa4\xff.:[]";
	char bytes[3][SP_LOG_TEXT_MAX];
	const char *values[3] = {bytes[0], bytes[1], bytes[2]};
	size_t lengths[3];

	(void)state;
	srand(7);
	for (int round = 0; round < ROUNDS; round++) {
		for (size_t i = 0; i < 3; i++) {
			lengths[i] = (size_t)rand() % (SP_LOG_TEXT_MAX + 1);
			for (size_t j = 0; j < lengths[i]; j++)
				bytes[i][j] =
				    round % 2 == 0
					? (char)rand()
					: alphabet[(size_t)rand() % (sizeof(alphabet) - 1)];
		}
		assert_line_reads_back(values, lengths);
	}
}

static const struct {
	const char *line;
	const char *event; /* NULL: nothing of ours */
} places[] = {
    {"event=auth result=granted", "event=auth result=granted"},
    {"info: event=auth", "event=auth"},
    {"warning: event=directory_down", "event=directory_down"},
    {"Nov 24 09:22:40 mail sendpassd[123]: event=auth", "event=auth"},
    {"2026-11-24T09:22:40+00:00 mail sendpassd[1]: info: event=auth", "event=auth"},
    {"Nov 24 09:22:40 mail sendpassd: event=auth", "event=auth"},
    {"sendpassd[9]: event=auth", "event=auth"},
    {"", NULL},
    {"event", NULL},
    {"fatal: event=auth", NULL},
    {"Nov 24 09:22:40 mail postfix/smtpd[1]: event=auth", NULL},
    {"Nov 24 09:22:40 mail xsendpassd[1]: event=auth", NULL},
    {"Nov 24 09:22:40 mail sendpassd[x]: event=auth", NULL},
    {"Nov 24 09:22:40 mail sendpassd[1] event=auth", NULL},
    {"Nov 24 09:22:40 mail postfix/smtpd[1]: a1: sasl_username=x sendpassd[1]: event=auth", NULL},
    {"Nov 24 09:22:40 mail sendpassd[1]: started event=auth", NULL},
};

static void only_lines_of_ours_are_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(places); i++) {
		const char *found = sp_log_find_event(places[i].line, "sendpassd");
		if ((found == NULL) != (places[i].event == NULL) ||
		    (found != NULL && strcmp(found, places[i].event) != 0))
			fail_msg("%s", places[i].line);
	}
}

static const char *const broken[] = {
    "",
    "event",
    "=auth",
    "Event=auth",
    "event =auth",
    "event=",
    "event=a\"b\"",
    "event=a=b",
    "event=\"auth",
    "event=\"auth\"x=1",
    "event=\"a\\n\"",
    "event=\"a\\x0\"",
    "event=\"a\\xG0\"",
    "event=\"a\\",
    "a_key_of_more_than_thirty_two_bytes=1",
};

static void what_is_not_as_it_was_written_is_not_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(broken); i++) {
		const char *at = broken[i];
		struct sp_log_pair pair;
		if (sp_log_read_pair(&at, &pair))
			fail_msg("%s", broken[i]);
	}
}

static void a_value_that_is_too_long_is_not_read(void **state)
{
	static char line[2 * SP_LOG_LINE_MAX];
	struct sp_log_pair pair;

	(void)state;
	for (int quoted = 0; quoted < 2; quoted++) {
		memset(line, 'a', sizeof(line) - 1);
		memcpy(line, quoted ? "value=\"" : "value=a", 7);
		line[sizeof(line) - 2] = quoted ? '"' : 'a';
		const char *at = line;
		assert_false(sp_log_read_pair(&at, &pair));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(whatever_is_written_is_read_back),
	    cmocka_unit_test(only_lines_of_ours_are_found),
	    cmocka_unit_test(what_is_not_as_it_was_written_is_not_read),
	    cmocka_unit_test(a_value_that_is_too_long_is_not_read),
	};

	return cmocka_run_group_tests(tests, take_all, NULL);
}
