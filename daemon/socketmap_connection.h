/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * socketmap_connection.h - what a client of the `socketmap` door says and hears
 *
 * There is one map, sender-logins. Its keys are the senders that Postfix looks up
 * for smtpd_sender_login_maps, its values their logins.
 */
#ifndef SP_DAEMON_SOCKETMAP_CONNECTION_H
#define SP_DAEMON_SOCKETMAP_CONNECTION_H

#include "daemon/request_connection.h"

/* Its site is a struct sp_pipeline. */
extern const struct sp_request_protocol sp_socketmap_protocol;

#endif
