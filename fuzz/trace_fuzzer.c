/* SPDX-License-Identifier: BSD-2-Clause */
/* Logs for `sendpass trace` and `sendpass watch`: each line is read once, what a client put into
 * another program's line is no event of ours, and the search ends. Input: what is sought, and
 * from the next line on the log. */
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz/fuzz.h"
#include "lib/directory/credential.h"
#include "tool/log_input.h"
#include "tool/mail_log.h"
#include "tool/trace_search.h"
#include "tool/verb.h"

#define PASSES_MAX (SP_SEARCH_HOPS_MAX + 4)

static const time_t now = 1795523400;

/* main.c's, which no test links; nothing here shows help */
void sp_verb_help(const struct sp_verb *verb)
{
	(void)verb;
}

static struct sp_log_input *open_log(const char *log, size_t size)
{
	char path[32];
	int fd = memfd_create("log", MFD_CLOEXEC);

	FUZZ_PROMISE(fd >= 0 && write(fd, log, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	struct sp_log_input *input = sp_log_input_open(path);
	close(fd);
	FUZZ_PROMISE(input != NULL);
	return input;
}

/* The next line that is to be read; NULL for none. */
static const char *next_line(const char **at, const char *end, size_t *length_r)
{
	while (*at < end) {
		const char *line = *at, *lf = memchr(line, '\n', (size_t)(end - line));
		*length_r = (size_t)((lf != NULL ? lf : end) - line);
		*at = line + *length_r + (lf != NULL);
		if (*length_r <= SP_MAIL_LINE_MAX && memchr(line, '\0', *length_r) == NULL)
			return line;
	}
	return NULL;
}

static void hold_event(const struct sp_logged *logged)
{
	static struct sp_log_event event;
	const char *text = sp_logged_event(logged);

	if (text == NULL)
		return;
	FUZZ_PROMISE(logged->program[0] == '\0' || strncmp(logged->program, "sendpass", 8) == 0);
	FUZZ_PROMISE(text >= logged->message && text <= logged->message + 16);
	FUZZ_PROMISE(strncmp(text, "event=", 6) == 0);
	if (!sp_log_event_read(text, &event))
		return;
	FUZZ_PROMISE(event.count >= 1 && event.count <= SP_EVENT_PAIRS_MAX);
	for (size_t i = 0; i < event.count; i++) {
		FUZZ_PROMISE(event.pairs[i].key[0] != '\0');
		FUZZ_PROMISE(strlen(event.pairs[i].written) + strlen(event.pairs[i].value) <
			     sizeof(event.text));
	}
}

static void hold_mail(const struct sp_logged *logged)
{
	char id[SP_QUEUE_ID_MAX + 1];
	struct sp_mail_submission submission;

	if (sp_mail_log_queue_id(logged, id)) {
		FUZZ_PROMISE(sp_queue_id_is_fit(id));
		FUZZ_PROMISE(strstr(logged->message, id) != NULL);
	}
	if (sp_mail_log_submission(logged, &submission)) {
		FUZZ_PROMISE(strspn(submission.port, "0123456789") == strlen(submission.port));
		FUZZ_PROMISE(strlen(submission.login) <= SP_LOGIN_MAX);
		FUZZ_PROMISE(strstr(logged->message, submission.login) != NULL);
	}
}

static bool look(struct sp_search *search, const char *line)
{
	struct sp_logged logged;

	if (!sp_log_line_read(line, now, &logged))
		return true;
	FUZZ_PROMISE(logged.message >= line && logged.message <= line + strlen(line));
	FUZZ_PROMISE(logged.time == SP_NO_TIME || logged.program[0] != '\0' || logged.exim);
	hold_event(&logged);
	hold_mail(&logged);
	return sp_search_look(search, &logged);
}

/* False when the search gives up. */
static bool pass(struct sp_search *search, struct sp_log_input *input, const char *log, size_t size)
{
	const char *at = log, *wanted, *line;
	size_t length;

	FUZZ_PROMISE(sp_log_input_rewind(input));
	while ((wanted = next_line(&at, log + size, &length)) != NULL) {
		FUZZ_PROMISE(sp_log_input_next(input, false, &line) == SP_LOG_READ_LINE);
		FUZZ_PROMISE(strlen(line) == length && memcmp(line, wanted, length) == 0);
		if (!look(search, line))
			return false;
	}
	FUZZ_PROMISE(sp_log_input_next(input, false, &line) == SP_LOG_READ_END);
	return true;
}

static void hold_found(const struct sp_search *search)
{
	size_t count = 0;
	const struct sp_trace *found = sp_search_found(search, &count);

	FUZZ_PROMISE(count <= SP_TRACE_MAX);
	for (size_t i = 0; i < count; i++)
		FUZZ_PROMISE(found[i].events != 0 && found[i].by <= SP_TRACE_BY_LOGIN);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *what = fuzz_text(data, size);
	size_t first = strcspn(what, "\n"), begin = first < size ? first + 1 : size;
	const char *log = (const char *)data + begin;
	int passes = 0;

	what[first] = '\0';
	struct sp_search *search = sp_search_new(what);
	if (search != NULL) {
		struct sp_log_input *input = open_log(log, size - begin);
		while (pass(search, input, log, size - begin) && sp_search_again(search))
			FUZZ_PROMISE(++passes < PASSES_MAX);
		hold_found(search);
		sp_log_input_close(&input);
	}
	sp_search_free(&search);
	free(what);
	return 0;
}
