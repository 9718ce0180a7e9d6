/* SPDX-License-Identifier: BSD-2-Clause */
/* ldap_admin_change.c - the half of admin.h that changes the directory */
#include "lib/directory/ldap_admin.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "lib/directory/ldap_mapping.h"

enum kind { TEXT, TEXTS, TIME, SWITCH };

/* What may be changed of a credential once it is there. */
static const struct field {
	const char *attribute;
	enum kind kind;
	size_t offset;
} fields[] = {
    {"sendpassLabel", TEXT, offsetof(struct sp_credential, label)},
    {"sendpassLogin", TEXTS, offsetof(struct sp_credential, logins)},
    {"sendpassService", TEXTS, offsetof(struct sp_credential, services)},
    {"sendpassNetwork", TEXTS, offsetof(struct sp_credential, networks)},
    {"sendpassSender", TEXTS, offsetof(struct sp_credential, senders)},
    {"sendpassRate", TEXTS, offsetof(struct sp_credential, rates)},
    {"sendpassRequireTLS", SWITCH, offsetof(struct sp_credential, tls_required)},
    {"sendpassNotBefore", TIME, offsetof(struct sp_credential, not_before)},
    {"sendpassExpires", TIME, offsetof(struct sp_credential, expires)},
    {"sendpassSuspended", SWITCH, offsetof(struct sp_credential, suspended)},
    {"sendpassRevoked", TIME, offsetof(struct sp_credential, revoked)},
    {"sendpassRevokedReason", TEXT, offsetof(struct sp_credential, revoked_reason)},
    {"sendpassImported", SWITCH, offsetof(struct sp_credential, imported)},
    {"sendpassReplaces", TEXT, offsetof(struct sp_credential, replaces)},
};
#define FIELD_COUNT (sizeof(fields) / sizeof(fields[0]))
#define FIXED_COUNT 4 /* objectClass, sendpassId, sendpassHash and owner, when it is made */
#define CHANGES_MAX (FIELD_COUNT + FIXED_COUNT)

/* One operation's attributes, each with its values. */
struct changes {
	LDAPMod *list[CHANGES_MAX + 1];
	LDAPMod mods[CHANGES_MAX];
	char *values[CHANGES_MAX][2];
	char times[CHANGES_MAX][SP_GENERALIZED_TIME_SIZE];
	size_t count;
};

static void put(struct changes *changes, int operation, const char *attribute, char **values)
{
	LDAPMod *mod = &changes->mods[changes->count];

	*mod = (LDAPMod){.mod_op = operation, .mod_type = (char *)attribute};
	mod->mod_values = values;
	changes->list[changes->count++] = mod;
}

static void put_text(struct changes *changes, const char *attribute, const char *value)
{
	char **values = changes->values[changes->count];

	values[0] = (char *)value;
	put(changes, LDAP_MOD_ADD, attribute, values);
}

/* Ids are base32, so a name made of one needs no escapes. */
static bool is_plain_id(const char *id)
{
	return id[0] != '\0' && id[strspn(id, "0123456789abcdefghijklmnopqrstuvwxyz")] == '\0';
}

static size_t count_texts(char *const *texts)
{
	size_t count = 0;

	while (texts[count] != NULL)
		count++;
	return count;
}

static bool has_text(char *const *texts, const char *text)
{
	for (; *texts != NULL; texts++) {
		if (strcmp(*texts, text) == 0)
			return true;
	}
	return false;
}

/* A server returns values in any order, and none of them twice (RFC 4512, section 2.2). */
static bool same_texts(char *const *one, char *const *other)
{
	if (count_texts(one) != count_texts(other))
		return false;
	for (; *one != NULL; one++) {
		if (!has_text(other, *one))
			return false;
	}
	return true;
}

/* The field's values, NULL-terminated: the credential's own list, or made in values and time. */
static bool values_of(const struct field *field, const struct sp_credential *credential,
    char *values[2], char time[SP_GENERALIZED_TIME_SIZE], char ***values_r)
{
	const void *at = (const char *)credential + field->offset;

	values[0] = values[1] = NULL;
	*values_r = values;
	switch (field->kind) {
	case TEXT:
		values[0] = *(char *const *)at;
		return true;
	case TEXTS:
		if (*(char **const *)at != NULL)
			*values_r = *(char **const *)at;
		return true;
	case SWITCH:
		values[0] = *(const bool *)at ? "TRUE" : NULL;
		return true;
	case TIME:
		if (*(const time_t *)at == SP_NO_TIME)
			return true;
		values[0] = time;
		return sp_format_generalized_time(*(const time_t *)at, time);
	}
	return false;
}

