/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/directory/replica.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/base/sender.h"
#include "lib/directory/ldap_mapping.h"
#include "lib/directory/replica_owner.h"

struct replica {
	struct sp_directory directory; /* first */
	struct sp_replica_view view;
	struct sp_replica_store *store;
	int64_t max_age_ms;
	struct sp_directory *live; /* may be NULL */
};

bool sp_replica_is_local(const char *login)
{
	while (*login != '\0' && (unsigned char)*login < 0x80)
		login++;
	return *login == '\0';
}

/* From here to end() all that is read is of one moment. */
static enum sp_directory_status begin(struct replica *replica)
{
	if (sp_replica_store_age_ms(replica->store) > replica->max_age_ms)
		return SP_DIRECTORY_DOWN;
	replica->view.now = time(NULL);
	return sp_replica_reader_begin(replica->view.reader) ? SP_DIRECTORY_OK : SP_DIRECTORY_ERROR;
}

static void end(struct replica *replica)
{
	sp_replica_reader_end(replica->view.reader);
}

/* ---- credentials ---- */

static struct berval text_of(const char *text)
{
	return (struct berval){strlen(text), (char *)(uintptr_t)text};
}

static enum sp_directory_status find_credential(
    struct sp_replica_reader *reader, const char *id, struct sp_directory_answer *answer)
{
	struct sp_credential *credential;
	struct sp_replica_key key;
	struct sp_entry entry;

	if (!sp_replica_key_make(SP_REPLICA_KEY_ID, NULL, text_of(id), &key))
		return SP_DIRECTORY_ERROR;
	sp_replica_reader_seek(reader, &key);
	switch (sp_replica_reader_next(reader, &entry)) {
	case SP_REPLICA_DAMAGED:
		return SP_DIRECTORY_ERROR;
	case SP_REPLICA_END:
		return SP_DIRECTORY_OK;
	case SP_REPLICA_ENTRY:
		break;
	}
	credential = sp_mapping_credential(&entry);
	if (credential == NULL)
		return SP_DIRECTORY_ERROR;
	return sp_directory_answer_take(
	    answer, credential, sp_replica_reader_next(reader, &entry) == SP_REPLICA_END);
}

static enum sp_directory_status replica_find(struct sp_directory *directory, const char *id,
    const char *login, struct sp_directory_answer *answer_r)
{
	struct replica *replica = (struct replica *)directory;

	if (!sp_replica_is_local(login))
		return replica->live != NULL
			   ? replica->live->ops->find(replica->live, id, login, answer_r)
			   : SP_DIRECTORY_ERROR;
	enum sp_directory_status status = begin(replica);
	if (status != SP_DIRECTORY_OK)
		return status;
	status = find_credential(replica->view.reader, id, answer_r);
	if (status == SP_DIRECTORY_OK)
		status = sp_replica_find_owner(&replica->view, login, answer_r);
	end(replica);
	if (status != SP_DIRECTORY_OK)
		sp_directory_answer_clear(answer_r);
	return status;
}

static bool is_imported(const struct sp_entry *entry)
{
	struct sp_entry_values values;

	if (!sp_entry_find(entry, "sendpassImported", &values))
		return false;
	struct berval value = sp_entry_next_value(&values);
	return value.bv_len == 4 && memcmp(value.bv_val, "TRUE", 4) == 0;
}

/* Of those that the owner's key leads to: its own, and imported? */
static enum sp_directory_status take_imported(
    const struct sp_entry *entry, const char *owner, struct sp_credential_list *list)
{
	char its[SP_DN_NORMAL_MAX];
	size_t length;

	if (!is_imported(entry))
		return SP_DIRECTORY_OK;
	struct sp_credential *credential = sp_mapping_credential(entry);
	if (credential == NULL)
		return SP_DIRECTORY_ERROR;
	/* one without a name that can be read is unusable, which the caller looks at */
	if (credential->owner == NULL ||
	    !sp_dn_normal(credential->owner, strlen(credential->owner), its, &length) ||
	    strcmp(its, owner) == 0)
		list->items[list->count++] = credential;
	else
		sp_credential_free(&credential);
	return SP_DIRECTORY_OK;
}

static enum sp_directory_status find_imported_of(
    struct sp_replica_reader *reader, size_t most, struct sp_directory_answer *answer)
{
	struct sp_credential_list *list = &answer->imported;
	enum sp_directory_status status = SP_DIRECTORY_OK;
	char owner[SP_DN_NORMAL_MAX];
	struct sp_replica_key key;
	struct sp_entry entry;
	enum sp_replica_got got;
	size_t length;

