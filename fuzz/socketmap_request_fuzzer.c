/* SPDX-License-Identifier: BSD-2-Clause */
/* Netstrings with socketmap requests in them: within the bytes, and the same when written again. */
#include "fuzz/fuzz.h"
#include "lib/base/text.h"
#include "lib/wire/socketmap_request.h"

static bool is_within(const struct sp_netstring *string, const char *bytes, size_t used)
{
	return string->bytes >= bytes && string->bytes + string->length < bytes + used;
}

static void hold_request(const struct sp_socketmap_request *request, const char *bytes, size_t used)
{
	static char buffer[SP_SOCKETMAP_REQUEST_MAX + 1];
	struct sp_socketmap_request part;
	struct sp_text out;
	size_t part_used;
	const char *why;

	FUZZ_PROMISE(used <= SP_SOCKETMAP_REQUEST_MAX);
	FUZZ_PROMISE(is_within(&request->map, bytes, used) && request->map.length > 0);
	FUZZ_PROMISE(is_within(&request->key, bytes, used));
	FUZZ_PROMISE(memchr(request->map.bytes, ' ', request->map.length) == NULL);
	sp_text_init(&out, buffer, sizeof(buffer));
	sp_text_addf(&out, "%zu:", request->map.length + 1 + request->key.length);
	sp_text_add_n(&out, request->map.bytes, request->map.length);
	sp_text_add(&out, " ");
	sp_text_add_n(&out, request->key.bytes, request->key.length);
	sp_text_add(&out, ",");
	FUZZ_PROMISE(out.length == used && memcmp(out.bytes, bytes, used) == 0);
	FUZZ_PROMISE(
	    sp_socketmap_parse(bytes, used - 1, &part, &part_used, &why) == SP_NETSTRING_PARTIAL);
}

/* Whatever stands in the directory, Postfix gets one netstring. */
static void hold_reply(const struct sp_netstring *key)
{
	static char reply[SP_SOCKETMAP_REPLY_MAX];
	char *data = fuzz_text((const uint8_t *)key->bytes, key->length);
	struct sp_netstring whole;
	size_t used;
	const char *why;

	size_t length = sp_socketmap_print_reply(SP_SOCKETMAP_OK, data, reply);
	FUZZ_PROMISE(length > 0);
	FUZZ_PROMISE(sp_netstring_parse(reply, length, SP_SOCKETMAP_REPLY_MAX, &whole, &used,
			 &why) == SP_NETSTRING_COMPLETE);
	FUZZ_PROMISE(used == length && whole.length == strlen("OK ") + strlen(data));
	FUZZ_PROMISE(memcmp(whole.bytes + strlen("OK "), data, strlen(data)) == 0);
	free(data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data, *why = NULL;
	enum sp_netstring_status status;
	struct sp_socketmap_request request;
	size_t used;

	while ((status = sp_socketmap_parse(bytes, size, &request, &used, &why)) ==
	       SP_NETSTRING_COMPLETE) {
		FUZZ_PROMISE(used > 0 && used <= size);
		hold_request(&request, bytes, used);
		hold_reply(&request.key);
		bytes += used;
		size -= used;
	}
	FUZZ_PROMISE(status == SP_NETSTRING_PARTIAL || why != NULL);
	FUZZ_PROMISE(status == SP_NETSTRING_BAD || size < SP_SOCKETMAP_REQUEST_MAX);
	return 0;
}
