/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/base/clock.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/number.h"

static int64_t read_us(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t sp_now_us(void)
{
	return read_us(CLOCK_MONOTONIC);
}

int64_t sp_thread_time_us(void)
{
	return read_us(CLOCK_THREAD_CPUTIME_ID);
}

int64_t sp_now_ms(void)
{
	return sp_now_us() / 1000;
}

int sp_remaining_ms(int64_t deadline_ms)
{
	int64_t left = deadline_ms - sp_now_ms();

	if (left < 0)
		return 0;
	return left > INT_MAX ? INT_MAX : (int)left;
}

struct timeval sp_timeval_from_ms(int64_t ms)
{
	return (struct timeval){
	    .tv_sec = (time_t)(ms / 1000), .tv_usec = (suseconds_t)(ms % 1000 * 1000)};
}

/* Takes `digits` digits off *text. Unlike sp_parse_number it takes leading zeros. */
static bool take_digits(const char **text, int digits, int low, int high, int *value_r)
{
	int value = 0;

	for (int i = 0; i < digits; i++) {
		char c = (*text)[i];
		if (c < '0' || c > '9')
			return false;
		value = value * 10 + (c - '0');
	}
	if (value < low || value > high)
		return false;
	*text += digits;
	*value_r = value;
	return true;
}

static bool take_zone(const char **text, int *offset_minutes_r)
{
	int hours, minutes = 0;
	char sign = **text;

	*offset_minutes_r = 0;
	if (sign == 'Z') {
		(*text)++;
		return true;
	}
	if (sign != '+' && sign != '-')
		return false;
	(*text)++;
	if (!take_digits(text, 2, 0, 23, &hours))
		return false;
	if (**text != '\0' && !take_digits(text, 2, 0, 59, &minutes))
		return false;
	*offset_minutes_r = (hours * 60 + minutes) * (sign == '-' ? -1 : 1);
	return true;
}

/* The optional MM, SS and fraction of RFC 4517's g-time. */
static bool take_optional_parts(const char **text, struct tm *parts)
{
	if (**text >= '0' && **text <= '9') {
		if (!take_digits(text, 2, 0, 59, &parts->tm_min))
			return false;
		if (**text >= '0' && **text <= '9' && !take_digits(text, 2, 0, 60, &parts->tm_sec))
			return false;
	}
	if (**text == '.' || **text == ',') {
		size_t digits = strspn(*text + 1, "0123456789");
		if (digits == 0)
			return false;
		*text += 1 + digits;
	}
	return true;
}

bool sp_parse_generalized_time(const char *text, time_t *time_r)
{
	struct tm parts = {0};
	int year, month, offset_minutes;

	if (!take_digits(&text, 4, 0, 9999, &year) || !take_digits(&text, 2, 1, 12, &month) ||
	    !take_digits(&text, 2, 1, 31, &parts.tm_mday) ||
	    !take_digits(&text, 2, 0, 23, &parts.tm_hour) || !take_optional_parts(&text, &parts) ||
	    !take_zone(&text, &offset_minutes) || *text != '\0')
		return false;
	parts.tm_year = year - 1900;
	parts.tm_mon = month - 1;

	if (parts.tm_sec == 60) /* a leap second, which time_t does not have */
		parts.tm_sec = 59;
	/* timegm() turns 31 April into 1 May: a date that moves was no date. */
	int day = parts.tm_mday;
	time_t time = timegm(&parts);
	if (parts.tm_mday != day || parts.tm_mon != month - 1)
		return false;
	*time_r = time - (time_t)offset_minutes * 60;
	return true;
}

bool sp_parse_day(const char *text, time_t *time_r)
{
	char time[SP_GENERALIZED_TIME_SIZE];

	if (strlen(text) != strlen("YYYY-MM-DD") || text[4] != '-' || text[7] != '-')
		return false;
	snprintf(time, sizeof(time), "%.4s%.2s%.2s000000Z", text, text + 5, text + 8);
	return sp_parse_generalized_time(time, time_r);
}

bool sp_format_generalized_time(time_t time, char text_r[SP_GENERALIZED_TIME_SIZE])
{
	struct tm parts;

	text_r[0] = '\0';
	if (gmtime_r(&time, &parts) == NULL || parts.tm_year < -1900 || parts.tm_year > 9999 - 1900)
		return false;
	/* not strftime(), whose %Y pads no year below 1000 */
	return snprintf(text_r, SP_GENERALIZED_TIME_SIZE, "%04d%02d%02d%02d%02d%02dZ",
		   parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour,
		   parts.tm_min, parts.tm_sec) == SP_GENERALIZED_TIME_SIZE - 1;
}
