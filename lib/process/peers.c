/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/process/peers.h"

#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "lib/base/number.h"

/* The largest number that is not "no such user" to the kernel. */
#define ID_MAX (UINT32_MAX - 1)

bool sp_peers_find_user(const char *name, uid_t *uid_r)
{
	uint64_t number;
	const struct passwd *user = getpwnam(name);

	if (user == NULL && !sp_parse_number(name, 0, ID_MAX, &number))
		return false;
	*uid_r = user != NULL ? user->pw_uid : (uid_t)number;
	return true;
}

bool sp_peers_find_group(const char *name, gid_t *gid_r)
{
	uint64_t number;
	const struct group *group = getgrnam(name);

	if (group == NULL && !sp_parse_number(name, 0, ID_MAX, &number))
		return false;
	*gid_r = group != NULL ? group->gr_gid : (gid_t)number;
	return true;
}

bool sp_peers_resolve(
    const struct sp_conf_list *names, struct sp_peers *peers_r, const char **unknown_r)
{
	*peers_r = (struct sp_peers){0};
	*unknown_r = NULL;
	if (names->count == 0)
		return true;
	peers_r->uids = calloc(names->count, sizeof(*peers_r->uids));
	if (peers_r->uids == NULL)
		return false;
	for (size_t i = 0; i < names->count; i++) {
		if (!sp_peers_find_user(names->items[i], &peers_r->uids[i])) {
			*unknown_r = names->items[i];
			sp_peers_clear(peers_r);
			return false;
		}
		peers_r->count++;
	}
	return true;
}

bool sp_peers_admit(const struct sp_peers *peers, int fd, uid_t *uid_r)
{
	struct ucred credentials;
	socklen_t size = sizeof(credentials);

	*uid_r = (uid_t)-1;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0)
		return false;
	*uid_r = credentials.uid;
	if (peers->count == 0 || credentials.uid == 0)
		return true;
	for (size_t i = 0; i < peers->count; i++) {
		if (peers->uids[i] == credentials.uid)
			return true;
	}
	return false;
}

void sp_peers_clear(struct sp_peers *peers)
{
	free(peers->uids);
	*peers = (struct sp_peers){0};
}
