/* SPDX-License-Identifier: BSD-2-Clause */
/* replica_meta.c - how far a content is, in the store: cookies and contacts */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/base/clock.h"
#include "lib/directory/replica_tables.h"

#define KEEP_EVERY_MS 10000

static struct sp_replica_store *store_of(struct sp_replica_sink *sink)
{
	return (struct sp_replica_store *)sink;
}

/* ---- contacts ---- */

int64_t sp_replica_wall_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t sp_replica_contact_age_ms(
    const struct sp_replica_store *store, enum sp_replica_content content)
{
	int64_t contact_ms = atomic_load(&store->contact_ms[content]);

	if (contact_ms == SP_NO_CONTACT)
		return SP_REPLICA_NEVER;
	int64_t age_ms = sp_now_ms() - contact_ms;
	int64_t wall_age_ms = sp_replica_wall_ms() - atomic_load(&store->contact_wall_ms[content]);
	age_ms = wall_age_ms > age_ms ? wall_age_ms : age_ms;
	return age_ms > 0 ? age_ms : 0;
}

int sp_replica_keep_contacts(struct sp_replica_store *store, MDB_txn *txn)
{
	int code = MDB_SUCCESS;

	for (int i = 0; i < SP_REPLICA_CONTENTS && code == MDB_SUCCESS; i++) {
		int64_t age_ms = sp_replica_contact_age_ms(store, (enum sp_replica_content)i);
		if (age_ms == SP_REPLICA_NEVER)
			continue;
		int64_t then = (sp_replica_wall_ms() - age_ms) / 1000;
		MDB_val key = sp_replica_meta_key(SP_META_CONTACT, (enum sp_replica_content)i);
		MDB_val value = {.mv_size = sizeof(then), .mv_data = &then};
		code = mdb_put(txn, store->meta, &key, &value, 0);
	}
	store->kept_ms = sp_now_ms();
	return code;
}

void sp_replica_contact(
    struct sp_replica_sink *sink, enum sp_replica_content content, int64_t at_ms)
{
	struct sp_replica_store *store = store_of(sink);
	MDB_txn *txn;

	if (!atomic_load(&store->whole[content]))
		return;
	if (at_ms > atomic_load(&store->contact_ms[content])) {
		int64_t wall_ms = sp_replica_wall_ms() - (sp_now_ms() - at_ms);
		atomic_store(&store->contact_wall_ms[content], wall_ms);
		atomic_store(&store->contact_ms[content], at_ms);
	}
	if (store->batch != NULL || sp_now_ms() - store->kept_ms < KEEP_EVERY_MS)
		return;
	if (!sp_replica_stored(mdb_txn_begin(store->env, NULL, 0, &txn)))
		return;
	int code = sp_replica_keep_contacts(store, txn);
	if (code == MDB_SUCCESS)
		code = mdb_txn_commit(txn);
	else
		mdb_txn_abort(txn);
	(void)sp_replica_stored(code);
}

/* ---- cookies ---- */

bool sp_replica_set_cookie(struct sp_replica_sink *sink, const struct berval *cookie)
{
	struct sp_replica_store *store = store_of(sink);
	MDB_val key = sp_replica_meta_key(SP_META_COOKIE, store->content);
	MDB_val value = {.mv_size = cookie->bv_len, .mv_data = cookie->bv_val};

	if (cookie->bv_len > 0)
		return sp_replica_stored(mdb_put(store->batch, store->meta, &key, &value, 0));
	int code = mdb_del(store->batch, store->meta, &key, NULL);
	return sp_replica_stored(code == MDB_NOTFOUND ? MDB_SUCCESS : code);
}

bool sp_replica_get_cookie(
    struct sp_replica_sink *sink, enum sp_replica_content content, struct berval *cookie_r)
{
	struct sp_replica_store *store = store_of(sink);
	MDB_val key = sp_replica_meta_key(SP_META_COOKIE, content), value;
	MDB_txn *txn;
	int code = mdb_txn_begin(store->env, NULL, MDB_RDONLY, &txn);

	*cookie_r = (struct berval){0, NULL};
	if (code != MDB_SUCCESS)
		return sp_replica_stored(code);
	code = mdb_get(txn, store->meta, &key, &value);
	if (code == MDB_SUCCESS) {
		cookie_r->bv_val = malloc(value.mv_size + 1);
		if (cookie_r->bv_val != NULL) {
			memcpy(cookie_r->bv_val, value.mv_data, value.mv_size);
			cookie_r->bv_len = value.mv_size;
		} else {
			code = ENOMEM;
		}
	}
	mdb_txn_abort(txn);
	return sp_replica_stored(code == MDB_NOTFOUND ? MDB_SUCCESS : code);
}
