/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/directory/replica_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/directory/replica_tables.h"
#include "lib/store/lmdb_file.h"

#define READERS_MAX 128

static MDB_val text_of(const char *text)
{
	return (MDB_val){.mv_size = strlen(text), .mv_data = (char *)(uintptr_t)text};
}

MDB_val sp_replica_meta_key(enum sp_replica_meta what, enum sp_replica_content content)
{
	static const char *const names[][SP_REPLICA_CONTENTS] = {
	    [SP_META_COOKIE] = {"credentials cookie", "owners cookie"},
	    [SP_META_WHOLE] = {"credentials whole", "owners whole"},
	    [SP_META_CONTACT] = {"credentials contact", "owners contact"},
	};

	return text_of(names[what][content]);
}

/* ---- opening ---- */

static int open_tables(struct sp_replica_store *store, MDB_txn *txn)
{
	static const char *const entries[] = {"credentials", "owners"};
	static const char *const marks[] = {"credentials marked", "owners marked"};
	int code = mdb_dbi_open(txn, "meta", MDB_CREATE, &store->meta);

	if (code == MDB_SUCCESS)
		code = mdb_dbi_open(
		    txn, "index", MDB_CREATE | MDB_DUPSORT | MDB_DUPFIXED, &store->index);
	for (int i = 0; i < SP_REPLICA_CONTENTS && code == MDB_SUCCESS; i++) {
		code = mdb_dbi_open(txn, entries[i], MDB_CREATE, &store->entries[i]);
		if (code == MDB_SUCCESS)
			code = mdb_dbi_open(txn, marks[i], MDB_CREATE, &store->marks[i]);
	}
	return code;
}

/* By the wall clock, for how long has there been no contact? */
static void recall_contact(
    struct sp_replica_store *store, enum sp_replica_content content, MDB_val value)
{
	int64_t then, wall_ms = sp_replica_wall_ms();

	if (value.mv_size != sizeof(then))
		return;
	memcpy(&then, value.mv_data, sizeof(then));
	/* in the future: the clock was set, and nobody knows how long it was */
	if (then > wall_ms / 1000 || then < 0)
		return;
	atomic_store(&store->contact_wall_ms[content], then * 1000);
	atomic_store(&store->contact_ms[content], sp_now_ms() - (wall_ms - then * 1000));
}

static int recall(struct sp_replica_store *store, MDB_txn *txn, enum sp_replica_content content)
{
	MDB_val key = sp_replica_meta_key(SP_META_WHOLE, content), value;
	MDB_stat table;
	int code = mdb_stat(txn, store->entries[content], &table);

	atomic_store(&store->contact_ms[content], SP_NO_CONTACT);
	if (code != MDB_SUCCESS)
		return code;
	atomic_store(&store->counts[content], table.ms_entries);
	code = mdb_get(txn, store->meta, &key, &value);
	atomic_store(&store->whole[content], code == MDB_SUCCESS);
	if (code == MDB_SUCCESS) {
		key = sp_replica_meta_key(SP_META_CONTACT, content);
		code = mdb_get(txn, store->meta, &key, &value);
	}
	if (code == MDB_SUCCESS)
		recall_contact(store, content, value);
	return code == MDB_NOTFOUND ? MDB_SUCCESS : code;
}

static int write_fingerprint(struct sp_replica_store *store, MDB_txn *txn)
{
	MDB_val key = text_of("fingerprint"), value = text_of(store->scope->fingerprint);

	return mdb_put(txn, store->meta, &key, &value, 0);
}

/* MDB_INCOMPATIBLE for what was stored under another fingerprint. */
static int check_fingerprint(struct sp_replica_store *store, MDB_txn *txn)
{
	MDB_val key = text_of("fingerprint"), value;
	const char *wanted = store->scope->fingerprint;
	int code = mdb_get(txn, store->meta, &key, &value);

	if (code == MDB_NOTFOUND)
		return write_fingerprint(store, txn);
	if (code == MDB_SUCCESS &&
	    (value.mv_size != strlen(wanted) || memcmp(value.mv_data, wanted, value.mv_size) != 0))
		return MDB_INCOMPATIBLE;
	return code;
}

