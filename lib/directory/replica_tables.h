/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * replica_tables.h - the store's file from within: replica_store.c, replica_write.c,
 * replica_meta.c and replica_reader.c alone
 */
#ifndef SP_DIRECTORY_REPLICA_TABLES_H
#define SP_DIRECTORY_REPLICA_TABLES_H

#include <lmdb.h>
#include <stdatomic.h>

#include "lib/directory/replica_store.h"

struct sp_replica_store {
	struct sp_replica_sink sink; /* first */
	const struct sp_replica_scope *scope;
	MDB_env *env;
	MDB_dbi meta;  /* by name */
	MDB_dbi index; /* by key: uuids of the content that the key's kind says */
	MDB_dbi entries[SP_REPLICA_CONTENTS]; /* by uuid */
	MDB_dbi marks[SP_REPLICA_CONTENTS];   /* uuids that a refresh has seen */

	/* read by everybody */
	_Atomic int64_t contact_ms[SP_REPLICA_CONTENTS];      /* sp_now_ms(); SP_NO_CONTACT: none */
	_Atomic int64_t contact_wall_ms[SP_REPLICA_CONTENTS]; /* the same, sp_replica_wall_ms() */
	atomic_bool whole[SP_REPLICA_CONTENTS];               /* was complete once */
	atomic_size_t counts[SP_REPLICA_CONTENTS];

	/* the writer's */
	MDB_txn *batch; /* NULL when there is none */
	enum sp_replica_content content;
	bool refreshing[SP_REPLICA_CONTENTS];
	bool completes;  /* the batch does */
	int64_t kept_ms; /* when contacts were last written to the file */
};

#define SP_NO_CONTACT INT64_MIN

extern const struct sp_replica_sink_ops sp_replica_sink_ops;

/* Logs that nothing can be stored, unless the code is MDB_SUCCESS. Returns whether it is. */
bool sp_replica_stored(int code);

/* What meta has of a content. */
enum sp_replica_meta { SP_META_COOKIE, SP_META_WHOLE, SP_META_CONTACT };

/* The key in meta, static text. */
MDB_val sp_replica_meta_key(enum sp_replica_meta what, enum sp_replica_content content);

/* Of struct sp_replica_sink_ops. */
void sp_replica_contact(
    struct sp_replica_sink *sink, enum sp_replica_content content, int64_t at_ms);
bool sp_replica_get_cookie(
    struct sp_replica_sink *sink, enum sp_replica_content content, struct berval *cookie_r);
bool sp_replica_set_cookie(struct sp_replica_sink *sink, const struct berval *cookie);

/* The wall clock: it goes on while the machine sleeps, as sp_now_ms() does not. */
int64_t sp_replica_wall_ms(void);

/* How long ago the content's last contact was, by the clock that says longer; or
 * SP_REPLICA_NEVER. Neither a machine that slept nor a clock that was set back makes
 * it younger. */
int64_t sp_replica_contact_age_ms(
    const struct sp_replica_store *store, enum sp_replica_content content);

/* Writes both contacts, by the wall clock, so that they outlive the process. */
int sp_replica_keep_contacts(struct sp_replica_store *store, MDB_txn *txn);

#endif
