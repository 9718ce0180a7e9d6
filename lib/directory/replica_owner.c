/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/directory/replica_owner.h"

#include <stdlib.h>
#include <string.h>

#include "lib/directory/ldap_mapping.h"
#include "lib/directory/replica.h"

static struct berval text_of(const char *text)
{
	return (struct berval){strlen(text), (char *)(uintptr_t)text};
}

/* SP_DIRECTORY_ERROR where a server might say otherwise than false. */
static enum sp_directory_status judge(enum sp_truth truth, bool *yes_r)
{
	*yes_r = truth == SP_TRUTH_TRUE;
	return truth == SP_TRUTH_ERROR ? SP_DIRECTORY_ERROR : SP_DIRECTORY_OK;
}

static enum sp_directory_status is_active(
    const struct sp_replica_view *view, const struct sp_entry *entry, bool *yes_r)
{
	const struct sp_filter_values values = {.now = view->now};

	return judge(sp_filter_match(view->scope->active_filter, entry, &values), yes_r);
}

static enum sp_directory_status has_login(const struct sp_replica_view *view,
    const struct sp_entry *entry, const char *login, bool *yes_r)
{
	const struct sp_filter_values values = {.login = login};

	return judge(sp_filter_match(view->scope->owner_filter, entry, &values), yes_r);
}

static enum sp_directory_status has(const struct sp_replica_view *view,
    const struct sp_entry *entry, enum sp_owner_question question, const char *login, bool *yes_r)
{
	enum sp_directory_status status = SP_DIRECTORY_OK;

	*yes_r = true;
	if (question != SP_OWNER_IS_ACTIVE)
		status = has_login(view, entry, login, yes_r);
	if (status == SP_DIRECTORY_OK && *yes_r && question != SP_OWNER_HAS_LOGIN)
		status = is_active(view, entry, yes_r);
	return status;
}

/* ---- by login ---- */

static enum sp_directory_status take_owner(
    const struct sp_entry *entry, struct sp_directory_answer *answer)
{
	struct berval dn = sp_entry_dn(entry);

	if (answer->owner_dn == NULL) {
		answer->owner_dn = strndup(dn.bv_val, dn.bv_len);
		return answer->owner_dn != NULL ? SP_DIRECTORY_OK : SP_DIRECTORY_ERROR;
	}
	/* found by another of its attributes before */
	if (strlen(answer->owner_dn) != dn.bv_len ||
	    memcmp(answer->owner_dn, dn.bv_val, dn.bv_len) != 0)
		answer->owner_ambiguous = true;
	return SP_DIRECTORY_OK;
}

static enum sp_directory_status find_by_key(struct sp_replica_view *view,
    const struct sp_replica_key *key, const char *login, struct sp_directory_answer *answer)
{
	enum sp_directory_status status = SP_DIRECTORY_OK;
	struct sp_entry entry;
	enum sp_replica_got got;
	bool named;

	sp_replica_reader_seek(view->reader, key);
	while (status == SP_DIRECTORY_OK && !answer->owner_ambiguous &&
	       (got = sp_replica_reader_next(view->reader, &entry)) != SP_REPLICA_END) {
		if (got == SP_REPLICA_DAMAGED)
			return SP_DIRECTORY_ERROR;
		status = has(view, &entry, SP_OWNER_HAS_LOGIN_ACTIVE, login, &named);
		if (status == SP_DIRECTORY_OK && named)
			status = take_owner(&entry, answer);
	}
	return status;
}

enum sp_directory_status sp_replica_find_owner(
    struct sp_replica_view *view, const char *login, struct sp_directory_answer *answer)
{
	const struct sp_filter_keys *keys = &view->scope->keys;
	const struct sp_filter_values values = {.login = login};
	enum sp_directory_status status = SP_DIRECTORY_OK;
	char asked[SP_NORMAL_MAX];
	struct sp_replica_key key;

	for (size_t i = 0; status == SP_DIRECTORY_OK && i < keys->count; i++) {
		const char *value = keys->items[i]->value;
		struct berval bytes = {.bv_val = asked};
		if (!sp_filter_value(value, strlen(value), &values, asked, &bytes.bv_len) ||
		    !sp_replica_key_make(
			SP_REPLICA_KEY_VALUE, keys->items[i]->attribute, bytes, &key))
			return SP_DIRECTORY_ERROR;
		status = find_by_key(view, &key, login, answer);
	}
	if (answer->owner_ambiguous) {
		free(answer->owner_dn);
		answer->owner_dn = NULL;
	}
	return status;
}

/* ---- by DN ---- */

