/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * replica_csn.h - how far an OpenLDAP server is, and how far we are
 *
 * A CSN (change sequence number) is the name of a change: its time, and in its third
 * part the server that made it, as in 20261124121500.123456Z#000000#001#000000. An
 * OpenLDAP database has of each such server the latest in `contextCSN`, and a cookie
 * of Content Sync holds the same. Those of one server are in the order of their text.
 */
#ifndef SP_DIRECTORY_REPLICA_CSN_H
#define SP_DIRECTORY_REPLICA_CSN_H

#include <lber.h>
#include <stdbool.h>
#include <stddef.h>

#include "sendpass/attributes.h"

#define SP_CSN_SIZE   40 /* bytes of a CSN */
#define SP_CSNS_MOST  32 /* servers that write to one database */
#define SP_CSN_COOKIE (sizeof("rid=001,csn=") + SP_CSNS_MOST * (SP_CSN_SIZE + 1))

/* The latest CSN of each server. Starts as zero. */
struct sp_csns {
	size_t count;
	char texts[SP_CSNS_MOST][SP_CSN_SIZE + 1];
};

/* Takes a CSN unless a later one of its server is known. False, with nothing changed,
 * for what is no CSN, or of one server too many. */
SP_NODISCARD bool sp_csns_add(struct sp_csns *csns, const char *bytes, size_t length);

/* The same with those that a cookie of OpenLDAP's holds. False if it holds none. */
SP_NODISCARD bool sp_csns_add_cookie(struct sp_csns *csns, const struct berval *cookie);

/* Whether each of the others is known or followed by a later one. */
SP_NODISCARD bool sp_csns_cover(const struct sp_csns *csns, const struct sp_csns *others);

/* As a cookie of OpenLDAP's, for the consumer of that number (1 to 9): without it the
 * server gives no cookies. */
void sp_csns_to_cookie(const struct sp_csns *csns, int consumer, char cookie_r[SP_CSN_COOKIE]);

#endif
