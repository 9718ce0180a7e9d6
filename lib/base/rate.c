/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/base/rate.h"

#include <string.h>

#include "lib/base/number.h"

#define LIMIT_MAX     1000000
#define WINDOW_MIN_MS 1000
#define WINDOW_MAX_MS (UINT64_C(366) * 24 * 60 * 60 * 1000)

bool sp_rate_parse(const char *text, struct sp_rate *rate_r)
{
	static const char recipients[] = "recipients=";
	struct sp_rate rate = {.kind = SP_RATE_MESSAGES};
	uint64_t limit;

	if (strncmp(text, recipients, strlen(recipients)) == 0) {
		rate.kind = SP_RATE_RECIPIENTS;
		text += strlen(recipients);
	}
	size_t digits = strcspn(text, "/");
	if (text[digits] != '/' || !sp_parse_number_n(text, digits, 1, LIMIT_MAX, &limit) ||
	    !sp_parse_duration(text + digits + 1, WINDOW_MIN_MS, WINDOW_MAX_MS, &rate.window_ms))
		return false;
	rate.limit = (uint32_t)limit;
	*rate_r = rate;
	return true;
}

bool sp_rates_parse(const char *text, struct sp_rate rates_r[SP_RATES_OF_ONE_MAX], size_t *count_r)
{
	char word[sizeof("recipients=1000000/") + 24];

	for (*count_r = 0;; text += strlen(word)) {
		text += strspn(text, " \t");
		size_t length = strcspn(text, " \t");
		if (length == 0)
			return true;
		if (length >= sizeof(word) || *count_r == SP_RATES_OF_ONE_MAX)
			return false;
		memcpy(word, text, length);
		word[length] = '\0';
		if (!sp_rate_parse(word, &rates_r[*count_r]))
			return false;
		(*count_r)++;
	}
}
