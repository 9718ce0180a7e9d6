/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * policy_connection.h - what a client of the `policy` door says and hears
 */
#ifndef SP_DAEMON_POLICY_CONNECTION_H
#define SP_DAEMON_POLICY_CONNECTION_H

#include "daemon/request_connection.h"

/* Its site is a struct sp_policy_site. */
extern const struct sp_request_protocol sp_policy_protocol;

#endif
