/* SPDX-License-Identifier: BSD-2-Clause */
/* Logs for `sendpass report`: every line is counted once, and no text that goes to a page or a
 * terminal is anything but printable. Input: the log. */
#include "fuzz/fuzz.h"
#include "lib/base/text.h"
#include "tool/report_log.h"
#include "tool/verb.h"

/* main.c's, which no test links; nothing here shows help */
void sp_verb_help(const struct sp_verb *verb)
{
	(void)verb;
}

static void hold_text(const char *text)
{
	FUZZ_PROMISE(text[0] != '\0' && sp_text_is_printable_utf8(text, strlen(text)));
}

static size_t count_lines(const uint8_t *data, size_t size)
{
	size_t lines = size > 0 && data[size - 1] != '\n';

	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n';
	return lines;
}

static void hold_legacy(const struct sp_report_log *log)
{
	size_t attempts = 0;

	for (size_t i = 0; i < log->legacy_count; i++) {
		const struct sp_report_legacy *one = log->legacy[i];
		FUZZ_PROMISE(one->count > 0);
		FUZZ_PROMISE(i == 0 || log->legacy[i - 1]->count >= one->count);
		FUZZ_PROMISE(sp_text_is_printable_utf8(one->login, strlen(one->login)));
		hold_text(one->last_time);
		hold_text(one->last_address);
		attempts += one->count;
	}
	FUZZ_PROMISE(attempts == log->by_legacy && attempts <= log->granted);
}

static void hold_refusals(const struct sp_report_log *log)
{
	FUZZ_PROMISE(log->refusal_count <= SP_REPORT_REASON_COUNT);
	for (size_t i = 0; i < log->refusal_count; i++) {
		hold_text(log->refusals[i].reason);
		FUZZ_PROMISE(log->refusals[i].logins > 0 || log->refusals[i].messages > 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sp_report_log log;

	if (size == 0)
		return 0;
	FILE *in = fmemopen((void *)(uintptr_t)data, size, "r");
	FUZZ_PROMISE(in != NULL);
	sp_report_log_init(&log);
	if (sp_report_log_read(&log, in)) {
		FUZZ_PROMISE(sp_report_log_settle(&log));
		FUZZ_PROMISE(log.lines == count_lines(data, size));
		FUZZ_PROMISE(log.foreign + log.broken <= log.lines);
		hold_text(log.first_time);
		hold_text(log.last_time);
		hold_legacy(&log);
		hold_refusals(&log);
	}
	sp_report_log_clear(&log);
	fclose(in);
	return 0;
}
