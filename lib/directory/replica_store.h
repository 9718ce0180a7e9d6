/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * replica_store.h - credentials and owners of a directory, in an LMDB file
 *
 * One thread writes, through the sink; any number read, each with a reader of its
 * own, and see only what was committed. The file holds hashes: mode 0600. What is
 * damaged, or was stored under another configuration, is thrown away as a whole and
 * has to be refreshed from nothing.
 *
 *	event=replica_store_reset path= error=	what was stored was thrown away
 *	event=replica_store_failed error=	nothing new can be stored
 */
#ifndef SP_DIRECTORY_REPLICA_STORE_H
#define SP_DIRECTORY_REPLICA_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/directory/replica_scope.h"
#include "lib/directory/replica_sink.h"
#include "sendpass/attributes.h"

struct sp_replica_store;

/* Opens the file at path, or makes it. map_size is what it may grow to, in bytes. The
 * scope must outlive the store. NULL, with *why_r static text, if it cannot be used. One
 * process at a time. */
struct sp_replica_store *sp_replica_store_open(
    const struct sp_replica_scope *scope, const char *path, size_t map_size, const char **why_r);
/* When all readers are gone. */
void sp_replica_store_close(struct sp_replica_store **store);

const struct sp_replica_scope *sp_replica_store_scope(const struct sp_replica_store *store);

/* The store's own, for the one thread that writes. */
struct sp_replica_sink *sp_replica_store_sink(struct sp_replica_store *store);

#define SP_REPLICA_NEVER INT64_MAX

/* How old what it holds may be, in milliseconds: since the last contact of the content
 * that waits longer for one, by the monotonic or the wall clock, whichever says more.
 * SP_REPLICA_NEVER until both are whole. Safe from every thread. */
int64_t sp_replica_store_age_ms(const struct sp_replica_store *store);

/* Entries of the content, as of now. Safe from every thread. */
size_t sp_replica_store_count(
    const struct sp_replica_store *store, enum sp_replica_content content);

/* ---- reading ---- */

struct sp_replica_reader;

struct sp_replica_reader *sp_replica_reader_new(struct sp_replica_store *store);
void sp_replica_reader_free(struct sp_replica_reader **reader);

/* From begin to end the reader sees one moment. It should be short: what is replaced
 * meanwhile takes room. False, logged, if the file cannot be read. */
SP_NODISCARD bool sp_replica_reader_begin(struct sp_replica_reader *reader);
void sp_replica_reader_end(struct sp_replica_reader *reader);

enum sp_replica_got {
	SP_REPLICA_DAMAGED = 0, /* what is there cannot be read */
	SP_REPLICA_END,
	SP_REPLICA_ENTRY,
};

/* Looks for a key; the next calls of sp_replica_reader_next() yield the entries that it
 * leads to, each once. They are views until the reader ends. */
void sp_replica_reader_seek(struct sp_replica_reader *reader, const struct sp_replica_key *key);
SP_NODISCARD enum sp_replica_got sp_replica_reader_next(
    struct sp_replica_reader *reader, struct sp_entry *entry_r);

#endif
