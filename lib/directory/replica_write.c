/* SPDX-License-Identifier: BSD-2-Clause */
/* replica_write.c - the sink of the store (replica_sink.h) */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/log.h"
#include "lib/directory/replica_container.h"
#include "lib/directory/replica_tables.h"

static struct sp_replica_store *store_of(struct sp_replica_sink *sink)
{
	return (struct sp_replica_store *)sink;
}

bool sp_replica_stored(int code)
{
	struct sp_log_line line;

	if (code == MDB_SUCCESS)
		return true;
	sp_log_begin(&line, SP_LOG_ERROR, "replica_store_failed");
	sp_log_text(&line, "error",
	    code == MDB_MAP_FULL ? "the file is as large as [directory] replica_size lets it be"
				 : mdb_strerror(code));
	sp_log_end(&line);
	return false;
}

static MDB_val uuid_of(const unsigned char uuid[SP_UUID_SIZE])
{
	return (MDB_val){.mv_size = SP_UUID_SIZE, .mv_data = (void *)(uintptr_t)uuid};
}

static const struct sp_replica_search *sink_search(
    struct sp_replica_sink *sink, enum sp_replica_content content)
{
	return &store_of(sink)->scope->searches[content];
}

static const struct sp_replica_search *sink_probe(
    struct sp_replica_sink *sink, enum sp_replica_content content)
{
	return content == SP_REPLICA_OWNERS ? &store_of(sink)->scope->probe : NULL;
}

/* ---- batches ---- */

static bool sink_begin(struct sp_replica_sink *sink, enum sp_replica_content content)
{
	struct sp_replica_store *store = store_of(sink);

	store->content = content;
	store->completes = false;
	return sp_replica_stored(mdb_txn_begin(store->env, NULL, 0, &store->batch));
}

static void sink_abort(struct sp_replica_sink *sink)
{
	struct sp_replica_store *store = store_of(sink);

	if (store->batch != NULL)
		mdb_txn_abort(store->batch);
	store->batch = NULL;
}

static bool sink_commit(struct sp_replica_sink *sink)
{
	struct sp_replica_store *store = store_of(sink);
	MDB_stat table;
	int code = sp_replica_keep_contacts(store, store->batch);

	if (code == MDB_SUCCESS)
		code = mdb_stat(store->batch, store->entries[store->content], &table);
	if (code != MDB_SUCCESS) {
		sink_abort(sink);
		return sp_replica_stored(code);
	}
	code = mdb_txn_commit(store->batch);
	store->batch = NULL; /* freed, whatever came of it */
	if (code == MDB_SUCCESS) {
		atomic_store(&store->counts[store->content], table.ms_entries);
		if (store->completes) {
			atomic_store(&store->whole[store->content], true);
			store->refreshing[store->content] = false;
		}
	}
	return sp_replica_stored(code);
}

/* ---- entries ---- */

struct indexing {
	struct sp_replica_store *store;
	MDB_val uuid;
	int code;
};

static bool add_key(void *context, const struct sp_replica_key *key)
{
	struct indexing *indexing = context;
	MDB_val name = {.mv_size = key->length, .mv_data = (void *)(uintptr_t)key->bytes};

	indexing->code = mdb_put(
	    indexing->store->batch, indexing->store->index, &name, &indexing->uuid, MDB_NODUPDATA);
	if (indexing->code == MDB_KEYEXIST)
		indexing->code = MDB_SUCCESS;
	return indexing->code == MDB_SUCCESS;
}

static bool remove_key(void *context, const struct sp_replica_key *key)
{
	struct indexing *indexing = context;
	MDB_val name = {.mv_size = key->length, .mv_data = (void *)(uintptr_t)key->bytes};

	indexing->code =
	    mdb_del(indexing->store->batch, indexing->store->index, &name, &indexing->uuid);
	if (indexing->code == MDB_NOTFOUND) /* it came twice */
		indexing->code = MDB_SUCCESS;
	return indexing->code == MDB_SUCCESS;
}

