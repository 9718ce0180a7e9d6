/* SPDX-License-Identifier: BSD-2-Clause */
/* Values of Content Sync, from whoever answers as the directory: taken whole or refused, and
 * nothing points outside. */
#include "fuzz/fuzz.h"
#include "lib/directory/sync_control.h"

static bool is_within(const struct berval *part, const struct berval *value)
{
	return part->bv_val == NULL ||
	       (part->bv_val >= value->bv_val &&
		   part->bv_val + part->bv_len <= value->bv_val + value->bv_len);
}

static bool decode_state(const struct berval *value)
{
	struct sp_sync_entry_state state;

	if (!sp_sync_decode_state(value, &state))
		return false;
	struct berval uuid = {SP_UUID_SIZE, (char *)(uintptr_t)state.uuid};
	FUZZ_PROMISE(state.uuid != NULL && is_within(&uuid, value));
	FUZZ_PROMISE(is_within(&state.cookie, value) && state.state <= SP_SYNC_DELETE);
	return true;
}

static bool decode_done(const struct berval *value)
{
	struct sp_sync_done done;

	if (!sp_sync_decode_done(value, &done))
		return false;
	FUZZ_PROMISE(is_within(&done.cookie, value));
	return true;
}

static bool decode_info(const struct berval *value)
{
	struct sp_sync_info info;
	const unsigned char *uuid;
	size_t count = 0;

	if (!sp_sync_decode_info(value, &info))
		return false;
	FUZZ_PROMISE(is_within(&info.cookie, value) && is_within(&info.uuids, value));
	FUZZ_PROMISE(info.kind == SP_SYNC_ID_SET || info.uuids.bv_len == 0);
	FUZZ_PROMISE(info.kind == SP_SYNC_ID_SET || !info.refresh_deletes);
	struct berval uuids = info.uuids;
	while ((uuid = sp_sync_next_uuid(&uuids)) != NULL) {
		struct berval bytes = {SP_UUID_SIZE, (char *)(uintptr_t)uuid};
		FUZZ_PROMISE(is_within(&bytes, value));
		count++;
	}
	/* each has a tag and a length, of one byte or more */
	FUZZ_PROMISE(uuids.bv_len == 0 && count <= info.uuids.bv_len / (SP_UUID_SIZE + 2));
	return true;
}

/* With a byte less, and with one more behind it, it is no value. */
static void hold_whole(const uint8_t *data, size_t size, bool (*decode)(const struct berval *))
{
	struct berval value = {size, (char *)(uintptr_t)data};

	if (!decode(&value))
		return;
	char *copy = calloc(1, size + 1);
	FUZZ_PROMISE(copy != NULL && size > 0);
	memcpy(copy, data, size);
	FUZZ_PROMISE(!decode(&(struct berval){size - 1, copy}));
	FUZZ_PROMISE(!decode(&(struct berval){size + 1, copy}));
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct berval cookie = {size, (char *)(uintptr_t)data};
	struct berval *request = sp_sync_encode_request(&cookie);

	hold_whole(data, size, decode_state);
	hold_whole(data, size, decode_done);
	hold_whole(data, size, decode_info);
	FUZZ_PROMISE(request != NULL && request->bv_len >= size + 5);
	FUZZ_PROMISE(size == 0 || memmem(request->bv_val, request->bv_len, data, size) != NULL);
	ber_bvfree(request);
	return 0;
}