static int open_file(struct sp_replica_store *store, const char *path, size_t map_size)
{
	const struct sp_lmdb_wish wish = {
	    .map_size = map_size, .tables = 2 + 2 * SP_REPLICA_CONTENTS, .readers = READERS_MAX};
	MDB_txn *txn;
	int code = sp_lmdb_open(path, &wish, &store->env);

	if (code == MDB_SUCCESS)
		code = mdb_txn_begin(store->env, NULL, 0, &txn);
	if (code != MDB_SUCCESS)
		return code;
	code = open_tables(store, txn);
	if (code == MDB_SUCCESS)
		code = check_fingerprint(store, txn);
	for (int i = 0; i < SP_REPLICA_CONTENTS && code == MDB_SUCCESS; i++)
		code = recall(store, txn, (enum sp_replica_content)i);
	if (code == MDB_SUCCESS)
		return mdb_txn_commit(txn);
	mdb_txn_abort(txn);
	return code;
}

static void close_file(struct sp_replica_store *store)
{
	if (store->env != NULL)
		mdb_env_close(store->env);
	store->env = NULL;
}

/* Whether the file can be given up for a new one: it is damaged, or of another
 * configuration, and not just out of reach. */
static bool is_worthless(int code)
{
	return code == MDB_INCOMPATIBLE || code == MDB_INVALID || code == MDB_CORRUPTED ||
	       code == MDB_VERSION_MISMATCH || code == MDB_PAGE_NOTFOUND || code == MDB_PANIC ||
	       code == MDB_BAD_DBI;
}

static void log_reset(const char *path, int code)
{
	struct sp_log_line line;

	sp_log_begin(&line, SP_LOG_WARNING, "replica_store_reset");
	sp_log_text(&line, "path", path);
	sp_log_text(&line, "error",
	    code == MDB_INCOMPATIBLE ? "it was stored under other settings" : mdb_strerror(code));
	sp_log_end(&line);
}

struct sp_replica_store *sp_replica_store_open(
    const struct sp_replica_scope *scope, const char *path, size_t map_size, const char **why_r)
{
	struct sp_replica_store *store = calloc(1, sizeof(*store));

	*why_r = "no memory";
	if (store == NULL)
		return NULL;
	store->sink.ops = &sp_replica_sink_ops;
	store->scope = scope;
	int code = open_file(store, path, map_size);
	if (is_worthless(code)) {
		log_reset(path, code);
		close_file(store);
		code = unlink(path) == 0 ? open_file(store, path, map_size) : code;
	}
	if (code == MDB_SUCCESS)
		return store;
	*why_r = mdb_strerror(code);
	close_file(store);
	free(store);
	return NULL;
}

void sp_replica_store_close(struct sp_replica_store **store)
{
	MDB_txn *txn;

	if (store == NULL || *store == NULL)
		return;
	(*store)->sink.ops->abort(&(*store)->sink);
	if (mdb_txn_begin((*store)->env, NULL, 0, &txn) == MDB_SUCCESS) {
		if (sp_replica_keep_contacts(*store, txn) == MDB_SUCCESS)
			(void)mdb_txn_commit(txn);
		else
			mdb_txn_abort(txn);
	}
	close_file(*store);
	free(*store);
	*store = NULL;
}

const struct sp_replica_scope *sp_replica_store_scope(const struct sp_replica_store *store)
{
	return store->scope;
}

struct sp_replica_sink *sp_replica_store_sink(struct sp_replica_store *store)
{
	return &store->sink;
}

/* ---- what it is worth ---- */

int64_t sp_replica_store_age_ms(const struct sp_replica_store *store)
{
	int64_t oldest_ms = 0;

	for (int i = 0; i < SP_REPLICA_CONTENTS; i++) {
		int64_t age_ms = sp_replica_contact_age_ms(store, (enum sp_replica_content)i);
		if (!atomic_load(&store->whole[i]))
			return SP_REPLICA_NEVER;
		oldest_ms = age_ms > oldest_ms ? age_ms : oldest_ms;
	}
	return oldest_ms;
}

size_t sp_replica_store_count(const struct sp_replica_store *store, enum sp_replica_content content)
{
	return atomic_load(&store->counts[content]);
}
