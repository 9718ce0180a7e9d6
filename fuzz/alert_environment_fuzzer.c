/* SPDX-License-Identifier: BSD-2-Clause */
/* What the alert command is told: whatever clients made of their logins, each pair of the line
 * is one variable of one line. Input: a login. */
#include "daemon/alert_environment.h"
#include "fuzz/fuzz.h"
#include "lib/base/log.h"
#include "lib/base/text.h"

static char line_written[SP_LOG_LINE_MAX + 1];

static void keep(enum sp_log_level level, const char *line, void *context)
{
	(void)level;
	(void)context;
	snprintf(line_written, sizeof(line_written), "%s", line);
}

static void write_line(const char *login, size_t size)
{
	struct sp_log_line line;

	sp_log_set_sink(keep, NULL, SP_LOG_DEBUG);
	sp_log_begin(&line, SP_LOG_WARNING, "guessing");
	sp_log_text_n(&line, "login", login, size);
	sp_log_text_n(&line, "owner", login, size);
	sp_log_number(&line, "failures", 100);
	sp_log_end(&line);
	sp_log_set_sink(NULL, NULL, SP_LOG_DEBUG);
}

/* A value that is printable comes as it was; of another, nothing but what is printable. */
static void hold_login(const char *string, const char *login, size_t size)
{
	const char *value = strchr(string, '=') + 1;

	if (size > SP_LOG_TEXT_MAX)
		return;
	FUZZ_PROMISE(strlen(value) == size);
	if (sp_text_is_printable_utf8(login, size))
		FUZZ_PROMISE(memcmp(value, login, size) == 0);
	for (size_t i = 0; i < size; i++)
		FUZZ_PROMISE(value[i] == login[i] || value[i] == '?');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char strings[SP_ALERT_ENVIRONMENT_MAX];
	static const char *const names[] = {"PATH=/", "SENDPASS_HELD_BACK=7",
	    "SENDPASS_LINE=event=", "SENDPASS_EVENT=guessing",
	    "SENDPASS_LOGIN=", "SENDPASS_OWNER=", "SENDPASS_FAILURES=100"};
	const char *login = (const char *)data;

	write_line(login, size);
	size_t length = sp_alert_environment(line_written, 7, strings), count = 0;
	FUZZ_PROMISE(length > 0 && length < sizeof(strings) && strings[length - 1] == '\0');
	for (const char *at = strings; at < strings + length; at += strlen(at) + 1, count++) {
		FUZZ_PROMISE(count < sizeof(names) / sizeof(names[0]));
		FUZZ_PROMISE(strncmp(at, names[count], strlen(names[count])) == 0);
		FUZZ_PROMISE(sp_text_is_printable_utf8(at, strlen(at)));
		if (count == 4 || count == 5)
			hold_login(at, login, size);
	}
	FUZZ_PROMISE(count == sizeof(names) / sizeof(names[0]));
	return 0;
}
