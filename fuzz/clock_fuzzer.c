/* SPDX-License-Identifier: BSD-2-Clause */
/* GeneralizedTime and days: what is read is a time that reads the same when written again. */
#include "fuzz/fuzz.h"
#include "lib/base/clock.h"

#define STALE ((time_t)4711)

/* An offset from UTC may lead out of the years that can be written. */
static void hold_time(time_t time)
{
	char text[SP_GENERALIZED_TIME_SIZE];
	time_t again;

	if (!sp_format_generalized_time(time, text)) {
		FUZZ_PROMISE(time > SP_LAST_TIME || time < -62167219200);
		return;
	}
	FUZZ_PROMISE(strlen(text) == SP_GENERALIZED_TIME_SIZE - 1);
	FUZZ_PROMISE(sp_parse_generalized_time(text, &again) && again == time);
}

/* In its own zone, it is the date and the hour that it begins with. */
static void hold_date(const char *text, time_t time)
{
	const char *zone = strpbrk(text, "Z+-");
	char printed[SP_GENERALIZED_TIME_SIZE];
	int hours = 0, minutes = 0;

	FUZZ_PROMISE(zone != NULL);
	if (*zone != 'Z')
		FUZZ_PROMISE(sscanf(zone + 1, "%2d%2d", &hours, &minutes) >= 1);
	int seconds = hours * 3600 + minutes * 60;
	FUZZ_PROMISE(
	    sp_format_generalized_time(time + (*zone == '-' ? -seconds : seconds), printed));
	FUZZ_PROMISE(strncmp(printed, text, strlen("YYYYMMDDHH")) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	time_t time = STALE;

	if (sp_parse_generalized_time(text, &time)) {
		hold_time(time);
		hold_date(text, time);
	} else {
		FUZZ_PROMISE(time == STALE);
	}
	time = STALE;
	if (sp_parse_day(text, &time)) {
		char printed[SP_GENERALIZED_TIME_SIZE], day[32];
		FUZZ_PROMISE(sp_format_generalized_time(time, printed));
		snprintf(day, sizeof(day), "%.4s-%.2s-%.2s", printed, printed + 4, printed + 6);
		FUZZ_PROMISE(strcmp(day, text) == 0 && strcmp(printed + 8, "000000Z") == 0);
	} else {
		FUZZ_PROMISE(time == STALE);
	}
	free(text);
	return 0;
}
