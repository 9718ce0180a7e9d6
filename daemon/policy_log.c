/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/policy_log.h"

#include "daemon/attempt_log.h"
#include "lib/base/log.h"
#include "lib/base/password_shape.h"

static const char *if_any(const char *text)
{
	return text[0] != '\0' ? text : NULL;
}

/* once: what belongs to this request alone. */
static void write_pairs(struct sp_log_line *line, const struct sp_policy_request *request,
    const struct sp_policy_record *record, bool once)
{
	const char *login = request->login;

	if (sp_resembles_app_password(login))
		login = "(looks like an app password)";
	sp_log_begin(line, sp_reason_level(record->reason), "policy");
	sp_log_text(line, "result", sp_result_name(sp_reason_result(record->reason)));
	sp_log_text(line, "reason", sp_reason_name(record->reason));
	sp_log_text(line, "stage", if_any(request->state));
	sp_log_text(line, "header", if_any(request->header));
	sp_log_text(line, "ip", if_any(request->client_address));
	if (once && request->client_port != 0)
		sp_log_number(line, "port", request->client_port);
	sp_log_text(line, "queue_id", if_any(request->queue_id));
	sp_log_text(line, "detail", record->detail);
	if (record->candidates > 1)
		sp_log_number(line, "candidates", (int64_t)record->candidates);
	sp_log_text(line, "id", record->id);
	sp_log_text(line, "owner", record->owner);
	sp_log_text(line, "label", record->label);
	sp_log_text(line, "login", if_any(login));
	sp_log_text(line, "sender", request->sender[0] != '\0' ? request->sender : "<>");
	sp_log_text(line, "recipient", if_any(request->recipient));
	if (request->recipient_count > 0)
		sp_log_number(line, "recipients", request->recipient_count);
}

void sp_policy_log(struct sp_log_fold *fold, const struct sp_policy_request *request,
    const struct sp_policy_record *record)
{
	struct sp_log_line line, same;

	write_pairs(&line, request, record, true);
	if (sp_reason_result(record->reason) == SP_GRANTED) {
		sp_log_end(&line);
		return;
	}
	write_pairs(&same, request, record, false);
	sp_log_fold_end(fold, &line, &same, false);
}
