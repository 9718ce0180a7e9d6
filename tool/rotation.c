/* SPDX-License-Identifier: BSD-2-Clause */
#include "tool/rotation.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "tool/change.h"
#include "tool/held_signals.h"
#include "tool/issue_policy.h"
#include "tool/message.h"
#include "tool/new_credential.h"

time_t sp_rotation_end(const struct sp_credential *old, time_t now, time_t overlap_s)
{
	time_t end = now + overlap_s;

	return old->expires != SP_NO_TIME && old->expires < end ? old->expires : end;
}

time_t sp_rotation_expiry(const struct sp_credential *old, time_t now)
{
	if (old->expires == SP_NO_TIME || old->created == SP_NO_TIME)
		return old->expires;
	time_t expiry = now + (old->expires - old->created);
	return expiry < SP_LAST_TIME ? expiry : SP_LAST_TIME;
}

static bool is_replaced(
    const struct sp_credential *credential, const struct sp_credential_list *all)
{
	for (size_t i = 0; i < all->count; i++) {
		const struct sp_credential *other = all->items[i];
		/* One whose password was never handed over is revoked. */
		if (other->replaces != NULL && strcmp(other->replaces, credential->id) == 0 &&
		    other->revoked == SP_NO_TIME)
			return true;
	}
	return false;
}

bool sp_rotation_is_due(const struct sp_credential *credential,
    const struct sp_credential_list *all, time_t now, time_t after_s)
{
	return sp_credential_state(credential, now) == SP_STATE_ACTIVE &&
	       credential->created != SP_NO_TIME && credential->created <= now - after_s &&
	       !is_replaced(credential, all);
}

/* Why it cannot be rotated; NULL: it can. */
static const char *obstacle_of(const struct sp_credential *old, time_t now)
{
	if (old->unusable != NULL)
		return old->unusable;
	if (old->revoked != SP_NO_TIME)
		return "it is revoked: issue another one";
	if (old->expires != SP_NO_TIME && old->expires <= now)
		return "it has expired: issue another one";
	return NULL;
}

/* Both work now, so nobody is locked out if this fails. */
static enum sp_exit let_end(
    struct sp_session *session, const struct sp_credential *old, const char *new_id, time_t end)
{
	struct sp_credential ending = *old;
	enum sp_exit status = SP_EXIT_OK;

	ending.expires = end;
	if (sp_admin_differs(old, &ending))
		status = sp_change(session, "credential_rotated", old, &ending);
	if (status != SP_EXIT_OK)
		sp_fail(status,
		    "app password %s was made and handed over, but %s, which it replaces, goes on "
		    "as before: once %s is in use, run sendpass revoke %s",
		    new_id, old->id, new_id, old->id);
	return status;
}

/* A policy of today shortens what was made before it. Where default_life gives an end
 * to one without, that is left to sp_issue_policy_permit(). */
static time_t cut_to_policy(const struct sp_conf *conf, time_t now, time_t expires)
{
	time_t latest = now + (time_t)(conf->issue_max_life / 1000);

	if (conf->issue_max_life == 0 || (expires == SP_NO_TIME && conf->issue_default_life > 0))
		return expires;
	return expires == SP_NO_TIME || expires > latest ? latest : expires;
}

static enum sp_exit find_mail(struct sp_session *session, const char *owner, char **mail_r)
{
	const char *attribute = session->conf->directory_owner_mail_attribute;
	char why[SP_CONF_WHY_MAX];

	if (attribute[0] == '\0')
		return SP_EXIT_OK;
	return sp_session_judge(
	    sp_admin_read_owner(session->admin, owner, attribute, mail_r, why), why);
}

static enum sp_exit replace(struct sp_session *session, const struct sp_credential *old, time_t now,
    time_t overlap_s, enum sp_format format, sp_hand_over *hand_over)
{
	const enum sp_password_form form =
	    strlen(old->id) < SP_ID_MAX ? SP_FORM_COMPACT : SP_FORM_STANDARD;
	struct sp_credential wanted = *old;
	struct sp_account account = {0};
	struct sp_rotation rotation = {
	    .account = &account, .replaced_ends = sp_rotation_end(old, now, overlap_s)};
	char *mail = NULL;
	char id[SP_ID_MAX + 1];
	sigset_t before;

	wanted.expires = cut_to_policy(session->conf, now, sp_rotation_expiry(old, now));
	wanted.replaces = old->id;
	wanted.revoked_reason = NULL;
	wanted.imported = false; /* its password is one of ours */
	enum sp_exit status = sp_issue_policy_permit(session->conf, form, now, &wanted);
	if (status == SP_EXIT_OK)
		status = sp_issue_policy_count(session, &wanted, now);
	if (status == SP_EXIT_OK)
		status = sp_account_find(session, format, &wanted, NULL, &account);
	if (status == SP_EXIT_OK)
		status = find_mail(session, old->owner, &mail);
	rotation.mail = mail;
	if (status == SP_EXIT_OK) {
		sp_hold_signals(&before);
		status = sp_new_credential(session, &wanted, form, hand_over, &rotation, id);
		if (status == SP_EXIT_OK)
			status = let_end(session, old, id, rotation.replaced_ends);
		sp_release_signals(&before);
	}
	free(mail);
	sp_account_clear(&account);
	return status;
}

enum sp_exit sp_rotate(struct sp_session *session, const char *id, time_t overlap_s,
    enum sp_format format, sp_hand_over *hand_over)
{
	struct sp_credential *old = NULL;
	char why[SP_CONF_WHY_MAX];
	time_t now = time(NULL);
	enum sp_exit status = sp_session_judge(sp_admin_get(session->admin, id, &old, why), why);

	if (status != SP_EXIT_OK)
		return status;
	const char *obstacle = obstacle_of(old, now);
	if (obstacle != NULL)
		status = sp_fail(SP_EXIT_NO, "app password %s cannot be rotated: %s", id, obstacle);
	else
		status = replace(session, old, now, overlap_s, format, hand_over);
	sp_credential_free(&old);
	return status;
}
