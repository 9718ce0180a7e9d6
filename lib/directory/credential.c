/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/directory/credential.h"

#include <stdlib.h>
#include <string.h>

static void free_texts(char **texts)
{
	for (char **text = texts; text != NULL && *text != NULL; text++)
		free(*text);
	free(texts);
}

void sp_credential_free(struct sp_credential **credential)
{
	struct sp_credential *c;

	if (credential == NULL || (c = *credential) == NULL)
		return;
	*credential = NULL;
	if (c->hash != NULL)
		explicit_bzero(c->hash, strlen(c->hash));
	free_texts(c->logins);
	free_texts(c->services);
	free_texts(c->networks);
	free_texts(c->senders);
	free_texts(c->rates);
	free(c->dn);
	free(c->id);
	free(c->owner);
	free(c->hash);
	free(c->label);
	free(c->revoked_reason);
	free(c->replaces);
	free(c->last_address);
	free(c->last_service);
	free(c);
}

void sp_credential_list_free(struct sp_credential_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		sp_credential_free(&list->items[i]);
	free(list->items);
	list->items = NULL;
	list->count = 0;
}

static int older_first(const void *a, const void *b)
{
	const struct sp_credential *one = *(struct sp_credential *const *)a;
	const struct sp_credential *other = *(struct sp_credential *const *)b;

	if (one->created != other->created)
		return one->created < other->created ? -1 : 1;
	return strcmp(one->dn, other->dn);
}

void sp_credential_list_sort(struct sp_credential_list *list)
{
	if (list->count > 0)
		qsort(list->items, list->count, sizeof(*list->items), older_first);
}

bool sp_credential_list_take(struct sp_credential_list *list, struct sp_credential_list *more)
{
	if (more->count > 0) {
		struct sp_credential **items =
		    reallocarray(list->items, list->count + more->count, sizeof(*list->items));
		if (items == NULL)
			return false;
		memcpy(items + list->count, more->items, more->count * sizeof(*items));
		list->items = items;
		list->count += more->count;
		more->count = 0;
	}
	sp_credential_list_free(more);
	return true;
}

enum sp_credential_state sp_credential_state(const struct sp_credential *credential, time_t now)
{
	if (credential->unusable != NULL)
		return SP_STATE_UNUSABLE;
	/* Clocks differ: a revocation must not wait for ours. */
	if (credential->revoked != SP_NO_TIME)
		return SP_STATE_REVOKED;
	if (credential->suspended)
		return SP_STATE_SUSPENDED;
	if (credential->expires != SP_NO_TIME && now >= credential->expires)
		return SP_STATE_EXPIRED;
	if (credential->not_before != SP_NO_TIME && now < credential->not_before)
		return SP_STATE_NOT_YET_VALID;
	return SP_STATE_ACTIVE;
}

const char *sp_credential_state_name(enum sp_credential_state state)
{
	switch (state) {
	case SP_STATE_ACTIVE:
		return "active";
	case SP_STATE_UNUSABLE:
		return "unusable";
	case SP_STATE_REVOKED:
		return "revoked";
	case SP_STATE_SUSPENDED:
		return "suspended";
	case SP_STATE_EXPIRED:
		return "expired";
	case SP_STATE_NOT_YET_VALID:
		return "not_yet_valid";
	}
	return "unusable";
}

bool sp_credential_state_parse(const char *name, enum sp_credential_state *state_r)
{
	for (int i = SP_STATE_ACTIVE; i <= SP_STATE_NOT_YET_VALID; i++) {
		enum sp_credential_state state = (enum sp_credential_state)i;
		if (strcmp(sp_credential_state_name(state), name) == 0) {
			*state_r = state;
			return true;
		}
	}
	return false;
}