	list->items = calloc(most, sizeof(*list->items));
	if (list->items == NULL ||
	    !sp_dn_normal(answer->owner_dn, strlen(answer->owner_dn), owner, &length) ||
	    !sp_replica_key_make(SP_REPLICA_KEY_OWNER, NULL, text_of(answer->owner_dn), &key))
		return SP_DIRECTORY_ERROR;
	sp_replica_reader_seek(reader, &key);
	while (status == SP_DIRECTORY_OK && list->count < most &&
	       (got = sp_replica_reader_next(reader, &entry)) != SP_REPLICA_END)
		status = got == SP_REPLICA_ENTRY ? take_imported(&entry, owner, list)
						 : SP_DIRECTORY_ERROR;
	return status;
}

static enum sp_directory_status replica_find_imported(struct sp_directory *directory,
    const char *login, size_t most, struct sp_directory_answer *answer_r)
{
	struct replica *replica = (struct replica *)directory;

	if (!sp_replica_is_local(login))
		return replica->live != NULL
			   ? replica->live->ops->find_imported(replica->live, login, most, answer_r)
			   : SP_DIRECTORY_ERROR;
	enum sp_directory_status status = begin(replica);
	if (status != SP_DIRECTORY_OK)
		return status;
	status = sp_replica_find_owner(&replica->view, login, answer_r);
	if (status == SP_DIRECTORY_OK && answer_r->owner_dn != NULL && most > 0)
		status = find_imported_of(replica->view.reader, most, answer_r);
	end(replica);
	if (status != SP_DIRECTORY_OK)
		sp_directory_answer_clear(answer_r);
	return status;
}

static enum sp_directory_status replica_check_password(
    struct sp_directory *directory, const char *dn, const struct sp_secret *password, bool *right_r)
{
	struct replica *replica = (struct replica *)directory;

	if (replica->live == NULL)
		return SP_DIRECTORY_ERROR;
	return sp_directory_check_password(replica->live, dn, password, right_r);
}

/* ---- owners ---- */

static enum sp_directory_status replica_ask_owner(struct sp_directory *directory, const char *dn,
    enum sp_owner_question question, const char *login, bool *yes_r)
{
	struct replica *replica = (struct replica *)directory;

	if (question != SP_OWNER_IS_ACTIVE && !sp_replica_is_local(login))
		return replica->live != NULL ? replica->live->ops->ask_owner(
						   replica->live, dn, question, login, yes_r)
					     : SP_DIRECTORY_ERROR;
	enum sp_directory_status status = begin(replica);
	if (status != SP_DIRECTORY_OK)
		return status;
	status = sp_replica_ask_owner(&replica->view, dn, question, login, yes_r);
	end(replica);
	return status;
}

static enum sp_directory_status replica_read_owner(
    struct sp_directory *directory, const char *dn, struct sp_owner_entry *entry_r)
{
	struct replica *replica = (struct replica *)directory;
	enum sp_directory_status status = begin(replica);

	if (status != SP_DIRECTORY_OK)
		return status;
	status = sp_replica_read_owner(&replica->view, dn, entry_r);
	end(replica);
	if (status != SP_DIRECTORY_OK)
		sp_owner_entry_clear(entry_r);
	return status;
}

/* ---- senders ---- */

static bool is_there(const struct sp_credential_list *list, const char *dn)
{
	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(list->items[i]->dn, dn) == 0)
			return true;
	}
	return false;
}

/* Once, though several of its patterns may cover an address; and without its hash, which
 * nobody needs for this. */
static enum sp_directory_status add_credential(
    struct sp_sender_answer *answer, struct sp_credential *credential)
{
	if (is_there(&answer->credentials, credential->dn)) {
		sp_credential_free(&credential);
		return SP_DIRECTORY_OK;
	}
	if (answer->credentials.count == SP_SENDER_ENTRIES_MAX) {
		sp_credential_free(&credential);
		return SP_DIRECTORY_ERROR;
	}
	if (credential->hash != NULL) {
		explicit_bzero(credential->hash, strlen(credential->hash));
		free(credential->hash);
		credential->hash = NULL;
	}
	return sp_sender_answer_add_credential(answer, credential) ? SP_DIRECTORY_OK
								   : SP_DIRECTORY_ERROR;
}

static bool has_logins_of_its_own(const struct sp_credential *credential)
{
	return credential->logins != NULL && credential->senders == NULL;
}

/* Adds the credentials that the key leads to; where it is of an owner, those alone that have
 * logins of their own and no senders. */
