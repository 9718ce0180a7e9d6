/* SPDX-License-Identifier: BSD-2-Clause */
#include "tool/log_line.h"

#include <string.h>

#include "lib/base/log_reader.h"
#include "lib/directory/credential.h"

#define DAY    86400
#define DIGITS "0123456789"

/* ---- time ---- */

/* Behind a fraction of a second, if there is one. */
static const char *skip_fraction(const char *text)
{
	size_t digits = text[0] == '.' ? strspn(text + 1, DIGITS) : 0;

	return digits > 0 ? text + 1 + digits : text;
}

/* "Nov 24 09:22:40" and perhaps a fraction; behind it, NULL if it is none. */
static const char *read_short_time(const char *line, time_t now, time_t *time_r)
{
	struct tm parts = {.tm_isdst = -1}, today;
	const char *behind = strptime(line, "%b %e %H:%M:%S", &parts);

	if (behind == NULL || localtime_r(&now, &today) == NULL)
		return NULL;
	for (int year = today.tm_year + 1; year >= today.tm_year - 1; year--) {
		struct tm guess = parts;
		guess.tm_year = year;
		*time_r = mktime(&guess);
		if (*time_r <= now + DAY)
			break;
	}
	return skip_fraction(behind);
}

/* A day and a time of day with `between` between them. */
static const char *read_long_time(const char *line, char between, struct tm *parts_r)
{
	const char *behind;

	*parts_r = (struct tm){.tm_isdst = -1};
	if (strspn(line, DIGITS) != strlen("YYYY"))
		return NULL;
	behind = strptime(line, "%Y-%m-%d", parts_r);
	if (behind == NULL || *behind != between)
		return NULL;
	behind = strptime(behind + 1, "%H:%M:%S", parts_r);
	return behind != NULL ? skip_fraction(behind) : NULL;
}

/* strptime() leaves tm_gmtoff as the offset that it read. */
static const char *read_offset(const char *text, struct tm *parts, time_t *time_r)
{
	const char *behind = strptime(text, "%z", parts);
	long offset = parts->tm_gmtoff;

	if (behind == NULL || *text == ' ')
		return NULL;
	*time_r = timegm(parts) - offset;
	return behind;
}

static const char *read_iso_time(const char *line, time_t *time_r)
{
	struct tm parts;
	const char *behind = read_long_time(line, 'T', &parts);

	return behind != NULL ? read_offset(behind, &parts, time_r) : NULL;
}

/* Exim's log_timezone adds an offset behind a blank. */
static const char *read_exim_time(const char *line, time_t *time_r)
{
	struct tm parts;
	const char *behind = read_long_time(line, ' ', &parts);

	if (behind == NULL || *behind != ' ')
		return NULL;
	if (behind[1] == '+' || behind[1] == '-')
		return read_offset(behind + 1, &parts, time_r);
	*time_r = mktime(&parts);
	return behind;
}

/* ---- program ---- */

/* " host program[pid]: message" or without "[pid]". */
static bool read_program(const char *text, struct sp_logged *logged)
{
	if (*text != ' ')
		return false;
	text++;
	size_t host = strcspn(text, " ");
	if (host == 0 || text[host] != ' ')
		return false;
	const char *program = text + host + 1;
	const char *behind = program + strcspn(program, " :[");
	size_t length = (size_t)(behind - program);
	if (length == 0 || length > SP_LOG_PROGRAM_MAX)
		return false;
	memcpy(logged->program, program, length);
	logged->program[length] = '\0';
	if (*behind == '[') {
		behind += 1 + strspn(behind + 1, DIGITS);
		if (*behind++ != ']')
			return false;
	}
	if (behind[0] != ':' || behind[1] != ' ')
		return false;
	logged->message = behind + 2;
	return true;
}

/* "[123]" stands before the message where Exim's log_selector has pid. */
static void read_exim_message(const char *text, struct sp_logged *logged)
{
	text++;
	if (*text == '[') {
		const char *behind = text + 1 + strspn(text + 1, DIGITS);
		if (behind[0] == ']' && behind[1] == ' ')
			text = behind + 2;
	}
	logged->exim = true;
	logged->message = text;
}

bool sp_log_line_read(const char *line, time_t now, struct sp_logged *logged_r)
{
	const char *behind;

	*logged_r = (struct sp_logged){.time = SP_NO_TIME};
	behind = read_short_time(line, now, &logged_r->time);
	if (behind == NULL)
		behind = read_iso_time(line, &logged_r->time);
	if (behind != NULL)
		return read_program(behind, logged_r);
	behind = read_exim_time(line, &logged_r->time);
	if (behind != NULL && *behind == ' ') {
		read_exim_message(behind, logged_r);
		return true;
	}
	logged_r->time = SP_NO_TIME;
	logged_r->message = line;
	return sp_logged_event(logged_r) != NULL;
}

static bool is_ours(const char *program)
{
	return strcmp(program, "sendpassd") == 0 || strcmp(program, "sendpass-milter") == 0 ||
	       strcmp(program, "sendpass") == 0;
}

const char *sp_logged_event(const struct sp_logged *logged)
{
	if (logged->exim || (logged->program[0] != '\0' && !is_ours(logged->program)))
		return NULL;
	return sp_log_event_of(logged->message);
}
