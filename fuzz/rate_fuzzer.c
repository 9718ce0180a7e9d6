/* SPDX-License-Identifier: BSD-2-Clause */
/* Rates, durations and numbers: in their bounds, and the same when written again. */
#include <inttypes.h>

#include "fuzz/fuzz.h"
#include "lib/base/number.h"
#include "lib/base/rate.h"

static void hold_rate(const struct sp_rate *rate)
{
	char duration[24], text[64];
	struct sp_rate again;

	FUZZ_PROMISE(rate->limit >= 1 && rate->limit <= 1000000);
	FUZZ_PROMISE(rate->window_ms >= 1000 && rate->window_ms <= UINT64_C(366) * 86400000);
	sp_format_duration(rate->window_ms, duration, sizeof(duration));
	snprintf(text, sizeof(text), "%s%" PRIu32 "/%s",
	    rate->kind == SP_RATE_RECIPIENTS ? "recipients=" : "", rate->limit, duration);
	FUZZ_PROMISE(sp_rate_parse(text, &again) && again.kind == rate->kind);
	FUZZ_PROMISE(again.limit == rate->limit && again.window_ms == rate->window_ms);
}

static void hold_duration(const char *text)
{
	uint64_t ms = 99, again = 0;
	char printed[24];

	if (!sp_parse_duration(text, 0, UINT64_MAX, &ms)) {
		FUZZ_PROMISE(ms == 99);
		return;
	}
	sp_format_duration(ms, printed, sizeof(printed));
	FUZZ_PROMISE(sp_parse_duration(printed, ms, ms, &again) && again == ms);
	FUZZ_PROMISE(ms == UINT64_MAX || !sp_parse_duration(text, ms + 1, UINT64_MAX, &again));
	FUZZ_PROMISE(ms == 0 || !sp_parse_duration(text, 0, ms - 1, &again));
}

/* There is one way to write a number. */
static void hold_number(const char *text)
{
	uint64_t number;
	char printed[24];

	if (!sp_parse_number(text, 0, UINT64_MAX, &number))
		return;
	snprintf(printed, sizeof(printed), "%" PRIu64, number);
	FUZZ_PROMISE(strcmp(text, printed) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sp_rate rates[SP_RATES_OF_ONE_MAX], rate;
	char *text = fuzz_text(data, size);
	size_t count;

	if (sp_rates_parse(text, rates, &count)) {
		FUZZ_PROMISE(count <= SP_RATES_OF_ONE_MAX);
		for (size_t i = 0; i < count; i++)
			hold_rate(&rates[i]);
	}
	if (sp_rate_parse(text, &rate))
		hold_rate(&rate);
	hold_duration(text);
	hold_number(text);
	free(text);
	return 0;
}
