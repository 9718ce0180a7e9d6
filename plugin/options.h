/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * options.h - what the application's SASL configuration file tells us
 *
 *	sendpass_socket: /run/sendpass/auth   an absolute path, seen from inside a chroot
 *	sendpass_timeout: 6s                  100ms to 60s, for one whole check
 *	sendpass_daemon_uid: 0                who may own the socket, besides root
 *
 * The default timeout is above sendpassd's own (5s), so that its answer is heard,
 * and below the 10 seconds after which Postfix gives up.
 */
#ifndef SP_PLUGIN_OPTIONS_H
#define SP_PLUGIN_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include <sasl/sasl.h>
#include <sasl/saslplug.h>

#include "lib/client/client.h"
#include "sendpass/attributes.h"

#define SP_PLUGIN_SOCKET_MAX 107 /* sockaddr_un's path, without its NUL */

struct sp_plugin_options {
	char socket_path[SP_PLUGIN_SOCKET_MAX + 1];
	struct sp_client client; /* socket_path of the same struct with it: not to be copied */
	const char *unusable;    /* static text that tells which option is wrong and how, or NULL */
};

/* Reads them all; silent, and touches no file. */
void sp_plugin_options_read(const sasl_utils_t *utils, struct sp_plugin_options *options_r);

/* Whether libsasl2's option of that name, a list of words, has word in it, in any
 * case; *others_r counts its other words. An option that is not set reads as
 * standard, and as an empty list where that is NULL. */
SP_NODISCARD bool sp_plugin_option_lists(sasl_getopt_t *read_option, void *context,
    const char *name, const char *standard, const char *word, size_t *others_r);

#endif
