/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * policy_reply.h - what the policy door says, in Postfix's words: access(5)
 */
#ifndef SP_DAEMON_POLICY_REPLY_H
#define SP_DAEMON_POLICY_REPLY_H

#include "daemon/metrics.h"
#include "lib/conf/conf.h"
#include "lib/wire/policy_request.h"
#include "sendpass/verdict.h"

/* The action for a reason, as [policy] has it; OK is what sendpass-milter hears
 * where Postfix hears DUNNO, or at DATA that it shall add id_header. id is of the one
 * credential that fits, or NULL. NULL: close the connection.
 * text_r is where it may be made. Of what the client sent, only a sender that is
 * refused is said back, in printable ASCII and clipped. */
const char *sp_policy_reply(const struct sp_conf *conf, const struct sp_policy_request *request,
    enum sp_reason reason, const char *id, char text_r[SP_POLICY_REPLY_MAX]);

/* The action where it is not known who logged in with that login. */
const char *sp_policy_reply_unknown(const struct sp_conf *conf, const char *login);

/* What such an action, or NULL, does to the client. */
enum sp_decision sp_policy_decision_of(const char *action);

#endif
