/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * failure_log.h - what the module says in the host's log when nobody got in
 *
 *	authentication failure; logname= uid=0 euid=0 tty= ruser= rhost=192.0.2.7 user=bob
 *	temporary failure: sendpassd's socket does not exist; rhost=192.0.2.7 user=bob
 *
 * The first is pam_unix's own line, which fail2ban's filter pam-generic reads; the
 * second is made so that no such filter takes an outage for an attack. Values that
 * come from outside are one word each, with \xHH for every other byte, and cannot
 * pass for one of the fields behind them.
 */
#ifndef SP_PAM_FAILURE_LOG_H
#define SP_PAM_FAILURE_LOG_H

#include <security/pam_modules.h>

void sp_pam_log_denied(pam_handle_t *pamh, const char *user);

/* why is static text. */
void sp_pam_log_unavailable(pam_handle_t *pamh, const char *user, const char *why);

#endif
