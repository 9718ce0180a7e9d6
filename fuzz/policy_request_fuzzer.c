/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests at the policy door, one after the other: each says the same when it is written again. */
#include "fuzz/fuzz.h"
#include "lib/base/text.h"
#include "lib/wire/policy_request.h"

static void hold_text(const char *text, size_t size)
{
	FUZZ_PROMISE(strnlen(text, size) < size && strchr(text, '\n') == NULL);
}

static void write_again(const struct sp_policy_request *request, struct sp_text *out)
{
	bool of_header = request->stage == SP_POLICY_HEADER;

	sp_text_addf(out, "request=%s\nprotocol_state=%s\nsendpass_header=%s\n",
	    of_header ? SP_POLICY_HEADER_KIND : "smtpd_access_policy", request->state,
	    request->header);
	sp_text_addf(out, "client_address=%s\nclient_port=%u\nsasl_username=%s\n",
	    request->client_address, (unsigned)request->client_port, request->login);
	sp_text_addf(out, "sender=%s\nrecipient=%s\nrecipient_count=%u\n", request->sender,
	    request->recipient, (unsigned)request->recipient_count);
	sp_text_addf(out, "instance=%s\nqueue_id=%s\n\n", request->instance, request->queue_id);
}

static void hold_same(const struct sp_policy_request *a, const struct sp_policy_request *b)
{
	FUZZ_PROMISE(a->stage == b->stage && strcmp(a->state, b->state) == 0);
	FUZZ_PROMISE(strcmp(a->header, b->header) == 0 && strcmp(a->login, b->login) == 0);
	FUZZ_PROMISE(strcmp(a->client_address, b->client_address) == 0);
	FUZZ_PROMISE(a->client_port == b->client_port);
	FUZZ_PROMISE(strcmp(a->sender, b->sender) == 0);
	FUZZ_PROMISE(strcmp(a->recipient, b->recipient) == 0);
	FUZZ_PROMISE(a->recipient_count == b->recipient_count);
	FUZZ_PROMISE(strcmp(a->instance, b->instance) == 0);
	FUZZ_PROMISE(strcmp(a->queue_id, b->queue_id) == 0);
}

static void hold_complete(const struct sp_policy_request *request)
{
	static char bytes[SP_POLICY_REQUEST_MAX];
	static struct sp_policy_request again;
	struct sp_text out;
	size_t used;
	const char *why;

	hold_text(request->state, sizeof(request->state));
	hold_text(request->header, sizeof(request->header));
	hold_text(request->client_address, sizeof(request->client_address));
	hold_text(request->login, sizeof(request->login));
	hold_text(request->sender, sizeof(request->sender));
	hold_text(request->recipient, sizeof(request->recipient));
	hold_text(request->instance, sizeof(request->instance));
	hold_text(request->queue_id, sizeof(request->queue_id));
	FUZZ_PROMISE(request->stage != SP_POLICY_HEADER ||
		     (request->login[0] != '\0' && request->sender[0] != '\0' &&
			 request->header[0] != '\0'));
	sp_text_init(&out, bytes, sizeof(bytes));
	write_again(request, &out);
	FUZZ_PROMISE(!out.overflow);
	FUZZ_PROMISE(sp_policy_parse(bytes, out.length, &again, &used, &why) == SP_POLICY_COMPLETE);
	FUZZ_PROMISE(used == out.length);
	hold_same(request, &again);
}

/* The request's bytes alone, and all of them but the last. */
static void hold_bounds(const char *bytes, size_t used, const struct sp_policy_request *request)
{
	static struct sp_policy_request part;
	size_t part_used;
	const char *why;

	FUZZ_PROMISE(bytes[used - 1] == '\n');
	FUZZ_PROMISE(
	    sp_policy_parse(bytes, used - 1, &part, &part_used, &why) == SP_POLICY_PARTIAL);
	FUZZ_PROMISE(sp_policy_parse(bytes, used, &part, &part_used, &why) == SP_POLICY_COMPLETE);
	FUZZ_PROMISE(part_used == used);
	hold_same(request, &part);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sp_policy_request request;
	const char *bytes = (const char *)data, *why = NULL;
	enum sp_policy_status status;
	size_t used;

	while (
	    (status = sp_policy_parse(bytes, size, &request, &used, &why)) == SP_POLICY_COMPLETE) {
		FUZZ_PROMISE(used > 0 && used <= size && used <= SP_POLICY_REQUEST_MAX);
		hold_bounds(bytes, used, &request);
		hold_complete(&request);
		bytes += used;
		size -= used;
	}
	FUZZ_PROMISE(status == SP_POLICY_PARTIAL || why != NULL);
	FUZZ_PROMISE(status == SP_POLICY_BAD || size <= SP_POLICY_REQUEST_MAX);
	return 0;
}