/* What is new is added and not replaced: if somebody else was first, theirs stands. */
static bool put_difference(struct changes *changes, const struct field *field,
    const struct sp_credential *before, const struct sp_credential *after)
{
	char *old_room[2], old_time[SP_GENERALIZED_TIME_SIZE];
	char **old, **new;

	if (!values_of(field, before, old_room, old_time, &old) ||
	    !values_of(field, after, changes->values[changes->count],
		changes->times[changes->count], &new))
		return false;
	if (same_texts(old, new))
		return true;
	if (old[0] == NULL)
		put(changes, LDAP_MOD_ADD, field->attribute, new);
	else if (new[0] == NULL)
		put(changes, LDAP_MOD_DELETE, field->attribute, NULL);
	else
		put(changes, LDAP_MOD_REPLACE, field->attribute, new);
	return true;
}

static bool put_differences(
    struct changes *changes, const struct sp_credential *before, const struct sp_credential *after)
{
	for (size_t i = 0; i < FIELD_COUNT; i++) {
		if (!put_difference(changes, &fields[i], before, after))
			return false;
	}
	return true;
}

bool sp_admin_differs(const struct sp_credential *before, const struct sp_credential *after)
{
	struct changes changes = {0};

	return !put_differences(&changes, before, after) || changes.count > 0;
}

static bool put_all(struct changes *changes, const struct sp_credential *credential)
{
	static const struct sp_credential nothing = {
	    .not_before = SP_NO_TIME, .expires = SP_NO_TIME, .revoked = SP_NO_TIME};

	if (credential->id == NULL || credential->hash == NULL || credential->owner == NULL ||
	    !is_plain_id(credential->id))
		return false;
	put_text(changes, "objectClass", SP_CREDENTIAL_CLASS);
	put_text(changes, "sendpassId", credential->id);
	put_text(changes, "sendpassHash", credential->hash);
	put_text(changes, "owner", credential->owner);
	return put_differences(changes, &nothing, credential);
}

/* Adds the first of the servers that the answer sends us to. */
static void name_referral(LDAP *ld, LDAPMessage *result, struct sp_ldap_failure *failure)
{
	size_t length = strlen(failure->text);
	char **referrals = NULL;

	if (ldap_parse_result(ld, result, NULL, NULL, NULL, &referrals, NULL, 0) == LDAP_SUCCESS &&
	    referrals != NULL && referrals[0] != NULL)
		snprintf(
		    failure->text + length, sizeof(failure->text) - length, " to %s", referrals[0]);
	ldap_memvfree((void **)referrals);
}

/* An operation that is on its way; what is wrong with it in *failure_r. */
static enum sp_directory_status finish(struct sp_admin *admin, const char *what, int code,
    int msgid, struct sp_ldap_failure *failure_r)
{
	LDAPMessage *result = NULL;
	enum sp_directory_status status =
	    sp_ldap_judge(admin->connection->ld, what, code, failure_r);

	if (status == SP_DIRECTORY_OK)
		status = sp_ldap_wait(admin->connection, what, msgid,
		    admin->connection->deadline.at_ms, &result, failure_r);
	if (failure_r->code == LDAP_REFERRAL)
		name_referral(admin->connection->ld, result, failure_r);
	ldap_msgfree(result);
	return status;
}

/* As sp_admin_explain(), of a change. A server that takes none from anybody answers so;
 * it has changed nothing, and rights would not help. */
static enum sp_admin_status explain(struct sp_admin *admin, enum sp_directory_status status,
    const struct sp_ldap_failure *failure, const char *rights, char why_r[SP_CONF_WHY_MAX])
{
	char *uri = NULL;

	if (failure->code != LDAP_REFERRAL && failure->code != LDAP_UNWILLING_TO_PERFORM)
		return sp_admin_explain(status, failure, rights, why_r);
	ldap_get_option(admin->connection->ld, LDAP_OPT_URI, &uri);
	snprintf(why_r, SP_CONF_WHY_MAX,
	    "%s; if %s takes no changes, name a server that does in [ldap] write_uri",
	    failure->text, uri != NULL ? uri : "the server");
	ldap_memfree(uri);
	return SP_ADMIN_FORBIDDEN;
}

