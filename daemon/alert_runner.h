/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * alert_runner.h - a process of its own that runs the alert command
 *
 * It is forked before anything else: before sendpassd reads a secret, opens a socket,
 * starts a thread or gives up gaining privileges. So the command inherits none of these,
 * and a program such as sendmail(8), which is set-user-ID or set-group-ID on most mail
 * servers, works. It becomes the user of [daemon] when sendpassd does, and runs one
 * command at a time: by posix_spawn(3), without a shell, in a process group of its own,
 * with standard input and outputs on /dev/null and no other descriptor. A command that
 * does not end in time is killed, with its group. It ends when sendpassd does, once the
 * command has ended.
 *
 * For a filter of system calls: sendpassd itself needs only send(2), recv(2) and
 * close(2) for this, and neither fork nor execve. The runner needs, once it has become the
 * user: recvfrom, sendto, clone or clone3 (as vfork), execve, openat, dup2, close,
 * close_range, setpgid, rt_sigaction, rt_sigprocmask, rt_sigtimedwait, waitid, wait4,
 * kill, exit_group and clock_gettime; and whatever the command does.
 */
#ifndef SP_DAEMON_ALERT_RUNNER_H
#define SP_DAEMON_ALERT_RUNNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "daemon/alert_environment.h"
#include "sendpass/attributes.h"

#define SP_ALERT_COMMAND_MAX 1024 /* bytes of its path, with the NUL */

/* Forks the runner. The returned socket (CLOEXEC, non-blocking) is the way to it, and
 * closing that is its end; -1 with errno set if it cannot be had. The process must have
 * no other thread. */
int sp_alert_runner_start(void);

/* Has it become the user, as sp_privileges_drop() does. Waits for it. */
SP_NODISCARD bool sp_alert_runner_become(int runner, const char *user);

/* Has it run the command, with an environment of sp_alert_environment(). There must be none
 * under way. False if the runner is gone. */
SP_NODISCARD bool sp_alert_runner_run(
    int runner, const char *command, uint32_t timeout_ms, const char *strings, size_t length);

enum sp_alert_end {
	SP_ALERT_EXITED = 0,
	SP_ALERT_KILLED, /* by a signal, but not by us */
	SP_ALERT_LATE,   /* by us, as it did not end in time */
	SP_ALERT_NOT_STARTED,
};

struct sp_alert_outcome {
	enum sp_alert_end end;
	int number; /* exit status, signal, 0, or errno */
};

/* What came of it. Does not wait: false with errno EAGAIN if nothing has yet, false with another
 * if the runner is gone. */
SP_NODISCARD bool sp_alert_runner_heard(int runner, struct sp_alert_outcome *outcome_r);

#endif
