/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * faults.h - makes one call of a guest fail, on demand
 *
 * The code of a module is linked once more, with this, into a module for tests;
 * the linker's --wrap leads its calls through here. The test finds `faults` in the
 * loaded module with dlsym(3). The library of the host is not touched.
 */
#ifndef SP_TESTS_FAULTS_H
#define SP_TESTS_FAULTS_H

#include <stdbool.h>

#include "sendpass/attributes.h"

enum fault_call {
	FAULT_NONE,
	FAULT_SOCKET,
	FAULT_FCNTL,
	FAULT_SETSOCKOPT,
	FAULT_CONNECT,
	FAULT_GETSOCKOPT,
	FAULT_POLL,
	FAULT_SEND,
	FAULT_RECV,
	FAULT_MALLOC,
	FAULT_PAM_GET_USER,
	FAULT_PAM_GET_AUTHTOK,
	FAULT_PAM_GET_ITEM,
	FAULT_PAM_SET_DATA,
	FAULT_PAM_GET_DATA,
	FAULT_CALLS
};

/* In place of an errno. */
#define FAULT_END   (-1) /* recv: the stream ends; poll: the time is up */
#define FAULT_SHORT (-2) /* send, recv: one byte, each time from the nth on */

struct faults {
	enum fault_call call;
	unsigned nth; /* of its calls, from 1 on */
	int error;    /* an errno, one of PAM's codes, or one of the above */
	unsigned seen[FAULT_CALLS];
	bool unsafe_send; /* a send could have raised SIGPIPE */
};

SP_EXPORT extern struct faults faults;

/* Counts the call, and tells whether it is to fail. */
bool fault_strikes(enum fault_call call);

#endif
