/* SPDX-License-Identifier: BSD-2-Clause */
/* ldap_admin_change.c - the half of admin.h that changes the directory */
#include "lib/directory/ldap_admin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/directory/ldap_mapping.h"

#define CHANGES_MAX 12

/* Attributes to add, each with its values. */
struct changes {
	LDAPMod *list[CHANGES_MAX + 1];
	LDAPMod mods[CHANGES_MAX];
	char *values[CHANGES_MAX][2];
	char times[CHANGES_MAX][SP_GENERALIZED_TIME_SIZE];
	size_t count;
};

static void add_texts(struct changes *changes, const char *attribute, char **values)
{
	LDAPMod *mod = &changes->mods[changes->count];

	if (values == NULL || values[0] == NULL)
		return;
	*mod = (LDAPMod){.mod_op = LDAP_MOD_ADD, .mod_type = (char *)attribute};
	mod->mod_values = values;
	changes->list[changes->count++] = mod;
}

static void add_text(struct changes *changes, const char *attribute, const char *value)
{
	char **values = changes->values[changes->count];

	values[0] = (char *)value;
	add_texts(changes, attribute, values);
}

static bool add_time(struct changes *changes, const char *attribute, time_t time)
{
	char *text = changes->times[changes->count];

	if (time == SP_NO_TIME)
		return true;
	if (!sp_format_generalized_time(time, text))
		return false;
	add_text(changes, attribute, text);
	return true;
}

/* Ids are base32, so a name made of one needs no escapes. */
static bool is_plain_id(const char *id)
{
	return id[0] != '\0' && id[strspn(id, "0123456789abcdefghijklmnopqrstuvwxyz")] == '\0';
}

static bool all_attributes(const struct sp_credential *credential, struct changes *changes)
{
	add_text(changes, "objectClass", SP_CREDENTIAL_CLASS);
	add_text(changes, "sendpassId", credential->id);
	add_text(changes, "sendpassHash", credential->hash);
	add_text(changes, "owner", credential->owner);
	add_text(changes, "sendpassLabel", credential->label);
	add_texts(changes, "sendpassLogin", credential->logins);
	add_texts(changes, "sendpassService", credential->services);
	add_texts(changes, "sendpassNetwork", credential->networks);
	add_texts(changes, "sendpassSender", credential->senders);
	add_texts(changes, "sendpassRate", credential->rates);
	add_text(changes, "sendpassRequireTLS", credential->tls_required ? "TRUE" : NULL);
	add_text(changes, "sendpassSuspended", credential->suspended ? "TRUE" : NULL);
	return add_time(changes, "sendpassNotBefore", credential->not_before) &&
	       add_time(changes, "sendpassExpires", credential->expires);
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
	ldap_msgfree(result);
	return status;
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

	if (credential->id == NULL || credential->hash == NULL || credential->owner == NULL ||
	    !is_plain_id(credential->id) || !all_attributes(credential, &changes)) {
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
	answer = sp_admin_explain(status, &failure, rights, why_r);
	if (answer == SP_ADMIN_NOT_FOUND)
		snprintf(why_r, SP_CONF_WHY_MAX, "%.200s does not exist: create it first",
		    admin->site->credential_container);
	return answer;
}

enum sp_admin_status sp_admin_revoke(struct sp_admin *admin, const char *dn, time_t when,
    const char *reason, char why_r[SP_CONF_WHY_MAX])
{
	struct changes changes = {0};
	struct sp_ldap_failure failure;
	enum sp_directory_status status;
	int msgid = -1;

	/* Added, not replaced: the first revocation stands. */
	add_text(&changes, "sendpassRevokedReason", reason);
	if (when == SP_NO_TIME || !add_time(&changes, "sendpassRevoked", when)) {
		snprintf(why_r, SP_CONF_WHY_MAX, "the time cannot be written");
		return SP_ADMIN_ERROR;
	}
	admin->connection->deadline.at_ms = sp_admin_deadline();
	int code = ldap_modify_ext(admin->connection->ld, dn, changes.list, NULL, NULL, &msgid);
	status = finish(admin, "modify", code, msgid, &failure);
	if (failure.code == LDAP_SUCCESS)
		return SP_ADMIN_OK;
	return sp_admin_explain(status, &failure,
	    "the right to add sendpassRevoked and sendpassRevokedReason to the credential", why_r);
}