/* SP_REPLICA_END: there is none, for certain. SP_REPLICA_DAMAGED: the replica cannot
 * know. The empty DN is the server's own entry, which nobody owns anything by. */
static enum sp_replica_got find_entry(
    struct sp_replica_view *view, const char *dn, struct sp_entry *entry_r)
{
	char normal[SP_DN_NORMAL_MAX];
	struct sp_replica_key key;
	struct sp_entry entry;
	enum sp_replica_got got;
	size_t length;
	bool found = false;

	if (!sp_dn_normal(dn, strlen(dn), normal, &length) ||
	    !sp_dn_is_within(normal, view->scope->owner_base) ||
	    !sp_replica_key_make(SP_REPLICA_KEY_DN, NULL, text_of(dn), &key))
		return SP_REPLICA_DAMAGED;
	sp_replica_reader_seek(view->reader, &key);
	while ((got = sp_replica_reader_next(view->reader, &entry)) == SP_REPLICA_ENTRY) {
		char its[SP_DN_NORMAL_MAX];
		struct berval name = sp_entry_dn(&entry);
		if (!sp_dn_normal(name.bv_val, name.bv_len, its, &length) ||
		    strcmp(its, normal) != 0)
			continue;
		/* two of one name: one was renamed, and the other has not been heard of yet */
		if (found)
			return SP_REPLICA_DAMAGED;
		found = true;
		*entry_r = entry;
	}
	if (got == SP_REPLICA_DAMAGED || (!found && !sp_replica_is_local(dn)))
		return SP_REPLICA_DAMAGED;
	return found ? SP_REPLICA_ENTRY : SP_REPLICA_END;
}

enum sp_directory_status sp_replica_ask_owner(struct sp_replica_view *view, const char *dn,
    enum sp_owner_question question, const char *login, bool *yes_r)
{
	struct sp_entry entry;

	*yes_r = false;
	switch (find_entry(view, dn, &entry)) {
	case SP_REPLICA_ENTRY:
		return has(view, &entry, question, login, yes_r);
	case SP_REPLICA_END:
		return SP_DIRECTORY_OK;
	case SP_REPLICA_DAMAGED:
		break;
	}
	return SP_DIRECTORY_ERROR;
}

enum sp_directory_status sp_replica_read_owner(
    struct sp_replica_view *view, const char *dn, struct sp_owner_entry *entry_r)
{
	enum sp_directory_status status;
	struct sp_entry entry;
	bool active;

	switch (find_entry(view, dn, &entry)) {
	case SP_REPLICA_ENTRY:
		status = is_active(view, &entry, &active);
		if (status == SP_DIRECTORY_OK && active &&
		    !sp_mapping_owner(&entry, view->scope->owner_attributes, entry_r))
			status = SP_DIRECTORY_ERROR;
		return status;
	case SP_REPLICA_END:
		return SP_DIRECTORY_OK;
	case SP_REPLICA_DAMAGED:
		break;
	}
	return SP_DIRECTORY_ERROR;
}

/* ---- by address ---- */

static enum sp_directory_status add_active(
    struct sp_replica_view *view, const struct sp_entry *entry, struct sp_sender_answer *answer)
{
	struct berval name = sp_entry_dn(entry);
	bool active;
	enum sp_directory_status status = is_active(view, entry, &active);

	if (status != SP_DIRECTORY_OK || !active)
		return status;
	if (answer->owner_count == SP_SENDER_ENTRIES_MAX)
		return SP_DIRECTORY_ERROR;
	char *dn = strndup(name.bv_val, name.bv_len);
	struct sp_owner_entry *owner = dn != NULL ? sp_sender_answer_add_owner(answer, dn) : NULL;
	free(dn);
	return owner != NULL && sp_mapping_owner(entry, view->scope->owner_attributes, owner)
		   ? SP_DIRECTORY_OK
		   : SP_DIRECTORY_ERROR;
}

enum sp_directory_status sp_replica_find_by_address(
    struct sp_replica_view *view, const char *address, struct sp_sender_answer *answer)
{
	enum sp_directory_status status = SP_DIRECTORY_OK;
	struct sp_replica_key key;
	struct sp_entry entry;
	enum sp_replica_got got;

	if (!sp_replica_key_make(SP_REPLICA_KEY_VALUE, view->scope->mail, text_of(address), &key))
		return SP_DIRECTORY_ERROR;
	sp_replica_reader_seek(view->reader, &key);
	while (status == SP_DIRECTORY_OK &&
	       (got = sp_replica_reader_next(view->reader, &entry)) != SP_REPLICA_END) {
		if (got == SP_REPLICA_DAMAGED)
			return SP_DIRECTORY_ERROR;
		status = add_active(view, &entry, answer);
	}
	return status;
}
