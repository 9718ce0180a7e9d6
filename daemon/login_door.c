/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/login_door.h"

const char *sp_login_door_name(enum sp_login_door door)
{
	static const char *const names[] = {
#define DOOR_NAME(constant, name) [SP_LOGIN_DOOR_##constant] = (name),
	    SP_LOGIN_DOORS(DOOR_NAME)
#undef DOOR_NAME
	};

	return names[door];
}
