/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/wire/socketmap_request.h"

#include <string.h>

#include "lib/base/text.h"

static const char *const words[] = {
    [SP_SOCKETMAP_TEMP] = "TEMP",
    [SP_SOCKETMAP_PERM] = "PERM",
    [SP_SOCKETMAP_NOTFOUND] = "NOTFOUND",
    [SP_SOCKETMAP_OK] = "OK",
};

enum sp_netstring_status sp_socketmap_parse(const char *bytes, size_t length,
    struct sp_socketmap_request *request_r, size_t *used_r, const char **why_r)
{
	struct sp_netstring whole;
	enum sp_netstring_status status =
	    sp_netstring_parse(bytes, length, SP_SOCKETMAP_PAYLOAD_MAX, &whole, used_r, why_r);

	if (status != SP_NETSTRING_COMPLETE)
		return status;
	const char *blank = memchr(whole.bytes, ' ', whole.length);
	*why_r = "a request without a map's name, a blank and a key";
	if (blank == NULL || blank == whole.bytes)
		return SP_NETSTRING_BAD;
	*why_r = "a NUL in a request";
	if (memchr(whole.bytes, '\0', whole.length) != NULL)
		return SP_NETSTRING_BAD;
	request_r->map = (struct sp_netstring){whole.bytes, (size_t)(blank - whole.bytes)};
	request_r->key = (struct sp_netstring){blank + 1, whole.length - request_r->map.length - 1};
	return SP_NETSTRING_COMPLETE;
}

size_t sp_socketmap_print_reply(
    enum sp_socketmap_word word, const char *data, char reply_r[SP_SOCKETMAP_REPLY_MAX])
{
	size_t data_length = strlen(data), word_length = strlen(words[word]);
	struct sp_text out;

	sp_text_init(&out, reply_r, SP_SOCKETMAP_REPLY_MAX);
	if (data_length > SP_SOCKETMAP_DATA_MAX)
		return 0;
	sp_text_addf(&out, "%zu:%s ", word_length + 1 + data_length, words[word]);
	sp_text_add(&out, data);
	sp_text_add(&out, ",");
	return out.overflow ? 0 : out.length;
}
