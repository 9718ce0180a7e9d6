/* SPDX-License-Identifier: BSD-2-Clause */
/* The log: whatever a value holds, it is one value of one line, and reads back as what it was.
 * And lines of any origin. */
#include "fuzz/fuzz.h"
#include "lib/base/log.h"
#include "lib/base/log_reader.h"
#include "lib/base/text.h"

static char line_written[SP_LOG_LINE_MAX + 1];

static void keep(enum sp_log_level level, const char *line, void *context)
{
	(void)level;
	(void)context;
	snprintf(line_written, sizeof(line_written), "%s", line);
}

static void hold_pair(const char **at, const char *key, const char *value, size_t length)
{
	static struct sp_log_pair pair;

	FUZZ_PROMISE(sp_log_read_pair(at, &pair));
	FUZZ_PROMISE(strcmp(pair.key, key) == 0);
	if (length <= SP_LOG_TEXT_MAX) {
		FUZZ_PROMISE(pair.length == length && memcmp(pair.value, value, length) == 0);
		return;
	}
	/* clipped, and marked so */
	FUZZ_PROMISE(pair.length > 3 && pair.length <= SP_LOG_TEXT_MAX + 3);
	FUZZ_PROMISE(memcmp(pair.value, value, pair.length - 3) == 0);
	FUZZ_PROMISE(strcmp(pair.value + pair.length - 3, "...") == 0);
	FUZZ_PROMISE(!sp_text_is_printable_utf8(value, length) ||
		     sp_text_is_printable_utf8(pair.value, pair.length - 3));
}

static void hold_written(const char *value, size_t size)
{
	struct sp_log_line line;

	line_written[0] = '\0';
	sp_log_set_sink(keep, NULL, SP_LOG_DEBUG);
	sp_log_begin(&line, SP_LOG_INFO, "login");
	sp_log_text_n(&line, "login", value, size);
	sp_log_text_n(&line, "sender", value, size);
	sp_log_text(&line, "result", "denied");
	sp_log_end(&line);
	sp_log_set_sink(NULL, NULL, SP_LOG_DEBUG);
	for (const char *c = line_written; *c != '\0'; c++)
		FUZZ_PROMISE((unsigned char)*c >= ' ' && *c != 0x7f);
	const char *at = sp_log_find_event(line_written, "sendpassd");
	FUZZ_PROMISE(at == line_written);
	hold_pair(&at, "event", "login", 5);
	hold_pair(&at, "login", value, size);
	hold_pair(&at, "sender", value, size);
	hold_pair(&at, "result", "denied", 6);
	FUZZ_PROMISE(*at == '\0');
}

static void read_any(const char *text)
{
	static struct sp_log_pair pair;
	const char *at = sp_log_find_event(text, "sendpassd"), *before = at;

	FUZZ_PROMISE(at == NULL || strncmp(at, "event=", 6) == 0);
	while (at != NULL && sp_log_read_pair(&at, &pair)) {
		FUZZ_PROMISE(at > before && at <= text + strlen(text));
		FUZZ_PROMISE(pair.key[0] != '\0' && strlen(pair.key) <= SP_LOG_KEY_MAX);
		FUZZ_PROMISE(pair.length <= SP_LOG_LINE_MAX && pair.value[pair.length] == '\0');
		before = at;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);

	hold_written((const char *)data, size);
	read_any(text);
	free(text);
	return 0;
}
