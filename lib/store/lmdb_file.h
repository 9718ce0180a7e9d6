/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lmdb_file.h - opening an LMDB file that may be damaged
 */
#ifndef SP_STORE_LMDB_FILE_H
#define SP_STORE_LMDB_FILE_H

#include <lmdb.h>
#include <stddef.h>

struct sp_lmdb_wish {
	size_t map_size;  /* bytes that the file may grow to */
	MDB_dbi tables;   /* named tables; 0: the one without a name */
	unsigned readers; /* at the same time; 0: as LMDB has it */
};

/* Opens the file, or makes it, mode 0600. Its reading transactions belong to no thread.
 * An LMDB code; with MDB_SUCCESS the caller owns *env_r: mdb_env_close(). */
int sp_lmdb_open(const char *path, const struct sp_lmdb_wish *wish, MDB_env **env_r);

#endif
