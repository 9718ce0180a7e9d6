/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/socketmap_connection.h"

#include <stdbool.h>
#include <string.h>

#include "daemon/sender_lookup.h"
#include "lib/base/sender.h"
#include "lib/wire/socketmap_request.h"

#define SENDER_LOGINS "sender-logins"

static void reply(
    struct sp_request_connection *connection, enum sp_socketmap_word word, const char *data)
{
	char bytes[SP_SOCKETMAP_REPLY_MAX];
	size_t length = sp_socketmap_print_reply(word, data, bytes);

	sp_request_answer(connection, length > 0 ? bytes : NULL, length);
}

/* A sender that is somebody's is never "not found", since Postfix then asks for
 * less than the whole address, and takes the sender for nobody's at the end. "," is
 * a list of no login. */
static void on_senders(void *context, const struct sp_sender_logins *found, const char *why)
{
	if (found == NULL)
		reply(context, SP_SOCKETMAP_TEMP, why);
	else if (found->owned)
		reply(context, SP_SOCKETMAP_OK, found->list[0] != '\0' ? found->list : ",");
	else
		reply(context, SP_SOCKETMAP_NOTFOUND, "");
}

/* Postfix looks for user+extension@domain, then user@domain, then user if the
 * domain is local, and @domain at last. The first two are addresses, each judged as
 * what it is. The others are nobody's: whoever may send as the whole domain was found
 * with the whole address, and whoever was not must not get more by less of it. */
static bool copy_sender(const struct sp_netstring *key, char sender_r[SP_SENDER_PATTERN_MAX + 1])
{
	if (key->length > SP_SENDER_PATTERN_MAX)
		return false;
	memcpy(sender_r, key->bytes, key->length);
	sender_r[key->length] = '\0';
	return sp_sender_is_complete(sender_r);
}

static bool is_our_map(const struct sp_netstring *map)
{
	return map->length == strlen(SENDER_LOGINS) &&
	       memcmp(map->bytes, SENDER_LOGINS, map->length) == 0;
}

static enum sp_request_status begin(struct sp_request_connection *connection, const char *bytes,
    size_t length, size_t *used_r, void **work_r, const char **why_r)
{
	struct sp_socketmap_request request;
	char sender[SP_SENDER_PATTERN_MAX + 1];

	switch (sp_socketmap_parse(bytes, length, &request, used_r, why_r)) {
	case SP_NETSTRING_BAD:
		return SP_REQUEST_BAD;
	case SP_NETSTRING_PARTIAL:
		return SP_REQUEST_PARTIAL;
	case SP_NETSTRING_COMPLETE:
		break;
	}
	if (!is_our_map(&request.map))
		reply(connection, SP_SOCKETMAP_PERM, "there is no such map, only " SENDER_LOGINS);
	else if (!copy_sender(&request.key, sender))
		reply(connection, SP_SOCKETMAP_NOTFOUND, "");
	else
		*work_r = sp_sender_lookup_begin(
		    sp_request_connection_site(connection), sender, on_senders, connection);
	return SP_REQUEST_COMPLETE;
}

static void abandon(void *work)
{
	sp_sender_lookup_abandon(work);
}

const struct sp_request_protocol sp_socketmap_protocol = {
    .name = "socketmap",
    .request_max = SP_SOCKETMAP_REQUEST_MAX,
    .begin = begin,
    .abandon = abandon,
};
