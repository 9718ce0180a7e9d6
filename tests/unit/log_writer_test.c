/* SPDX-License-Identifier: BSD-2-Clause */
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/log_writer.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/log_reader.h"

#define LINES      30000
#define AT_ONCE_MS 2000

static char directory[] = "/tmp/sendpass-writer-XXXXXX";
static char path[sizeof(directory) + 8], moved[sizeof(directory) + 8];
static struct sp_conf conf;
static struct sp_log_writer *writer;

static int set_up(void **state)
{
	(void)state;
	if (mkdtemp(directory) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/log", directory);
	snprintf(moved, sizeof(moved), "%s/moved", directory);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	unlink(path);
	unlink(moved);
	return rmdir(directory);
}

static void start(char *target, char *file)
{
	char why[SP_CONF_WHY_MAX];

	conf.log_level = (char *)"info";
	conf.log_facility = (char *)"auth";
	conf.log_target = target;
	conf.log_file = file;
	writer = sp_log_writer_open(&conf, "sendpassd", getuid(), why);
	if (writer == NULL)
		fail_msg("%s", why);
	assert_true(sp_log_writer_start(writer, &conf));
}

static void log_lines(long first, long count)
{
	struct sp_log_line line;

	for (long i = first; i < first + count; i++) {
		sp_log_begin(&line, SP_LOG_NOTICE, "try");
		sp_log_number(&line, "number", i);
		sp_log_end(&line);
	}
}

/* The writer's own lines, as the log's observer is shown them. */
static _Atomic size_t seen_dropped, seen_not_opened;

static void observe(const char *line)
{
	unsigned long count;

	if (sscanf(line, "event=log_dropped count=%lu", &count) == 1)
		seen_dropped += count;
	else if (strncmp(line, "event=log_not_opened ", 21) == 0)
		seen_not_opened++;
}

static void watch_log(void)
{
	seen_dropped = seen_not_opened = 0;
	sp_log_set_observer(observe);
}

/* What the lines of `in` tell, each of which must be whole. */
struct told {
	size_t lines, dropped, not_opened;
	long last; /* number */
};

static void take_pair(struct told *told, const struct sp_log_pair *pair)
{
	long number = strtol(pair->value, NULL, 10);

	if (strcmp(pair->key, "number") == 0) {
		assert_true(number > told->last); /* in order */
		told->last = number;
		told->lines++;
	} else if (strcmp(pair->key, "count") == 0) {
		told->dropped += (size_t)number;
	} else if (strcmp(pair->key, "message") == 0) {
		told->not_opened++;
	}
}

/* Reads up to the end, or until `lines` in all are accounted for. */
static struct told read_lines(FILE *in, size_t lines)
{
	char text[SP_LOG_LINE_MAX + 256];
	struct told told = {.last = -1};
	struct sp_log_pair pair;

	while (told.lines + told.dropped < lines && fgets(text, sizeof(text), in) != NULL) {
		text[strcspn(text, "\n")] = '\0';
		const char *at = sp_log_find_event(text, "sendpassd");
		if (at == NULL)
			fail_msg("%s", text);
		while (sp_log_read_pair(&at, &pair))
			take_pair(&told, &pair);
		assert_string_equal(at, "");
	}
	return told;
}

static struct told read_file(const char *name)
{
	FILE *in = fopen(name, "re");

	assert_non_null(in);
	struct told told = read_lines(in, SIZE_MAX);
	fclose(in);
	return told;
}

/* Standard error becomes a pipe, whose other end this is. Returns what it was. */
static int take_stderr(FILE **in_r)
{
	int ends[2], before = dup(STDERR_FILENO);

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	dup2(ends[1], STDERR_FILENO);
	close(ends[1]);
	*in_r = fdopen(ends[0], "r");
	assert_non_null(*in_r);
	return before;
}

static void give_back_stderr(int before, FILE *in)
{
	dup2(before, STDERR_FILENO);
	close(before);
	fclose(in);
}

static void a_reader_who_stops_delays_nobody_and_is_told_what_was_dropped(void **state)
{
	int64_t begin = sp_now_ms();
	FILE *in;

	(void)state;
	int before = take_stderr(&in);
	watch_log();
	start((char *)"stderr", (char *)"");
	log_lines(0, LINES);
	int64_t took = sp_now_ms() - begin;
	struct told told = read_lines(in, LINES);
	give_back_stderr(before, in);
	sp_log_writer_stop(&writer);
	assert_int_equal(seen_dropped, told.dropped);
	assert_true(took < AT_ONCE_MS);
	assert_int_equal(told.lines + told.dropped, LINES);
	assert_true(told.dropped > 0);
	assert_true(told.lines > 1000);
}

/* In a process of its own, as what is left then ends with it alone. */
static void the_end_does_not_wait_for_a_reader_for_ever(void **state)
{
	int64_t begin = sp_now_ms();
	int status;
	FILE *in;

	(void)state;
	int before = take_stderr(&in);
	pid_t child = fork();
	if (child == 0) {
		start((char *)"stderr", (char *)"");
		log_lines(0, LINES);
		sp_log_writer_stop(&writer);
		_exit(writer == NULL ? EXIT_SUCCESS : EXIT_FAILURE);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	int64_t took = sp_now_ms() - begin;
	give_back_stderr(before, in);
	assert_int_equal(status, 0);
	assert_in_range(took, SP_LOG_DRAIN_S * 1000 - 100, SP_LOG_DRAIN_S * 1000 + AT_ONCE_MS);
}

/* A socket that keeps what is written at once apart from what comes next. */
static void lines_go_together_but_no_more_than_a_pipe_takes_as_a_whole(void **state)
{
	int ends[2], before = dup(STDERR_FILENO);
	size_t lines = 0, writes = 0;
	char bytes[2 * PIPE_BUF];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	dup2(ends[1], STDERR_FILENO);
	close(ends[1]);
	start((char *)"stderr", (char *)"");
	log_lines(0, 1000);
	for (; lines < 1000; writes++) {
		ssize_t got = recv(ends[0], bytes, sizeof(bytes), 0);
		assert_in_range(got, 1, PIPE_BUF);
		assert_int_equal(bytes[got - 1], '\n');
		for (ssize_t i = 0; i < got; i++)
			lines += bytes[i] == '\n';
	}
	sp_log_writer_stop(&writer);
	dup2(before, STDERR_FILENO);
	close(before);
	close(ends[0]);
	assert_int_equal(lines, 1000);
	assert_true(writes < 500);
}

static void a_line_that_comes_alone_does_not_wait_for_another(void **state)
{
	FILE *in;

	(void)state;
	int before = take_stderr(&in);
	struct pollfd readable = {.fd = fileno(in), .events = POLLIN};
	start((char *)"stderr", (char *)"");
	for (long i = 0; i < 3; i++) {
		log_lines(i, 1);
		int ready = poll(&readable, 1, AT_ONCE_MS);
		assert_int_equal(ready, 1);
		assert_int_equal(read_lines(in, 1).last, i);
	}
	sp_log_writer_stop(&writer);
	give_back_stderr(before, in);
}

static void the_end_has_all_lines_written(void **state)
{
	(void)state;
	start((char *)"file", path);
	log_lines(0, 1000);
	sp_log_writer_stop(&writer);
	struct told told = read_file(path);
	unlink(path);
	assert_int_equal(told.lines, 1000);
	assert_int_equal(told.dropped, 0);
}

static void a_file_that_was_moved_away_is_made_anew(void **state)
{
	(void)state;
	start((char *)"file", path);
	log_lines(0, 10);
	assert_int_equal(rename(path, moved), 0);
	sp_log_writer_follow(writer, &conf);
	log_lines(10, 10);
	sp_log_writer_stop(&writer);
	struct told old = read_file(moved), new = read_file(path);
	unlink(moved);
	unlink(path);
	assert_int_equal(old.lines + new.lines, 20);
	assert_int_equal(new.last, 19);
}

static void what_cannot_be_opened_is_told_where_the_log_was(void **state)
{
	(void)state;
	watch_log();
	start((char *)"file", path);
	conf.log_file = (char *)"/tmp/no/such/directory/log";
	sp_log_writer_follow(writer, &conf);
	log_lines(0, 10);
	sp_log_writer_stop(&writer);
	struct told told = read_file(path);
	unlink(path);
	assert_int_equal(told.lines, 10);
	assert_int_equal(told.not_opened, 1);
	assert_int_equal(seen_not_opened, 1);
}

static void a_log_that_cannot_be_had_at_the_start_is_an_error(void **state)
{
	char why[SP_CONF_WHY_MAX];

	(void)state;
	conf.log_target = (char *)"file";
	conf.log_file = (char *)"/tmp/no/such/directory/log";
	assert_null(sp_log_writer_open(&conf, "sendpassd", getuid(), why));
	assert_string_equal(
	    why, "[log] file /tmp/no/such/directory/log: No such file or directory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_reader_who_stops_delays_nobody_and_is_told_what_was_dropped),
	    cmocka_unit_test(the_end_does_not_wait_for_a_reader_for_ever),
	    cmocka_unit_test(lines_go_together_but_no_more_than_a_pipe_takes_as_a_whole),
	    cmocka_unit_test(a_line_that_comes_alone_does_not_wait_for_another),
	    cmocka_unit_test(the_end_has_all_lines_written),
	    cmocka_unit_test(a_file_that_was_moved_away_is_made_anew),
	    cmocka_unit_test(what_cannot_be_opened_is_told_where_the_log_was),
	    cmocka_unit_test(a_log_that_cannot_be_had_at_the_start_is_an_error),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
