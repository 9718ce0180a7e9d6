/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * login_door.h - the doors by which attempts to log in come
 */
#ifndef SP_DAEMON_LOGIN_DOOR_H
#define SP_DAEMON_LOGIN_DOOR_H

/* X(constant, name): the name in log and metrics, and its key under [daemon]. */
#define SP_LOGIN_DOORS(X)                                                                          \
	X(AUTH, "auth")                                                                            \
	X(SASLAUTHD, "saslauthd")

enum sp_login_door {
#define SP_LOGIN_DOOR_CONSTANT(constant, name) SP_LOGIN_DOOR_##constant,
	SP_LOGIN_DOORS(SP_LOGIN_DOOR_CONSTANT)
#undef SP_LOGIN_DOOR_CONSTANT
};

/* Static text. */
const char *sp_login_door_name(enum sp_login_door door);

#endif