enum sp_admin_status sp_admin_add(
    struct sp_admin *admin, const struct sp_credential *credential, char why_r[SP_CONF_WHY_MAX])
{
	struct changes changes = {0};
	struct sp_ldap_failure failure;
	enum sp_directory_status status;
	enum sp_admin_status answer;
	char rights[SP_CONF_WHY_MAX];
	char *dn = NULL;
	int msgid = -1;

	if (!put_all(&changes, credential)) {
		snprintf(why_r, SP_CONF_WHY_MAX, "id, hash, owner or a time cannot be written");
		return SP_ADMIN_ERROR;
	}
	if (asprintf(&dn, "sendpassId=%s,%s", credential->id, admin->site->credential_container) <
	    0) {
		snprintf(why_r, SP_CONF_WHY_MAX, "no memory");
		return SP_ADMIN_ERROR;
	}
	admin->connection->deadline.at_ms = sp_admin_deadline();
	int code = ldap_add_ext(admin->connection->ld, dn, changes.list, NULL, NULL, &msgid);
	status = finish(admin, "add", code, msgid, &failure);
	free(dn);
	if (failure.code == LDAP_SUCCESS)
		return SP_ADMIN_OK;
	snprintf(rights, sizeof(rights),
	    "the right to add `children` to %.200s, and `entry` and each attribute of the new one",
	    admin->site->credential_container);
	answer = explain(admin, status, &failure, rights, why_r);
	if (answer == SP_ADMIN_NOT_FOUND)
		snprintf(why_r, SP_CONF_WHY_MAX, "%.200s does not exist: create it first",
		    admin->site->credential_container);
	return answer;
}

static void name_attributes(const struct changes *changes, char rights_r[SP_CONF_WHY_MAX])
{
	struct sp_text rights;

	sp_text_init(&rights, rights_r, SP_CONF_WHY_MAX);
	sp_text_addf(&rights, "the right to change");
	for (size_t i = 0; i < changes->count; i++)
		sp_text_addf(&rights, "%s %s", i > 0 ? " and" : "", changes->mods[i].mod_type);
	sp_text_addf(&rights, " of the credential");
}

enum sp_admin_status sp_admin_change(struct sp_admin *admin, const struct sp_credential *before,
    const struct sp_credential *after, char why_r[SP_CONF_WHY_MAX])
{
	struct changes changes = {0};
	struct sp_ldap_failure failure;
	enum sp_directory_status status;
	char rights[SP_CONF_WHY_MAX];
	int msgid = -1;

	if (before->revoked != SP_NO_TIME && after->revoked != before->revoked) {
		snprintf(why_r, SP_CONF_WHY_MAX, "it is revoked, which is for good");
		return SP_ADMIN_ERROR;
	}
	if (!put_differences(&changes, before, after)) {
		snprintf(why_r, SP_CONF_WHY_MAX, "a time cannot be written");
		return SP_ADMIN_ERROR;
	}
	if (changes.count == 0)
		return SP_ADMIN_OK;
	admin->connection->deadline.at_ms = sp_admin_deadline();
	int code =
	    ldap_modify_ext(admin->connection->ld, before->dn, changes.list, NULL, NULL, &msgid);
	status = finish(admin, "modify", code, msgid, &failure);
	if (failure.code == LDAP_SUCCESS)
		return SP_ADMIN_OK;
	name_attributes(&changes, rights);
	return explain(admin, status, &failure, rights, why_r);
}

enum sp_admin_status sp_admin_delete(
    struct sp_admin *admin, const struct sp_credential *credential, char why_r[SP_CONF_WHY_MAX])
{
	struct sp_ldap_failure failure;
	enum sp_directory_status status;
	int msgid = -1;

	admin->connection->deadline.at_ms = sp_admin_deadline();
	int code = ldap_delete_ext(admin->connection->ld, credential->dn, NULL, NULL, &msgid);
	status = finish(admin, "delete", code, msgid, &failure);
	if (failure.code == LDAP_SUCCESS)
		return SP_ADMIN_OK;
	return explain(admin, status, &failure,
	    "the right to delete the credential, and `children` of the entry above it", why_r);
}
