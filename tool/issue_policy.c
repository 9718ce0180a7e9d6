/* SPDX-License-Identifier: BSD-2-Clause */
#include "tool/issue_policy.h"

#include <inttypes.h>
#include <string.h>

#include "lib/base/number.h"
#include "tool/message.h"
#include "tool/output.h"

#define DURATION_SIZE 24

void sp_issue_policy_add(const struct sp_conf *conf, struct sp_credential *wanted)
{
	if (wanted->services == NULL && conf->issue_default_service.count > 0)
		wanted->services = conf->issue_default_service.items;
	if (wanted->senders == NULL && conf->issue_default_sender.count > 0)
		wanted->senders = conf->issue_default_sender.items;
}

static enum sp_exit refuse_life(const char *setting, uint64_t life_ms, time_t expires)
{
	char life[DURATION_SIZE], time[SP_TIME_TEXT_SIZE];

	sp_format_duration(life_ms, life, sizeof(life));
	if (expires == SP_NO_TIME)
		return sp_fail(SP_EXIT_FORBIDDEN,
		    "the app password would never expire, and [issue] %s is %s: give --expires",
		    setting, life);
	return sp_fail(SP_EXIT_FORBIDDEN,
	    "the app password would expire at %s, and [issue] %s is %s",
	    sp_format_time(expires, time), setting, life);
}

static enum sp_exit check_max_life(const struct sp_conf *conf, time_t from, time_t expires)
{
	time_t latest = from + (time_t)(conf->issue_max_life / 1000);

	if (conf->issue_max_life == 0 || (expires != SP_NO_TIME && expires <= latest))
		return SP_EXIT_OK;
	return refuse_life("max_life", conf->issue_max_life, expires);
}

enum sp_exit sp_issue_policy_permit(const struct sp_conf *conf, enum sp_password_form form,
    time_t now, struct sp_credential *wanted)
{
	if (form == SP_FORM_COMPACT && !conf->issue_compact)
		return sp_fail(
		    SP_EXIT_FORBIDDEN, "--compact is not allowed: [issue] compact is no");
	if (wanted->expires == SP_NO_TIME && conf->issue_default_life > 0)
		wanted->expires = now + (time_t)(conf->issue_default_life / 1000);
	if (wanted->expires != SP_NO_TIME &&
	    wanted->expires < now + (time_t)(conf->issue_min_life / 1000))
		return refuse_life("min_life", conf->issue_min_life, wanted->expires);
	return check_max_life(conf, now, wanted->expires);
}

static bool counts(
    const struct sp_credential *credential, const struct sp_credential *wanted, time_t now)
{
	switch (sp_credential_state(credential, now)) {
	case SP_STATE_REVOKED:
	case SP_STATE_EXPIRED:
	case SP_STATE_UNUSABLE:
		return false;
	case SP_STATE_ACTIVE:
	case SP_STATE_SUSPENDED:
	case SP_STATE_NOT_YET_VALID:
		break;
	}
	return wanted->replaces == NULL || credential->id == NULL ||
	       strcmp(credential->id, wanted->replaces) != 0;
}

enum sp_exit sp_issue_policy_count(
    struct sp_session *session, const struct sp_credential *wanted, time_t now)
{
	struct sp_credential_list list = {0};
	uint64_t most = session->conf->issue_max_per_owner, count = 0;
	char why[SP_CONF_WHY_MAX];

	if (most == 0)
		return SP_EXIT_OK;
	enum sp_exit status =
	    sp_session_judge(sp_admin_list(session->admin, wanted->owner, &list, why), why);
	for (size_t i = 0; i < list.count; i++)
		count += counts(list.items[i], wanted, now);
	sp_credential_list_free(&list);
	if (status != SP_EXIT_OK || count < most)
		return status;
	return sp_fail(SP_EXIT_FORBIDDEN,
	    "%s has %" PRIu64 " app passwords, and [issue] max_per_owner is %" PRIu64
	    ": revoke one first",
	    wanted->owner, count, most);
}

enum sp_exit sp_issue_policy_alter(const struct sp_conf *conf, const struct sp_credential *before,
    const struct sp_credential *after, time_t now)
{
	bool later = before->expires != SP_NO_TIME &&
		     (after->expires == SP_NO_TIME || after->expires > before->expires);

	/* when it was made may be hidden */
	return later ? check_max_life(conf, before->created != SP_NO_TIME ? before->created : now,
			   after->expires)
		     : SP_EXIT_OK;
}
