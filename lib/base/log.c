/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/base/log.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "lib/base/text.h"

static struct {
	_Atomic(sp_log_sink *) sink;
	_Atomic(void *) context;
	_Atomic enum sp_log_level lowest;
	_Atomic(sp_log_observer *) observer;
} process_log;

static const struct {
	const char *name;
	int priority;
} levels[] = {
    [SP_LOG_ERROR] = {"error", LOG_ERR},
    [SP_LOG_WARNING] = {"warning", LOG_WARNING},
    [SP_LOG_NOTICE] = {"notice", LOG_NOTICE},
    [SP_LOG_INFO] = {"info", LOG_INFO},
    [SP_LOG_DEBUG] = {"debug", LOG_DEBUG},
};

const char *sp_log_level_name(enum sp_log_level level)
{
	return levels[level].name;
}

int sp_log_priority(enum sp_log_level level)
{
	return levels[level].priority;
}

bool sp_log_level_parse(const char *name, enum sp_log_level *level_r)
{
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		if (strcmp(name, levels[i].name) == 0) {
			*level_r = (enum sp_log_level)i;
			return true;
		}
	}
	return false;
}

void sp_log_set_sink(sp_log_sink *sink, void *context, enum sp_log_level lowest)
{
	process_log.sink = sink;
	process_log.context = context;
	process_log.lowest = lowest;
}

void sp_log_set_observer(sp_log_observer *observer)
{
	process_log.observer = observer;
}

void sp_log_to_stderr(enum sp_log_level level, const char *line, void *context)
{
	char text[SP_LOG_LINE_MAX + 16];

	(void)context;
	int length = snprintf(text, sizeof(text), "%s: %s\n", levels[level].name, line);
	/* Nobody to tell if standard error is gone. */
	if (length > 0 && write(STDERR_FILENO, text, (size_t)length) < 0)
		return;
}

void sp_log_to_syslog(enum sp_log_level level, const char *line, void *context)
{
	(void)context;
	syslog(sp_log_priority(level), "%s", line);
}

void sp_log_begin(struct sp_log_line *line, enum sp_log_level level, const char *event)
{
	line->level = level;
	line->length = 0;
	line->full = false;
	line->text[0] = '\0';
	sp_log_text(line, "event", event);
}

static bool needs_quotes(const char *value, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		char c = value[i];
		if (c <= ' ' || c >= 0x7f || c == '"' || c == '\\' || c == '=')
			return true;
	}
	return length == 0;
}

static void add_escaped(struct sp_text *out, const char *value, size_t length)
{
	/* Valid UTF-8 stays readable; anything else is shown byte by byte. */
	bool is_utf8 = sp_text_is_printable_utf8(value, length);
	size_t plain = 0; /* where what goes in as it is begins */

	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)value[i];
		bool by_number = c < 0x20 || c == 0x7f || (c >= 0x80 && !is_utf8);
		if (!by_number && c != '"' && c != '\\')
			continue;
		sp_text_add_n(out, value + plain, i - plain);
		sp_text_addf(out, by_number ? "\\x%02x" : "\\%c", c);
		plain = i + 1;
	}
	sp_text_add_n(out, value + plain, length - plain);
}

/* Room that is kept for " clipped=yes" at the end of the line. */
#define LINE_END_RESERVE 16

static void add_pair(
    struct sp_log_line *line, const char *key, const char *value, size_t length, bool clipped)
{
	struct sp_text out = {.bytes = line->text,
	    .size = sizeof(line->text) - LINE_END_RESERVE,
	    .length = line->length};
	bool quoted = clipped || needs_quotes(value, length);

	if (line->length > 0)
		sp_text_add_n(&out, " ", 1);
	sp_text_add(&out, key);
	sp_text_add(&out, quoted ? "=\"" : "=");
	add_escaped(&out, value, length);
	if (clipped)
		sp_text_add(&out, "...");
	if (quoted)
		sp_text_add(&out, "\"");
	if (out.overflow) {
		line->full = true;
		line->text[line->length] = '\0';
		return;
	}
	line->length = out.length;
}

void sp_log_text_n(struct sp_log_line *line, const char *key, const char *value, size_t length)
{
	size_t shown = length;

	if (shown > SP_LOG_TEXT_MAX) {
		/* Clip between UTF-8 sequences, so that what is left stays valid. */
		shown = SP_LOG_TEXT_MAX;
		while (shown > SP_LOG_TEXT_MAX - 3 && ((unsigned char)value[shown] & 0xc0) == 0x80)
			shown--;
	}
	add_pair(line, key, value, shown, shown < length);
}

void sp_log_text(struct sp_log_line *line, const char *key, const char *value)
{
	if (value != NULL)
		sp_log_text_n(line, key, value, strlen(value));
}

void sp_log_number(struct sp_log_line *line, const char *key, int64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, value);
	sp_log_text(line, key, text);
}

void sp_log_milliseconds(struct sp_log_line *line, const char *key, int64_t us)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRId64 ".%d", us / 1000, (int)(us % 1000 / 100));
	sp_log_text(line, key, text);
}

void sp_log_leave_out(struct sp_log_line *line)
{
	static const char mark[] = " clipped=yes";

	if (line->full && line->length + sizeof(mark) <= sizeof(line->text))
		memcpy(line->text + line->length, mark, sizeof(mark));
	sp_log_observer *observer = process_log.observer;
	if (observer != NULL)
		observer(line->text);
}

void sp_log_end(struct sp_log_line *line)
{
	sp_log_leave_out(line);
	sp_log_sink *sink = process_log.sink;
	if (sink != NULL && line->level <= process_log.lowest)
		sink(line->level, line->text, process_log.context);
}

void sp_log_message(enum sp_log_level level, const char *event, const char *format, ...)
{
	char message[1024];
	struct sp_log_line line;
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	sp_log_begin(&line, level, event);
	sp_log_text(&line, "message", message);
	sp_log_end(&line);
}
