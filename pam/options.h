/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * options.h - what the module's line in the PAM configuration tells us
 *
 *	socket=/run/sendpass/auth   an absolute path
 *	timeout=6s                  100ms to 60s, for one whole check
 *	daemon_uid=0                who may own the socket, besides root
 *	service=NAME                instead of PAM's own service name
 *	use_first_pass              takes the password of a module before, and never asks
 *	try_first_pass              asks if there is none; so it is by default
 *	debug
 *
 * The default timeout is above sendpassd's own (5s), so that its answer is heard,
 * and below the 10 seconds after which Postfix gives up.
 */
#ifndef SP_PAM_OPTIONS_H
#define SP_PAM_OPTIONS_H

#include <stdbool.h>

#include "lib/client/client.h"

struct sp_pam_options {
	struct sp_client client;
	const char *service; /* NULL for PAM's own */
	bool use_first_pass;
	bool debug;
	/* The first option that is wrong, and static text that tells how; NULL if all
	 * are right. With a wrong one nothing else in here counts. */
	const char *wrong;
	const char *why;
};

/* Reads them all; of an option that is given twice the last one counts. The texts
 * remain argv's. */
void sp_pam_options_read(int argc, const char **argv, struct sp_pam_options *options_r);

#endif
