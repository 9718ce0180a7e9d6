/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * issue_policy.h - what [issue] of sendpass.conf(5) adds to app passwords and lets pass
 *
 * Anything but SP_EXIT_OK has been told, with the setting and its value; what
 * it does not let pass is SP_EXIT_FORBIDDEN. Who changes the directory with tools of
 * their own is not held by it.
 */
#ifndef SP_TOOL_ISSUE_POLICY_H
#define SP_TOOL_ISSUE_POLICY_H

#include <time.h>

#include "lib/conf/conf.h"
#include "lib/directory/credential.h"
#include "lib/password/app_password.h"
#include "sendpass/attributes.h"
#include "tool/session.h"
#include "tool/verb.h"

/* Adds the services and senders that hold where none are given. They stay the
 * configuration's. */
void sp_issue_policy_add(const struct sp_conf *conf, struct sp_credential *wanted);

/* Whether an app password of this form may be made at `now`. Where *wanted does not
 * expire, it is given the life that holds then. */
SP_NODISCARD enum sp_exit sp_issue_policy_permit(const struct sp_conf *conf,
    enum sp_password_form form, time_t now, struct sp_credential *wanted);

/* Whether the owner may have one more: all are counted but those that are revoked,
 * expired or unusable, and the one that *wanted replaces. */
SP_NODISCARD enum sp_exit sp_issue_policy_count(
    struct sp_session *session, const struct sp_credential *wanted, time_t now);

/* Whether it may end then, if that is later than before. */
SP_NODISCARD enum sp_exit sp_issue_policy_alter(const struct sp_conf *conf,
    const struct sp_credential *before, const struct sp_credential *after, time_t now);

#endif
