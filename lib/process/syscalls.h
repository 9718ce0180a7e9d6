/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * syscalls.h - the system calls that a daemon of ours can still make
 *
 * A filter of seccomp(2) for a process that has given up its privileges: whatever is not
 * listed kills it at once. It cannot run a program, fork, trace, signal another process,
 * listen, map memory that is writable and executable, or make sockets other than unix and
 * IP ones. It can read files, write and connect as its user may, start threads, and load
 * shared libraries (as NSS and GnuTLS do at any time). A few calls are refused with an
 * error instead, as libraries try them and know what else to do.
 */
#ifndef SP_PROCESS_SYSCALLS_H
#define SP_PROCESS_SYSCALLS_H

#include <stdbool.h>

#include "sendpass/attributes.h"

/* Filters this thread and those it starts, for good: call it while there is no other,
 * behind sp_privileges_restrict(). Where `wanted` is false, or sendpass was built without
 * libseccomp, it logs `unfiltered` and returns true. On false *why_r is static text. */
SP_NODISCARD bool sp_syscalls_restrict(bool wanted, const char **why_r);

#endif
