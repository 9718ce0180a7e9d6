/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/base/log_reader.h"

#include <string.h>

#define EVENT "event="

static const char *skip(const char *text, const char *prefix)
{
	size_t length = strlen(prefix);

	return strncmp(text, prefix, length) == 0 ? text + length : NULL;
}

/* Behind "info: " and the like, which the sink for standard error writes. */
static const char *skip_level(const char *line)
{
	for (int level = SP_LOG_ERROR; level <= SP_LOG_DEBUG; level++) {
		const char *behind = skip(line, sp_log_level_name((enum sp_log_level)level));
		if (behind != NULL && (behind = skip(behind, ": ")) != NULL)
			return behind;
	}
	return line;
}

/* Behind "program[PID]: " or "program: ". */
static const char *skip_tag(const char *text, const char *program)
{
	const char *behind = skip(text, program);

	if (behind != NULL && *behind == '[') {
		behind += 1 + strspn(behind + 1, "0123456789");
		behind = skip(behind, "]");
	}
	return behind != NULL ? skip(behind, ": ") : NULL;
}

/* Behind the tag of the line's first word that ends in a colon and a blank: a
 * later one is a part of somebody's message. */
static const char *skip_syslog(const char *line, const char *program)
{
	const char *colon = strstr(line, ": ");
	const char *tag = colon;

	if (colon == NULL)
		return NULL;
	while (tag > line && tag[-1] != ' ')
		tag--;
	return skip_tag(tag, program);
}

const char *sp_log_event_of(const char *message)
{
	const char *event = skip_level(message);

	return skip(event, EVENT) != NULL ? event : NULL;
}

const char *sp_log_find_event(const char *line, const char *program)
{
	const char *event = sp_log_event_of(line);

	if (event != NULL)
		return event;
	event = skip_syslog(line, program);
	return event != NULL ? sp_log_event_of(event) : NULL;
}

static bool read_key(const char **at, char key_r[SP_LOG_KEY_MAX + 1])
{
	size_t length = strspn(*at, "abcdefghijklmnopqrstuvwxyz0123456789_");

	if (length == 0 || length > SP_LOG_KEY_MAX || (*at)[length] != '=')
		return false;
	memcpy(key_r, *at, length);
	key_r[length] = '\0';
	*at += length + 1;
	return true;
}

static int hexadecimal(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *found = c != '\0' ? strchr(digits, c) : NULL;

	return found != NULL ? (int)(found - digits) : -1;
}

/* Takes what follows a backslash. */
static bool read_escape(const char **at, char *byte_r)
{
	const char *text = *at;

	if (text[0] == '"' || text[0] == '\\') {
		*byte_r = text[0];
		*at += 1;
		return true;
	}
	if (text[0] != 'x' || hexadecimal(text[1]) < 0 || hexadecimal(text[2]) < 0)
		return false;
	/* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): none is negative */
	*byte_r = (char)(hexadecimal(text[1]) << 4 | hexadecimal(text[2]));
	*at += 3;
	return true;
}

static bool read_quoted(const char **at, struct sp_log_pair *pair)
{
	while (**at != '"') {
		char byte = *(*at)++;
		if (byte == '\0' || pair->length == SP_LOG_LINE_MAX ||
		    (byte == '\\' && !read_escape(at, &byte)))
			return false;
		pair->value[pair->length++] = byte;
	}
	++*at;
	return true;
}

static bool read_bare(const char **at, struct sp_log_pair *pair)
{
	size_t length = strcspn(*at, " \"\\=");

	if (length == 0 || length > SP_LOG_LINE_MAX)
		return false;
	memcpy(pair->value, *at, length);
	pair->length = length;
	*at += length;
	return true;
}

bool sp_log_read_pair(const char **at, struct sp_log_pair *pair_r)
{
	pair_r->length = 0;
	if (!read_key(at, pair_r->key))
		return false;
	if (**at == '"') {
		++*at;
		if (!read_quoted(at, pair_r))
			return false;
	} else if (!read_bare(at, pair_r)) {
		return false;
	}
	pair_r->value[pair_r->length] = '\0';
	if (**at == ' ')
		++*at;
	else if (**at != '\0')
		return false;
	return true;
}
