/* SPDX-License-Identifier: BSD-2-Clause */
/* The examples of docs/log.md are lines as log.h writes them, and they show every event and
 * key that it lists. manual_test.sh holds what it lists against the code. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/log_reader.h"

#define WORDS_MAX 32

/* Words of one line of the document, and whether an example showed them. */
struct words {
	char text[WORDS_MAX][SP_LOG_KEY_MAX + 1];
	bool shown[WORDS_MAX];
	size_t count;
};

static struct words events, keys; /* of the section that is read; none outside of one */
static size_t sections, examples;
static char written[SP_LOG_LINE_MAX + 1];

static void take_line(enum sp_log_level level, const char *line, void *context)
{
	(void)level;
	(void)context;
	memcpy(written, line, strlen(line) + 1);
}

static void add_word(struct words *words, const char *text, size_t length)
{
	assert_in_range(length, 1, SP_LOG_KEY_MAX);
	assert_true(words->count < WORDS_MAX);
	memcpy(words->text[words->count], text, length);
	words->text[words->count][length] = '\0';
	words->shown[words->count++] = false;
}

/* The word's place at `from` or behind it, marked as shown. */
static size_t show_word(struct words *words, size_t from, const char *text)
{
	for (size_t i = from; i < words->count; i++) {
		if (strcmp(words->text[i], text) == 0) {
			words->shown[i] = true;
			return i;
		}
	}
	fail_msg("%s is not listed here in the section of %s", text, words->text[0]);
	return 0;
}

static void assert_all_shown(const struct words *words)
{
	for (size_t i = 0; i < words->count; i++) {
		if (!words->shown[i])
			fail_msg("no example shows %s of %s", words->text[i], events.text[0]);
	}
}

static void end_section(void)
{
	assert_all_shown(&events);
	assert_all_shown(&keys);
	sections += events.count > 0;
	events.count = keys.count = 0;
}

/* "a, b, c" */
static void take_heading(const char *names)
{
	while (*names != '\0') {
		size_t length = strcspn(names, ", ");
		add_word(&events, names, length);
		names += length + strspn(names + length, ", ");
	}
}

/* Each word in backquotes, or the first alone. */
static void take_keys(const char *line, bool all)
{
	const char *begin;

	while ((begin = strchr(line, '`')) != NULL) {
		const char *end = strchr(begin + 1, '`');
		assert_non_null(end);
		add_word(&keys, begin + 1, (size_t)(end - begin - 1));
		line = end + 1;
		if (!all)
			return;
	}
}

static void take_example(const char *line)
{
	const char *at = sp_log_find_event(line, "sendpassd");
	struct sp_log_line again;
	struct sp_log_pair pair;
	size_t key = 0;

	assert_non_null(at);
	while (*at != '\0') {
		if (!sp_log_read_pair(&at, &pair))
			fail_msg("cannot be read from %s on: %s", at, line);
		bool first = strcmp(pair.key, "event") == 0;
		if (first)
			sp_log_begin(&again, SP_LOG_INFO, pair.value);
		else
			sp_log_text_n(&again, pair.key, pair.value, pair.length);
		if (events.count == 0)
			continue;
		if (first)
			show_word(&events, 0, pair.value);
		key = show_word(&keys, key, pair.key) + 1;
	}
	sp_log_end(&again);
	assert_string_equal(written, line);
	examples++;
}

static void take_document_line(const char *line)
{
	if (strncmp(line, "## ", 3) == 0)
		end_section();
	else if (strncmp(line, "### ", 4) == 0) {
		end_section();
		take_heading(line + 4);
	} else if (strncmp(line, "    event=", 10) == 0)
		take_example(line + 4);
	else if (events.count > 0 && strncmp(line, "Keys: ", 6) == 0)
		take_keys(line, true);
	else if (events.count > 0 && strncmp(line, "| `", 3) == 0)
		take_keys(line, false);
}

static void examples_are_lines_of_ours_and_show_all_events_and_keys(void **state)
{
	char line[SP_LOG_LINE_MAX];

	(void)state;
	FILE *document = fopen(SP_SRCDIR "/docs/log.md", "re");
	assert_non_null(document);
	sp_log_set_sink(take_line, NULL, SP_LOG_DEBUG);
	while (fgets(line, sizeof(line), document) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		take_document_line(line);
	}
	fclose(document);
	end_section();
	assert_true(sections > 10);
	assert_true(examples > sections);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(examples_are_lines_of_ours_and_show_all_events_and_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