static int change_keys(struct sp_replica_store *store, MDB_val uuid, const struct sp_entry *entry,
    sp_replica_key_fn *change)
{
	struct indexing indexing = {.store = store, .uuid = uuid};

	return sp_replica_keys_of(store->scope, store->content, entry, change, &indexing)
		   ? MDB_SUCCESS
		   : indexing.code;
}

/* A copy of what is stored under the uuid, to outlive the next change: the caller frees
 * *bytes_r, wiped. MDB_NOTFOUND if there is nothing. */
static int copy_entry(
    struct sp_replica_store *store, MDB_val uuid, char **bytes_r, struct sp_entry *entry_r)
{
	MDB_val value;
	int code = mdb_get(store->batch, store->entries[store->content], &uuid, &value);

	*bytes_r = NULL;
	if (code != MDB_SUCCESS)
		return code;
	*bytes_r = malloc(value.mv_size + 1);
	if (*bytes_r == NULL)
		return ENOMEM;
	memcpy(*bytes_r, value.mv_data, value.mv_size);
	if (sp_entry_view(*bytes_r, value.mv_size, entry_r))
		return MDB_SUCCESS;
	free(*bytes_r);
	*bytes_r = NULL;
	return MDB_CORRUPTED;
}

static void free_copy(char *bytes, const struct sp_entry *entry)
{
	if (bytes != NULL)
		explicit_bzero(bytes, entry->length);
	free(bytes);
}

static int mark(struct sp_replica_store *store, MDB_val uuid)
{
	MDB_val nothing = {.mv_size = 0, .mv_data = NULL};

	if (!store->refreshing[store->content])
		return MDB_SUCCESS;
	return mdb_put(store->batch, store->marks[store->content], &uuid, &nothing, 0);
}

static enum sp_replica_change change_of(const struct sp_entry *old, const struct sp_entry *new)
{
	char was[SP_DN_NORMAL_MAX], is[SP_DN_NORMAL_MAX];
	struct berval old_dn = sp_entry_dn(old), new_dn = sp_entry_dn(new);
	size_t length;

	if (old_dn.bv_len == new_dn.bv_len &&
	    memcmp(old_dn.bv_val, new_dn.bv_val, new_dn.bv_len) == 0)
		return SP_REPLICA_CHANGED;
	bool same = sp_dn_normal(old_dn.bv_val, old_dn.bv_len, was, &length) &&
		    sp_dn_normal(new_dn.bv_val, new_dn.bv_len, is, &length) && strcmp(was, is) == 0;
	return same ? SP_REPLICA_CHANGED : SP_REPLICA_MOVED;
}

static int replace(struct sp_replica_store *store, MDB_val uuid, const struct sp_entry *entry,
    enum sp_replica_change *change_r)
{
	MDB_val value = {.mv_size = entry->length, .mv_data = (void *)(uintptr_t)entry->bytes};
	struct sp_entry old;
	char *bytes;
	int code = copy_entry(store, uuid, &bytes, &old);

	*change_r = SP_REPLICA_ADDED;
	if (code == MDB_SUCCESS) {
		*change_r = change_of(&old, entry);
		bool same = old.length == entry->length &&
			    memcmp(old.bytes, entry->bytes, entry->length) == 0;
		if (!same)
			code = change_keys(store, uuid, &old, remove_key);
		free_copy(bytes, &old);
		if (same)
			return MDB_SUCCESS;
	} else if (code == MDB_NOTFOUND) {
		code = MDB_SUCCESS;
	}
	if (code == MDB_SUCCESS)
		code = mdb_put(store->batch, store->entries[store->content], &uuid, &value, 0);
	if (code == MDB_SUCCESS)
		code = change_keys(store, uuid, entry, add_key);
	return code;
}

static bool sink_put(struct sp_replica_sink *sink, const unsigned char uuid[SP_UUID_SIZE],
    const struct sp_entry *entry, enum sp_replica_change *change_r)
{
	struct sp_replica_store *store = store_of(sink);
	int code = replace(store, uuid_of(uuid), entry, change_r);

	if (code == MDB_SUCCESS)
		code = mark(store, uuid_of(uuid));
	return sp_replica_stored(code);
}

