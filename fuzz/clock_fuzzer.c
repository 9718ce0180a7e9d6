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

/* The date stands at the front, whatever the rest. */
static void hold_date(const char *text, time_t time)
{
	char printed[SP_GENERALIZED_TIME_SIZE];

	/* no offset moves it by more than a day */
	time_t day = time - (time % 86400 + 86400) % 86400;
	for (int i = -1; i <= 1; i++) {
		if (sp_format_generalized_time(day + i * 86400, printed) &&
		    strncmp(printed, text, 8) == 0)
			return;
	}
	FUZZ_PROMISE(time > SP_LAST_TIME - 86400 || time < -62167219200 + 86400);
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
