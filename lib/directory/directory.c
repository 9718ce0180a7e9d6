/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/directory/directory.h"

#include <stdlib.h>
#include <string.h>

void sp_directory_answer_clear(struct sp_directory_answer *answer)
{
	sp_credential_free(&answer->credential);
	free(answer->owner_dn);
	memset(answer, 0, sizeof(*answer));
}

enum sp_directory_status sp_directory_find(struct sp_directory *directory, const char *id,
    const char *login, struct sp_directory_answer *answer_r)
{
	memset(answer_r, 0, sizeof(*answer_r));
	return directory->ops->find(directory, id, login, answer_r);
}

enum sp_directory_status sp_directory_ask_owner(struct sp_directory *directory, const char *dn,
    enum sp_owner_question question, const char *login, bool *yes_r)
{
	*yes_r = false;
	return directory->ops->ask_owner(directory, dn, question, login, yes_r);
}

void sp_owner_entry_clear(struct sp_owner_entry *entry)
{
	for (char **address = entry->addresses; address != NULL && *address != NULL; address++)
		free(*address);
	free(entry->addresses);
	memset(entry, 0, sizeof(*entry));
}

enum sp_directory_status sp_directory_read_owner(
    struct sp_directory *directory, const char *dn, struct sp_owner_entry *entry_r)
{
	memset(entry_r, 0, sizeof(*entry_r));
	return directory->ops->read_owner(directory, dn, entry_r);
}

void sp_directory_close(struct sp_directory **directory)
{
	if (directory == NULL || *directory == NULL)
		return;
	(*directory)->ops->close(*directory);
	*directory = NULL;
}
