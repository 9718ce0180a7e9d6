/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/directory/directory.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/log.h"

void sp_directory_answer_clear(struct sp_directory_answer *answer)
{
	sp_credential_free(&answer->credential);
	sp_credential_list_free(&answer->imported);
	free(answer->owner_dn);
	memset(answer, 0, sizeof(*answer));
}

static void log_entry(const char *event, const char *dn, const char *error)
{
	struct sp_log_line line;

	sp_log_begin(&line, SP_LOG_ERROR, event);
	sp_log_text(&line, "dn", dn);
	sp_log_text(&line, "error", error);
	sp_log_end(&line);
}

enum sp_directory_status sp_directory_answer_take(
    struct sp_directory_answer *answer, struct sp_credential *credential, bool alone)
{
	if (!alone) {
		log_entry("credential_ambiguous", credential->dn, "its id is not its alone");
	} else if (credential->unusable != NULL) {
		log_entry("credential_unusable", credential->dn, credential->unusable);
	} else {
		answer->credential = credential;
		return SP_DIRECTORY_OK;
	}
	sp_credential_free(&credential);
	return SP_DIRECTORY_ERROR;
}

enum sp_directory_status sp_directory_find(struct sp_directory *directory, const char *id,
    const char *login, struct sp_directory_answer *answer_r)
{
	memset(answer_r, 0, sizeof(*answer_r));
	return directory->ops->find(directory, id, login, answer_r);
}

enum sp_directory_status sp_directory_find_imported(struct sp_directory *directory,
    const char *login, size_t most, struct sp_directory_answer *answer_r)
{
	memset(answer_r, 0, sizeof(*answer_r));
	return directory->ops->find_imported(directory, login, most, answer_r);
}

enum sp_directory_status sp_directory_check_password(
    struct sp_directory *directory, const char *dn, const struct sp_secret *password, bool *right_r)
{
	*right_r = false;
	/* a server takes it for anonymous (RFC 4513, section 5.1.2) */
	if (password->length == 0)
		return SP_DIRECTORY_ERROR;
	return directory->ops->check_password(directory, dn, password, right_r);
}

enum sp_directory_status sp_directory_ask_owner(struct sp_directory *directory, const char *dn,
    enum sp_owner_question question, const char *login, bool *yes_r)
{
	*yes_r = false;
	return directory->ops->ask_owner(directory, dn, question, login, yes_r);
}

static void free_texts(char **texts)
{
	for (char **text = texts; text != NULL && *text != NULL; text++)
		free(*text);
	free(texts);
}

void sp_owner_entry_clear(struct sp_owner_entry *entry)
{
	free_texts(entry->addresses);
	free_texts(entry->logins);
	memset(entry, 0, sizeof(*entry));
}

enum sp_directory_status sp_directory_read_owner(
    struct sp_directory *directory, const char *dn, struct sp_owner_entry *entry_r)
{
	memset(entry_r, 0, sizeof(*entry_r));
	return directory->ops->read_owner(directory, dn, entry_r);
}

void sp_sender_answer_clear(struct sp_sender_answer *answer)
{
	for (size_t i = 0; i < answer->owner_count; i++) {
		free(answer->owners[i].dn);
		sp_owner_entry_clear(&answer->owners[i].entry);
	}
	free(answer->owners);
	sp_credential_list_free(&answer->credentials);
	memset(answer, 0, sizeof(*answer));
}

struct sp_owner_entry *sp_sender_answer_add_owner(struct sp_sender_answer *answer, const char *dn)
{
	struct sp_named_owner *owners =
	    reallocarray(answer->owners, answer->owner_count + 1, sizeof(*owners));

	if (owners == NULL)
		return NULL;
	answer->owners = owners;
	owners[answer->owner_count] = (struct sp_named_owner){.dn = strdup(dn)};
	if (owners[answer->owner_count].dn == NULL)
		return NULL;
	return &owners[answer->owner_count++].entry;
}

bool sp_sender_answer_add_credential(
    struct sp_sender_answer *answer, struct sp_credential *credential)
{
	struct sp_credential_list one = {.items = malloc(sizeof(struct sp_credential *))};

	if (one.items != NULL)
		one.items[one.count++] = credential;
	if (one.items != NULL && sp_credential_list_take(&answer->credentials, &one))
		return true;
	if (one.items == NULL)
		sp_credential_free(&credential);
	sp_credential_list_free(&one);
	return false;
}

const struct sp_owner_entry *sp_sender_answer_owner(
    const struct sp_sender_answer *answer, const char *dn)
{
	for (size_t i = 0; i < answer->owner_count; i++) {
		if (strcmp(answer->owners[i].dn, dn) == 0)
			return &answer->owners[i].entry;
	}
	return NULL;
}

enum sp_directory_status sp_directory_find_senders(
    struct sp_directory *directory, const char *address, struct sp_sender_answer *answer_r)
{
	memset(answer_r, 0, sizeof(*answer_r));
	return directory->ops->find_senders(directory, address, answer_r);
}

void sp_directory_close(struct sp_directory **directory)
{
	if (directory == NULL || *directory == NULL)
		return;
	(*directory)->ops->close(*directory);
	*directory = NULL;
}