static enum sp_directory_status add_credentials(struct sp_replica_reader *reader,
    enum sp_replica_key_kind kind, const char *text, struct sp_sender_answer *answer)
{
	enum sp_directory_status status = SP_DIRECTORY_OK;
	struct sp_replica_key key;
	struct sp_entry entry;
	enum sp_replica_got got;

	if (!sp_replica_key_make(kind, NULL, text_of(text), &key))
		return SP_DIRECTORY_ERROR;
	sp_replica_reader_seek(reader, &key);
	while (status == SP_DIRECTORY_OK &&
	       (got = sp_replica_reader_next(reader, &entry)) != SP_REPLICA_END) {
		struct sp_credential *credential =
		    got == SP_REPLICA_ENTRY ? sp_mapping_credential(&entry) : NULL;
		if (credential == NULL)
			return SP_DIRECTORY_ERROR;
		if (kind == SP_REPLICA_KEY_SENDER || has_logins_of_its_own(credential))
			status = add_credential(answer, credential);
		else
			sp_credential_free(&credential);
	}
	return status;
}

static enum sp_directory_status find_senders(
    struct replica *replica, const char *address, struct sp_sender_answer *answer)
{
	char pattern[SP_SENDER_PATTERN_MAX + 1];
	struct sp_replica_reader *reader = replica->view.reader;
	enum sp_directory_status status =
	    sp_replica_find_by_address(&replica->view, address, answer);
	size_t having_it = answer->owner_count;

	for (size_t i = 0; status == SP_DIRECTORY_OK && sp_sender_covering(address, i, pattern);
	     i++)
		status = add_credentials(reader, SP_REPLICA_KEY_SENDER, pattern, answer);
	for (size_t i = 0; status == SP_DIRECTORY_OK && i < having_it; i++)
		status =
		    add_credentials(reader, SP_REPLICA_KEY_OWNER, answer->owners[i].dn, answer);
	for (size_t i = 0; status == SP_DIRECTORY_OK && i < answer->credentials.count; i++) {
		const struct sp_credential *credential = answer->credentials.items[i];
		if (credential->unusable != NULL || /* it may have none */
		    sp_sender_answer_owner(answer, credential->owner) != NULL)
			continue;
		struct sp_owner_entry *owner =
		    sp_sender_answer_add_owner(answer, credential->owner);
		status = owner != NULL
			     ? sp_replica_read_owner(&replica->view, credential->owner, owner)
			     : SP_DIRECTORY_ERROR;
	}
	return status;
}

static enum sp_directory_status replica_find_senders(
    struct sp_directory *directory, const char *address, struct sp_sender_answer *answer_r)
{
	struct replica *replica = (struct replica *)directory;

	/* every owner would have every address, or none */
	if (replica->view.scope->mail == NULL)
		return SP_DIRECTORY_ERROR;
	if (!sp_replica_is_local(address))
		return replica->live != NULL
			   ? replica->live->ops->find_senders(replica->live, address, answer_r)
			   : SP_DIRECTORY_ERROR;
	enum sp_directory_status status = begin(replica);
	if (status != SP_DIRECTORY_OK)
		return status;
	status = find_senders(replica, address, answer_r);
	end(replica);
	if (status != SP_DIRECTORY_OK)
		sp_sender_answer_clear(answer_r);
	return status;
}

/* ---- the whole ---- */

static void replica_close(struct sp_directory *directory)
{
	struct replica *replica = (struct replica *)directory;

	sp_directory_close(&replica->live);
	sp_replica_reader_free(&replica->view.reader);
	free(replica);
}

struct sp_directory *sp_replica_directory_new(
    struct sp_replica_store *store, int64_t max_age_ms, struct sp_directory *live)
{
	static const struct sp_directory_ops ops = {
	    .find = replica_find,
	    .find_imported = replica_find_imported,
	    .check_password = replica_check_password,
	    .ask_owner = replica_ask_owner,
	    .read_owner = replica_read_owner,
	    .find_senders = replica_find_senders,
	    .close = replica_close,
	};
	struct replica *replica = calloc(1, sizeof(*replica));

	if (replica == NULL) {
		sp_directory_close(&live);
		return NULL;
	}
	*replica = (struct replica){.directory.ops = &ops,
	    .view = {.scope = sp_replica_store_scope(store),
		.reader = sp_replica_reader_new(store)},
	    .store = store,
	    .max_age_ms = max_age_ms,
	    .live = live};
	if (replica->view.reader != NULL)
		return &replica->directory;
	replica_close(&replica->directory);
	return NULL;
}
