/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/rate_file.h"

#include <errno.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/store/lmdb_file.h"

/* Room for all counters twice: LMDB writes beside what it replaces. */
#define MAP_SIZE  ((size_t)256 * 1024 * 1024)
#define PATH_SIZE 4096

struct sp_rate_file {
	MDB_env *env;
	MDB_dbi dbi;
};

/* What tells counters apart; all of it is set, so that equal keys have equal bytes. */
struct key {
	uint64_t window_ms;
	uint32_t kind;
	char id[SP_ID_MAX + 4];
};

static bool fail(int code, const char **why_r)
{
	*why_r = mdb_strerror(code);
	return code == MDB_SUCCESS;
}

static bool open_table(struct sp_rate_file *file, const char **why_r)
{
	MDB_txn *txn;
	int code = mdb_txn_begin(file->env, NULL, 0, &txn);

	if (code != MDB_SUCCESS)
		return fail(code, why_r);
	code = mdb_dbi_open(txn, NULL, 0, &file->dbi);
	if (code != MDB_SUCCESS) {
		mdb_txn_abort(txn);
		return fail(code, why_r);
	}
	return fail(mdb_txn_commit(txn), why_r);
}

struct sp_rate_file *sp_rate_file_open(const char *directory, const char **why_r)
{
	struct sp_rate_file *file = calloc(1, sizeof(*file));
	char path[PATH_SIZE];
	int length = snprintf(path, sizeof(path), "%s/rates.lmdb", directory);

	if (file == NULL || length < 0 || (size_t)length >= sizeof(path)) {
		free(file);
		fail(ENOMEM, why_r);
		return NULL;
	}
	const struct sp_lmdb_wish wish = {.map_size = MAP_SIZE};
	if (fail(sp_lmdb_open(path, &wish, &file->env), why_r) && open_table(file, why_r))
		return file;
	sp_rate_file_close(&file);
	return NULL;
}

void sp_rate_file_close(struct sp_rate_file **file)
{
	if (file == NULL || *file == NULL)
		return;
	if ((*file)->env != NULL)
		mdb_env_close((*file)->env);
	free(*file);
	*file = NULL;
}

bool sp_rate_file_read(
    struct sp_rate_file *file, sp_rate_file_record_fn *take, void *context, const char **why_r)
{
	MDB_txn *txn;
	MDB_cursor *cursor;
	MDB_val key, value;
	struct sp_rate_record record;
	int code = mdb_txn_begin(file->env, NULL, MDB_RDONLY, &txn);

	if (code != MDB_SUCCESS)
		return fail(code, why_r);
	code = mdb_cursor_open(txn, file->dbi, &cursor);
	if (code == MDB_SUCCESS) {
		while ((code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == MDB_SUCCESS) {
			if (value.mv_size != sizeof(record))
				continue;
			memcpy(&record, value.mv_data, sizeof(record));
			take(context, &record);
		}
		mdb_cursor_close(cursor);
	}
	mdb_txn_abort(txn);
	return fail(code == MDB_NOTFOUND ? MDB_SUCCESS : code, why_r);
}

static int write_one(struct sp_rate_file *file, MDB_txn *txn, const struct sp_rate_record *record)
{
	struct sp_rate_record copy = *record;
	struct key name;
	MDB_val key = {.mv_size = sizeof(name), .mv_data = &name};
	MDB_val value = {.mv_size = sizeof(copy), .mv_data = &copy};

	memset(&name, 0, sizeof(name));
	name.window_ms = record->window_ms;
	name.kind = (uint32_t)record->kind;
	memcpy(name.id, record->id, strnlen(record->id, SP_ID_MAX));
	if (record->total > 0)
		return mdb_put(txn, file->dbi, &key, &value, 0);
	int code = mdb_del(txn, file->dbi, &key, NULL);
	return code == MDB_NOTFOUND ? MDB_SUCCESS : code;
}

bool sp_rate_file_write(struct sp_rate_file *file, const struct sp_rate_record *records,
    size_t count, const char **why_r)
{
	MDB_txn *txn;
	int code = mdb_txn_begin(file->env, NULL, 0, &txn);

	if (code != MDB_SUCCESS)
		return fail(code, why_r);
	for (size_t i = 0; i < count && code == MDB_SUCCESS; i++)
		code = write_one(file, txn, &records[i]);
	if (code == MDB_SUCCESS)
		return fail(mdb_txn_commit(txn), why_r);
	mdb_txn_abort(txn);
	return fail(code, why_r);
}
