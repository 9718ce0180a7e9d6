/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sync_control.h - the values of Content Synchronization's controls and messages
 * (RFC 4533, section 2), as bytes and apart
 *
 * Each decoder takes a value whole or refuses it: lengths are definite (RFC 4511,
 * section 5.1), TRUE is FF, an enumeration is one byte, a UUID is 16, and nothing
 * follows. It looks at no other byte than the value's. What it yields points into
 * the value.
 */
#ifndef SP_DIRECTORY_SYNC_CONTROL_H
#define SP_DIRECTORY_SYNC_CONTROL_H

#include <lber.h>
#include <stdbool.h>

#include "sendpass/attributes.h"

#define SP_UUID_SIZE 16 /* bytes of an entryUUID (RFC 4530) */

/* The value of a Sync Request for refreshAndPersist, without a reload hint, so that
 * a server that cannot go on from the cookie says e-syncRefreshRequired. The cookie
 * may be empty. The caller frees *value_r (ber_bvfree); NULL: no memory. */
struct berval *sp_sync_encode_request(const struct berval *cookie);

enum sp_sync_state {
	SP_SYNC_PRESENT = 0,
	SP_SYNC_ADD = 1,
	SP_SYNC_MODIFY = 2,
	SP_SYNC_DELETE = 3,
};

/* Sync State, which comes with each entry. Without a cookie its bv_val is NULL. */
struct sp_sync_entry_state {
	enum sp_sync_state state;
	const unsigned char *uuid;
	struct berval cookie;
};

SP_NODISCARD bool sp_sync_decode_state(
    const struct berval *value, struct sp_sync_entry_state *state_r);

/* Sync Done, which comes with the result. */
struct sp_sync_done {
	bool refresh_deletes;
	struct berval cookie;
};

SP_NODISCARD bool sp_sync_decode_done(const struct berval *value, struct sp_sync_done *done_r);

enum sp_sync_info_kind {
	SP_SYNC_NEW_COOKIE,
	SP_SYNC_REFRESH_DELETE,
	SP_SYNC_REFRESH_PRESENT,
	SP_SYNC_ID_SET,
};

/* Sync Info, an intermediate response. */
struct sp_sync_info {
	enum sp_sync_info_kind kind;
	struct berval cookie;
	bool refresh_done;    /* of the two REFRESH kinds */
	bool refresh_deletes; /* of ID_SET: the UUIDs are of what is gone, else of what is there */
	struct berval uuids;  /* of ID_SET: for sp_sync_next_uuid() */
};

SP_NODISCARD bool sp_sync_decode_info(const struct berval *value, struct sp_sync_info *info_r);

/* The first of the UUIDs, which is then taken off them; NULL past the last. */
const unsigned char *sp_sync_next_uuid(struct berval *uuids);

#endif
