/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * checkpass_slot.h - how a password gets from libsasl2 to us
 *
 * libsasl2 asks an auxprop plugin for a stored password and compares it itself;
 * the plugin never sees what the client typed, so it cannot verify a hash. But the
 * mechanisms that carry a password, PLAIN and LOGIN, first look the user up, which
 * calls us, and then call `checkpass` of their connection's table of functions,
 * sasl_utils_t. That table is allocated for the connection. So the lookup puts our
 * function into the connection's slot, and the mechanism calls it with login and
 * password. libsasl2 declares the table const for plugins, but allocates it with
 * malloc, in every release this supports (2.1.27, 2.1.28).
 *
 * What is written is one pointer of one connection, only while that pointer is
 * libsasl2's own, and nothing is kept of a connection beyond it. All connections
 * of a libsasl2 have the same original, which is remembered once.
 *
 * Limits. An application that calls sasl_checkpass() reaches libsasl2's function
 * without the slot. Passwords of other auxprop plugins, and an application's own
 * SASL_CB_SERVER_USERDB_CHECKPASS, count only after our no, and only if pwcheck_method
 * lists more than auxprop: libsasl2's function, which asks them all, is called then.
 * It is never called when sendpassd cannot tell.
 *
 * The login sent to sendpassd is the canonical authentication id: with the standard
 * canon_user_plugin that is what the client sent, without white space at its ends,
 * and with "@realm" behind it if it has no "@" and the application names a realm
 * (Postfix: smtpd_sasl_local_domain, which is empty by default). An authorization id
 * that differs from it is refused without asking, so that sendpassd's log does not
 * call a login what libsasl2 is about to refuse.
 */
#ifndef SP_PLUGIN_CHECKPASS_SLOT_H
#define SP_PLUGIN_CHECKPASS_SLOT_H

#include <stdbool.h>

#include <sasl/sasl.h>
#include <sasl/saslplug.h>

#include "plugin/options.h"
#include "sendpass/attributes.h"

/* Takes from the table what our function needs when it has a connection and nothing
 * else; options must outlive it. Called where libsasl2 initialises us, which it does
 * in one thread. False if we serve another copy of libsasl2 in this process. */
SP_NODISCARD bool sp_checkpass_prepare(
    const sasl_utils_t *utils, const struct sp_plugin_options *options);
void sp_checkpass_forget(void);

/* Puts our function into the connection's slot; again and again is as good as once.
 * False if the slot holds what is neither ours nor libsasl2's. */
SP_NODISCARD bool sp_checkpass_install(const sasl_server_params_t *sparams);

#endif
