/* SPDX-License-Identifier: BSD-2-Clause */
/* replica_reader.c - the store as one reader sees it (replica_store.h) */
#include <stdlib.h>
#include <string.h>

#include "lib/base/log.h"
#include "lib/directory/replica_tables.h"

struct sp_replica_reader {
	struct sp_replica_store *store;
	MDB_txn *txn;                    /* kept, and renewed for each moment */
	MDB_cursor *cursor;              /* in the index */
	enum sp_replica_content content; /* that the key leads to */
	struct sp_replica_key key;
	MDB_cursor_op next;
};

static void log_unreadable(int code)
{
	struct sp_log_line line;

	sp_log_begin(&line, SP_LOG_ERROR, "replica_unreadable");
	sp_log_text(&line, "error", mdb_strerror(code));
	sp_log_end(&line);
}

struct sp_replica_reader *sp_replica_reader_new(struct sp_replica_store *store)
{
	struct sp_replica_reader *reader = calloc(1, sizeof(*reader));

	if (reader == NULL)
		return NULL;
	reader->store = store;
	int code = mdb_txn_begin(store->env, NULL, MDB_RDONLY, &reader->txn);
	if (code == MDB_SUCCESS)
		code = mdb_cursor_open(reader->txn, store->index, &reader->cursor);
	if (code == MDB_SUCCESS) {
		mdb_txn_reset(reader->txn);
		return reader;
	}
	log_unreadable(code);
	sp_replica_reader_free(&reader);
	return NULL;
}

void sp_replica_reader_free(struct sp_replica_reader **reader)
{
	if (reader == NULL || *reader == NULL)
		return;
	if ((*reader)->cursor != NULL)
		mdb_cursor_close((*reader)->cursor);
	if ((*reader)->txn != NULL)
		mdb_txn_abort((*reader)->txn);
	free(*reader);
	*reader = NULL;
}

bool sp_replica_reader_begin(struct sp_replica_reader *reader)
{
	int code = mdb_txn_renew(reader->txn);

	if (code != MDB_SUCCESS) {
		log_unreadable(code);
		return false;
	}
	code = mdb_cursor_renew(reader->txn, reader->cursor);
	if (code == MDB_SUCCESS)
		return true;
	log_unreadable(code);
	mdb_txn_reset(reader->txn);
	return false;
}

void sp_replica_reader_end(struct sp_replica_reader *reader)
{
	mdb_txn_reset(reader->txn);
}

void sp_replica_reader_seek(struct sp_replica_reader *reader, const struct sp_replica_key *key)
{
	char kind = key->bytes[0];

	reader->key.length = key->length;
	memcpy(reader->key.bytes, key->bytes, key->length);
	reader->content = kind == SP_REPLICA_KEY_DN || kind == SP_REPLICA_KEY_VALUE
			      ? SP_REPLICA_OWNERS
			      : SP_REPLICA_CREDENTIALS;
	reader->next = MDB_SET_KEY;
}

enum sp_replica_got sp_replica_reader_next(
    struct sp_replica_reader *reader, struct sp_entry *entry_r)
{
	MDB_val key = {.mv_size = reader->key.length, .mv_data = reader->key.bytes};
	MDB_val uuid, value;
	int code = mdb_cursor_get(reader->cursor, &key, &uuid, reader->next);

	reader->next = MDB_NEXT_DUP;
	if (code == MDB_NOTFOUND)
		return SP_REPLICA_END;
	/* what the index knows must be there */
	if (code == MDB_SUCCESS)
		code = mdb_get(reader->txn, reader->store->entries[reader->content], &uuid, &value);
	if (code == MDB_SUCCESS && !sp_entry_view(value.mv_data, value.mv_size, entry_r))
		code = MDB_CORRUPTED;
	if (code == MDB_SUCCESS)
		return SP_REPLICA_ENTRY;
	log_unreadable(code);
	return SP_REPLICA_DAMAGED;
}
