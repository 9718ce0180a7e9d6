/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/fake_directory.h"

static char *copy(const char *text)
{
	return text != NULL ? strdup(text) : NULL;
}

static char **copy_list(char *const *from)
{
	size_t count = 0;

	if (from == NULL)
		return NULL;
	while (from[count] != NULL)
		count++;
	char **list = calloc(count + 1, sizeof(*list));
	assert_non_null(list);
	for (size_t i = 0; i < count; i++)
		list[i] = copy(from[i]);
	return list;
}

static struct sp_credential *copy_credential(const struct sp_credential *from)
{
	struct sp_credential *credential = malloc(sizeof(*credential));

	assert_non_null(credential);
	*credential = *from;
	credential->dn = copy(from->dn);
	credential->id = copy(from->id);
	credential->owner = copy(from->owner);
	credential->hash = copy(from->hash);
	credential->label = copy(from->label);
	credential->revoked_reason = copy(from->revoked_reason);
	credential->logins = copy_list(from->logins);
	credential->services = copy_list(from->services);
	credential->networks = copy_list(from->networks);
	credential->senders = copy_list(from->senders);
	credential->rates = copy_list(from->rates);
	return credential;
}

static enum sp_directory_status find(struct sp_directory *directory, const char *id,
    const char *login, struct sp_directory_answer *answer_r)
{
	struct fake_directory *fake = (struct fake_directory *)directory;

	fake->finds++;
	snprintf(fake->asked_login, sizeof(fake->asked_login), "%s", login);
	if (fake->find_status != SP_DIRECTORY_OK)
		return fake->find_status;
	if (strcmp(id, fake->credential->id) == 0)
		answer_r->credential = copy_credential(fake->credential);
	answer_r->owner_dn = copy(fake->owner_dn);
	answer_r->owner_ambiguous = fake->owner_ambiguous;
	return SP_DIRECTORY_OK;
}

static enum sp_directory_status find_imported(struct sp_directory *directory, const char *login,
    size_t most, struct sp_directory_answer *answer_r)
{
	struct fake_directory *fake = (struct fake_directory *)directory;
	struct sp_credential_list *list = &answer_r->imported;

	fake->finds++;
	fake->most = most;
	snprintf(fake->asked_login, sizeof(fake->asked_login), "%s", login);
	if (fake->imported_status != SP_DIRECTORY_OK)
		return fake->imported_status;
	answer_r->owner_dn = copy(fake->owner_dn);
	answer_r->owner_ambiguous = fake->owner_ambiguous;
	if (fake->owner_dn == NULL || fake->imported_count == 0)
		return SP_DIRECTORY_OK;
	list->items = calloc(fake->imported_count, sizeof(*list->items));
	assert_non_null(list->items);
	while (list->count < fake->imported_count && list->count < most) {
		list->items[list->count] = copy_credential(fake->imported[list->count]);
		list->count++;
	}
	return SP_DIRECTORY_OK;
}

static enum sp_directory_status check_password(
    struct sp_directory *directory, const char *dn, const struct sp_secret *password, bool *right_r)
{
	struct fake_directory *fake = (struct fake_directory *)directory;

	assert_string_equal(dn, fake->owner_dn);
	fake->binds++;
	if (fake->bind_status != SP_DIRECTORY_OK)
		return fake->bind_status;
	*right_r = fake->password != NULL && password->length == strlen(fake->password) &&
		   memcmp(password->bytes, fake->password, password->length) == 0;
	return SP_DIRECTORY_OK;
}

static enum sp_directory_status ask_owner(struct sp_directory *directory, const char *dn,
    enum sp_owner_question question, const char *login, bool *yes_r)
{
	struct fake_directory *fake = (struct fake_directory *)directory;

	assert_string_equal(dn, fake->credential->owner);
	assert_string_equal(login, fake->asked_login);
	assert_true(fake->asks < 2);
	enum sp_directory_status status = fake->ask_status[fake->asks++];
	if (status != SP_DIRECTORY_OK)
		return status;
	switch (question) {
	case SP_OWNER_IS_ACTIVE:
		*yes_r = fake->is_active;
		break;
	case SP_OWNER_HAS_LOGIN:
		*yes_r = fake->has_login;
		break;
	case SP_OWNER_HAS_LOGIN_ACTIVE:
		*yes_r = fake->has_login && fake->is_active;
		break;
	}
	return SP_DIRECTORY_OK;
}

static enum sp_directory_status read_owner(
    struct sp_directory *directory, const char *dn, struct sp_owner_entry *entry_r)
{
	struct fake_directory *fake = (struct fake_directory *)directory;

	assert_string_equal(dn, fake->credential->owner);
	fake->owner_reads++;
	if (fake->read_status != SP_DIRECTORY_OK)
		return fake->read_status;
	entry_r->active = fake->is_active;
	entry_r->addresses = fake->is_active ? copy_list(fake->addresses) : NULL;
	return SP_DIRECTORY_OK;
}

static enum sp_directory_status find_senders(
    struct sp_directory *directory, const char *address, struct sp_sender_answer *answer_r)
{
	struct fake_directory *fake = (struct fake_directory *)directory;
	const struct sp_sender_answer *from = fake->senders;

	(void)address;
	fake->sender_finds++;
	if (fake->senders_status != SP_DIRECTORY_OK)
		return fake->senders_status;
	answer_r->owners = calloc(from->owner_count + 1, sizeof(*from->owners));
	answer_r->credentials.items = calloc(from->credentials.count + 1, sizeof(void *));
	assert_true(answer_r->owners != NULL && answer_r->credentials.items != NULL);
	for (size_t i = 0; i < from->owner_count; i++) {
		struct sp_named_owner *owner = &answer_r->owners[answer_r->owner_count++];
		owner->dn = copy(from->owners[i].dn);
		owner->entry.active = from->owners[i].entry.active;
		owner->entry.addresses = copy_list(from->owners[i].entry.addresses);
		owner->entry.logins = copy_list(from->owners[i].entry.logins);
	}
	for (size_t i = 0; i < from->credentials.count; i++)
		answer_r->credentials.items[answer_r->credentials.count++] =
		    copy_credential(from->credentials.items[i]);
	return SP_DIRECTORY_OK;
}

static const struct sp_directory_ops ops = {
    .find = find,
    .find_imported = find_imported,
    .check_password = check_password,
    .ask_owner = ask_owner,
    .read_owner = read_owner,
    .find_senders = find_senders,
};

void fake_directory_init(struct fake_directory *fake)
{
	*fake = (struct fake_directory){
	    .base.ops = &ops,
	    .find_status = SP_DIRECTORY_OK,
	    .read_status = SP_DIRECTORY_OK,
	    .senders_status = SP_DIRECTORY_OK,
	    .imported_status = SP_DIRECTORY_OK,
	    .bind_status = SP_DIRECTORY_OK,
	    .ask_status = {SP_DIRECTORY_OK, SP_DIRECTORY_OK},
	};
}
