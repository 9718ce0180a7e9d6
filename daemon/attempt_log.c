/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/attempt_log.h"

#include <string.h>

#include "daemon/metrics.h"
#include "lib/base/password_shape.h"

enum sp_log_level sp_reason_level(enum sp_reason reason)
{
	switch (sp_reason_result(reason)) {
	case SP_GRANTED:
		return SP_LOG_INFO;
	case SP_DENIED:
		return SP_LOG_NOTICE;
	case SP_UNAVAILABLE:
		break;
	}
	return reason == SP_REASON_INTERNAL ? SP_LOG_ERROR : SP_LOG_WARNING;
}

static const char *if_any(const char *text)
{
	return text[0] != '\0' ? text : NULL;
}

static const char *guess_name(enum sp_guess guess)
{
	switch (guess) {
	case SP_GUESS_NEW:
		return "new";
	case SP_GUESS_REPEATED:
		return "repeated";
	case SP_GUESS_UNCOUNTED:
		break;
	}
	return NULL;
}

/* What belongs to this attempt alone is from *own_r to before *after_r. */
static void write_pairs(struct sp_log_line *line, const struct sp_attempt_record *record,
    size_t *own_r, size_t *after_r)
{
	const struct sp_attempt_request *request = record->request;
	const char *login = request->login;

	if (sp_resembles_app_password(login))
		login = "(looks like an app password)";
	sp_log_begin(line, sp_reason_level(record->reason), "auth");
	sp_log_text(line, "result", sp_result_name(sp_reason_result(record->reason)));
	sp_log_text(line, "reason", sp_reason_name(record->reason));
	sp_log_text(line, "guess", guess_name(record->guess));
	sp_log_text(line, "door", sp_login_door_name(record->door));
	sp_log_text(line, "service", if_any(request->service));
	sp_log_text(line, "mech", if_any(request->mechanism));
	sp_log_text(line, "ip", if_any(request->address));
	*own_r = line->length;
	if (request->port != 0)
		sp_log_number(line, "port", request->port);
	sp_log_milliseconds(line, "ms", record->took_us);
	*after_r = line->length;
	sp_log_text(line, "cached", record->cached ? "yes" : NULL);
	sp_log_text(line, "detail", record->detail);
	sp_log_text(line, "id", if_any(record->id));
	if (record->credential != NULL) {
		sp_log_text(line, "owner", record->credential->owner);
		sp_log_text(line, "label", record->credential->label);
	}
	sp_log_text(line, "login", if_any(login));
}

void sp_attempt_log(struct sp_log_fold *fold, const struct sp_attempt_record *record)
{
	struct sp_log_line line, same;
	size_t own, after;

	sp_metrics_attempt(record->door, record->reason, record->took_us);
	write_pairs(&line, record, &own, &after);
	if (sp_reason_result(record->reason) == SP_GRANTED) {
		sp_log_end(&line);
		return;
	}
	same.level = line.level;
	same.full = line.full;
	same.length = line.length - (after - own);
	memcpy(same.text, line.text, own);
	memcpy(same.text + own, line.text + after, line.length - after + 1);
	sp_log_fold_end(fold, &line, &same, record->guess == SP_GUESS_NEW);
}
