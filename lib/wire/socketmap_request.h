/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * socketmap_request.h - Postfix's socketmap protocol (socketmap_table(5))
 *
 * A request is a netstring "NAME KEY": the map's name, a blank, and the rest is
 * the key. A reply is a netstring that begins with a word:
 *
 *	OK DATA		what was found
 *	NOTFOUND	nothing was
 *	TEMP WHY	cannot know now; TIMEOUT is the same to Postfix
 *	PERM WHY	the request makes no sense here; 451 to the client, too
 */
#ifndef SP_WIRE_SOCKETMAP_REQUEST_H
#define SP_WIRE_SOCKETMAP_REQUEST_H

#include <stddef.h>

#include "lib/wire/netstring.h"
#include "sendpass/attributes.h"

/* Postfix asks no more than 10000 bytes of key. */
#define SP_SOCKETMAP_PAYLOAD_MAX 10240
#define SP_SOCKETMAP_REQUEST_MAX (SP_SOCKETMAP_PAYLOAD_MAX + SP_NETSTRING_EXTRA)

/* Postfix takes 100000 bytes; a unix socket's buffer, empty, takes these at once. */
#define SP_SOCKETMAP_DATA_MAX  65536
#define SP_SOCKETMAP_REPLY_MAX (SP_SOCKETMAP_DATA_MAX + 16 + SP_NETSTRING_EXTRA)

struct sp_socketmap_request {
	struct sp_netstring map; /* not empty, without blanks */
	struct sp_netstring key;
};

/* As sp_netstring_parse(); what the request points to is within the bytes. Bad too
 * is a request without a blank, or with a NUL. */
SP_NODISCARD enum sp_netstring_status sp_socketmap_parse(const char *bytes, size_t length,
    struct sp_socketmap_request *request_r, size_t *used_r, const char **why_r);

enum sp_socketmap_word {
	SP_SOCKETMAP_TEMP = 0,
	SP_SOCKETMAP_PERM,
	SP_SOCKETMAP_NOTFOUND,
	SP_SOCKETMAP_OK,
};

/* The reply in reply_r; returns its length, and 0 if data is too long for one. */
size_t sp_socketmap_print_reply(
    enum sp_socketmap_word word, const char *data, char reply_r[SP_SOCKETMAP_REPLY_MAX]);

#endif
