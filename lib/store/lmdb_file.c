/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/store/lmdb_file.h"

#include <sys/stat.h>

/* LMDB maps the file and trusts what it says of its own size: one that was cut
 * short would end us with SIGBUS. */
static int check_size(MDB_env *env)
{
	struct stat status;
	MDB_envinfo info;
	MDB_stat tree;
	int fd;

	if (mdb_env_get_fd(env, &fd) != MDB_SUCCESS || fstat(fd, &status) != 0 ||
	    mdb_env_info(env, &info) != MDB_SUCCESS || mdb_env_stat(env, &tree) != MDB_SUCCESS)
		return MDB_INVALID;
	size_t pages = info.me_last_pgno + 1;
	if (info.me_last_txnid == 0 || (size_t)status.st_size / tree.ms_psize >= pages)
		return MDB_SUCCESS;
	return MDB_CORRUPTED;
}

int sp_lmdb_open(const char *path, const struct sp_lmdb_wish *wish, MDB_env **env_r)
{
	int code = mdb_env_create(env_r);

	if (code != MDB_SUCCESS) {
		*env_r = NULL;
		return code;
	}
	code = mdb_env_set_mapsize(*env_r, wish->map_size);
	if (code == MDB_SUCCESS && wish->tables > 0)
		code = mdb_env_set_maxdbs(*env_r, wish->tables);
	if (code == MDB_SUCCESS && wish->readers > 0)
		code = mdb_env_set_maxreaders(*env_r, wish->readers);
	if (code == MDB_SUCCESS)
		code = mdb_env_open(*env_r, path, MDB_NOSUBDIR | MDB_NOTLS, 0600);
	if (code == MDB_SUCCESS)
		code = check_size(*env_r);
	if (code != MDB_SUCCESS) {
		mdb_env_close(*env_r);
		*env_r = NULL;
	}
	return code;
}
