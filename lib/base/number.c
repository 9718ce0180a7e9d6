/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/base/number.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* From small to large, as sp_format_duration() needs them. */
static const struct {
	const char *name;
	uint64_t ms;
} units[] = {
    {"ms", 1},
    {"s", 1000},
    {"m", 60 * 1000},
    {"h", 60 * 60 * 1000},
    {"d", 24 * 60 * 60 * 1000},
    {"w", 7 * 24 * 60 * 60 * 1000},
};
static const size_t unit_count = sizeof(units) / sizeof(units[0]);

bool sp_parse_number_n(
    const char *text, size_t length, uint64_t low, uint64_t high, uint64_t *value_r)
{
	uint64_t value = 0;

	if (length == 0 || (length > 1 && text[0] == '0'))
		return false;
	for (size_t i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		uint64_t digit = (uint64_t)(text[i] - '0');
		if (value > (UINT64_MAX - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	if (value < low || value > high)
		return false;
	*value_r = value;
	return true;
}

bool sp_parse_number(const char *text, uint64_t low, uint64_t high, uint64_t *value_r)
{
	return sp_parse_number_n(text, strlen(text), low, high, value_r);
}

bool sp_parse_duration(const char *text, uint64_t low_ms, uint64_t high_ms, uint64_t *ms_r)
{
	size_t digits = strspn(text, "0123456789");
	uint64_t count;

	for (size_t i = 0; i < unit_count; i++) {
		if (strcmp(text + digits, units[i].name) != 0)
			continue;
		if (!sp_parse_number_n(text, digits, 0, UINT64_MAX / units[i].ms, &count))
			return false;
		uint64_t ms = count * units[i].ms;
		if (ms < low_ms || ms > high_ms)
			return false;
		*ms_r = ms;
		return true;
	}
	return false;
}

void sp_format_duration(uint64_t ms, char *text_r, size_t size)
{
	size_t i = unit_count - 1;

	while (i > 0 && (ms == 0 || ms % units[i].ms != 0))
		i--;
	snprintf(text_r, size, "%" PRIu64 "%s", ms / units[i].ms, units[i].name);
}
