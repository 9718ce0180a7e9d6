/* SPDX-License-Identifier: BSD-2-Clause */
/* Patterns of senders: a search among many finds what a comparison one by one finds.
 * Input: PATTERN LF SENDER. */
#include <strings.h>

#include "fuzz/fuzz.h"
#include "lib/base/sender.h"

static bool is_covered(const char *pattern, const char *sender)
{
	char covering[SP_SENDER_PATTERN_MAX + 1];

	for (size_t i = 0; sp_sender_covering(sender, i, covering); i++) {
		if (strcasecmp(covering, pattern) == 0)
			return true;
	}
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *pattern = fuzz_text(data, size);
	char *sender = pattern + strcspn(pattern, "\n");

	if (*sender == '\n')
		*sender++ = '\0';
	bool is_valid = sp_sender_pattern_is_valid(pattern);
	bool matches = sp_sender_matches(pattern, sender);
	FUZZ_PROMISE(is_valid || !matches);
	if (matches && sender[0] == '\0')
		FUZZ_PROMISE(strcmp(pattern, "*") == 0 || strcmp(pattern, "<>") == 0);
	if (sp_sender_is_complete(sender)) {
		char widest[SP_SENDER_PATTERN_MAX + 8];
		snprintf(widest, sizeof(widest), "%s", strrchr(sender, '@'));
		FUZZ_PROMISE(strpbrk(sender, "\r\n\t") == NULL);
		FUZZ_PROMISE(sp_sender_is_address(sender, sender));
		FUZZ_PROMISE(!is_valid || matches == is_covered(pattern, sender));
		if (sp_sender_pattern_is_valid(widest))
			FUZZ_PROMISE(sp_sender_matches(widest, sender));
	}
	/* one address is its own pattern alone */
	if (is_valid && pattern[0] != '@' && pattern[0] != '*' && pattern[0] != '<')
		FUZZ_PROMISE(matches == (strcasecmp(pattern, sender) == 0));
	free(pattern);
	return 0;
}