static int drop_entry(struct sp_replica_store *store, MDB_val uuid, bool *container_r)
{
	struct sp_entry old;
	char *bytes;
	int code = copy_entry(store, uuid, &bytes, &old);

	*container_r = false;
	if (code != MDB_SUCCESS)
		return code == MDB_NOTFOUND ? MDB_SUCCESS : code;
	*container_r = sp_entry_is_container(&old);
	code = change_keys(store, uuid, &old, remove_key);
	free_copy(bytes, &old);
	if (code == MDB_SUCCESS)
		code = mdb_del(store->batch, store->entries[store->content], &uuid, NULL);
	return code;
}

static bool sink_drop(
    struct sp_replica_sink *sink, const unsigned char uuid[SP_UUID_SIZE], bool *container_r)
{
	return sp_replica_stored(drop_entry(store_of(sink), uuid_of(uuid), container_r));
}

/* ---- refreshes ---- */

static bool sink_begin_refresh(struct sp_replica_sink *sink)
{
	struct sp_replica_store *store = store_of(sink);

	store->refreshing[store->content] = true;
	return sp_replica_stored(mdb_drop(store->batch, store->marks[store->content], 0));
}

/* The first entry after the uuid that is not marked; MDB_NOTFOUND past the last. */
static int next_unmarked(struct sp_replica_store *store, MDB_cursor *cursor, MDB_val *uuid)
{
	MDB_val value;
	int code;

	while ((code = mdb_cursor_get(cursor, uuid, &value, MDB_NEXT)) == MDB_SUCCESS) {
		MDB_val nothing;
		int marked = mdb_get(store->batch, store->marks[store->content], uuid, &nothing);
		if (marked != MDB_SUCCESS)
			return marked == MDB_NOTFOUND ? MDB_SUCCESS : marked;
	}
	return code;
}

static bool sink_drop_unmarked(struct sp_replica_sink *sink)
{
	struct sp_replica_store *store = store_of(sink);
	unsigned char last[SP_UUID_SIZE];
	MDB_cursor *cursor;
	MDB_val uuid;
	bool container;
	int code = mdb_cursor_open(store->batch, store->entries[store->content], &cursor);

	if (code != MDB_SUCCESS)
		return sp_replica_stored(code);
	while ((code = next_unmarked(store, cursor, &uuid)) == MDB_SUCCESS) {
		if (uuid.mv_size != sizeof(last)) {
			code = MDB_CORRUPTED;
			break;
		}
		memcpy(last, uuid.mv_data, sizeof(last));
		/* the cursor of the same batch stays valid, and then stands on the next */
		code = drop_entry(store, uuid_of(last), &container);
		if (code != MDB_SUCCESS)
			break;
	}
	mdb_cursor_close(cursor);
	return sp_replica_stored(code == MDB_NOTFOUND ? MDB_SUCCESS : code);
}

static bool sink_complete(struct sp_replica_sink *sink)
{
	struct sp_replica_store *store = store_of(sink);
	MDB_val key = sp_replica_meta_key(SP_META_WHOLE, store->content);
	MDB_val nothing = {.mv_size = 0, .mv_data = NULL};
	int code = mdb_put(store->batch, store->meta, &key, &nothing, 0);

	if (code == MDB_SUCCESS)
		code = mdb_drop(store->batch, store->marks[store->content], 0);
	store->completes = code == MDB_SUCCESS;
	return sp_replica_stored(code);
}

static bool sink_has_any(struct sp_replica_sink *sink, enum sp_replica_content content, bool *any_r)
{
	*any_r = sp_replica_store_count(store_of(sink), content) > 0;
	return true;
}

const struct sp_replica_sink_ops sp_replica_sink_ops = {
    .search = sink_search,
    .probe = sink_probe,
    .get_cookie = sp_replica_get_cookie,
    .has_any = sink_has_any,
    .begin = sink_begin,
    .commit = sink_commit,
    .abort = sink_abort,
    .put = sink_put,
    .drop = sink_drop,
    .begin_refresh = sink_begin_refresh,
    .drop_unmarked = sink_drop_unmarked,
    .complete = sink_complete,
    .set_cookie = sp_replica_set_cookie,
    .contact = sp_replica_contact,
};
