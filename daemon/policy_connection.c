/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/policy_connection.h"

#include "daemon/policy_check.h"
#include "lib/base/text.h"

static void on_answer(void *context, const struct sp_policy_answer *answer)
{
	char bytes[SP_POLICY_REPLY_MAX + 128];
	struct sp_text out;

	if (answer->action == NULL) {
		sp_request_answer(context, NULL, 0);
		return;
	}
	sp_text_init(&out, bytes, sizeof(bytes));
	sp_text_addf(&out, "action=%s\n", answer->action);
	if (answer->reason != NULL)
		sp_text_addf(&out, "sendpass_reason=%s\n", answer->reason);
	if (answer->id != NULL)
		sp_text_addf(&out, "sendpass_id=%s\n", answer->id);
	sp_text_add(&out, "\n");
	sp_request_answer(context, out.bytes, out.length);
}

static enum sp_request_status begin(struct sp_request_connection *connection, const char *bytes,
    size_t length, size_t *used_r, void **work_r, const char **why_r)
{
	struct sp_policy_request request;

	switch (sp_policy_parse(bytes, length, &request, used_r, why_r)) {
	case SP_POLICY_BAD:
		return SP_REQUEST_BAD;
	case SP_POLICY_PARTIAL:
		return SP_REQUEST_PARTIAL;
	case SP_POLICY_COMPLETE:
		break;
	}
	*work_r = sp_policy_check_begin(
	    sp_request_connection_site(connection), &request, on_answer, connection);
	return SP_REQUEST_COMPLETE;
}

static void abandon(void *work)
{
	struct sp_policy_check *check = work;

	sp_policy_check_abandon(&check);
}

const struct sp_request_protocol sp_policy_protocol = {
    .name = "policy",
    .request_max = SP_POLICY_REQUEST_MAX,
    .begin = begin,
    .abandon = abandon,
};
