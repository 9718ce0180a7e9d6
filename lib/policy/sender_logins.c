/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/policy/sender_logins.h"

#include <string.h>
#include <strings.h>

#include "lib/base/log.h"
#include "lib/base/sender.h"
#include "lib/base/text.h"

static bool is_listed(const char *list, const char *login)
{
	size_t length = strlen(login);

	while (*list != '\0') {
		size_t item = strcspn(list, ",");
		if (item == length && strncasecmp(list, login, length) == 0)
			return true;
		list += item + (list[item] == ',');
	}
	return false;
}

/* Postfix parts a list at commas and white space. */
static bool can_be_listed(const char *login)
{
	size_t length = strlen(login);

	return length > 0 && sp_text_is_printable_utf8(login, length) &&
	       login[strcspn(login, ", ")] == '\0';
}

static void leave_out(const char *login)
{
	struct sp_log_line line;

	sp_log_begin(&line, SP_LOG_DEBUG, "login_not_listed");
	sp_log_text(&line, "login", login);
	sp_log_end(&line);
}

static void add_logins(struct sp_text *list, char *const *logins)
{
	for (; logins != NULL && *logins != NULL; logins++) {
		if (!can_be_listed(*logins))
			leave_out(*logins);
		else if (!is_listed(list->bytes, *logins))
			sp_text_addf(list, "%s%s", list->length > 0 ? "," : "", *logins);
	}
}

static bool has_address(const struct sp_owner_entry *owner, const char *sender)
{
	char **address = owner->addresses;

	while (address != NULL && *address != NULL && !sp_sender_is_address(*address, sender))
		address++;
	return address != NULL && *address != NULL;
}

static bool covers(
    const struct sp_credential *credential, const struct sp_owner_entry *owner, const char *sender)
{
	char **pattern = credential->senders;

	if (pattern == NULL)
		return has_address(owner, sender);
	while (*pattern != NULL && !sp_sender_matches(*pattern, sender))
		pattern++;
	return *pattern != NULL;
}

static void take_credential(struct sp_sender_logins *found, struct sp_text *list,
    const struct sp_sender_answer *answer, const struct sp_credential *credential,
    const char *sender, time_t now)
{
	if (sp_credential_state(credential, now) != SP_STATE_ACTIVE)
		return;
	const struct sp_owner_entry *owner = sp_sender_answer_owner(answer, credential->owner);
	if (owner == NULL || !owner->active || !covers(credential, owner, sender))
		return;
	found->owned = true;
	add_logins(list, credential->logins);
	add_logins(list, owner->logins);
}

enum sp_directory_status sp_sender_logins_find(struct sp_directory *directory, const char *sender,
    time_t now, struct sp_sender_logins *found_r)
{
	struct sp_sender_answer answer;
	struct sp_text list;

	found_r->owned = false;
	sp_text_init(&list, found_r->list, sizeof(found_r->list));
	if (!sp_sender_is_complete(sender))
		return SP_DIRECTORY_OK;
	enum sp_directory_status status = sp_directory_find_senders(directory, sender, &answer);
	for (size_t i = 0; i < answer.owner_count; i++) {
		const struct sp_owner_entry *owner = &answer.owners[i].entry;
		if (owner->active && has_address(owner, sender)) {
			found_r->owned = true;
			add_logins(&list, owner->logins);
		}
	}
	for (size_t i = 0; i < answer.credentials.count; i++)
		take_credential(found_r, &list, &answer, answer.credentials.items[i], sender, now);
	sp_sender_answer_clear(&answer);
	if (!list.overflow)
		return status;
	found_r->owned = false;
	found_r->list[0] = '\0';
	return SP_DIRECTORY_ERROR;
}
