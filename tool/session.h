/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * session.h - the configuration, and a connection to the directory bound as its user
 */
#ifndef SP_TOOL_SESSION_H
#define SP_TOOL_SESSION_H

#include "lib/conf/conf.h"
#include "lib/directory/admin.h"
#include "tool/verb.h"

/* The file that --config names, or the one of the system. */
const char *sp_session_conf_path(const struct sp_run *run);

/* Reads the file that --config names, or the one of the system. The caller owns
 * *conf_r. Anything but SP_EXIT_OK has been told. */
enum sp_exit sp_session_read_conf(const struct sp_run *run, struct sp_conf **conf_r);

struct sp_session {
	struct sp_conf *conf;
	struct sp_admin *admin;
	const char *identity; /* the DN or Kerberos principal that is bound, or "external" */
};

/* Reads the configuration, connects and binds: with --external or --sasl, as --bind-dn
 * with a password that is asked for, or else as [admin] says. Anything but
 * SP_EXIT_OK has been told. Closed by the caller in every case. */
enum sp_exit sp_session_open(const struct sp_run *run, struct sp_session *session_r);
void sp_session_close(struct sp_session *session);

/* Tells why and returns what the status is to the user: SP_EXIT_OK, untold, for SP_ADMIN_OK. */
enum sp_exit sp_session_judge(enum sp_admin_status status, const char *why);

#endif
