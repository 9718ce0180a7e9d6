/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/process/syscalls.h"

#include "config.h"
#include "lib/base/log.h"

#ifdef HAVE_LIBSECCOMP

#include <errno.h>
#include <linux/sched.h>
#include <net/if.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define INT_BITS     0xffffffffU /* the kernel looks at no more of an int */

/* Whatever the arguments. Each processor has only some of those that come in several forms. */
static const int allowed[] = {
    /* descriptors */
    SCMP_SYS(close), SCMP_SYS(dup), SCMP_SYS(dup2), SCMP_SYS(dup3), SCMP_SYS(fcntl), SCMP_SYS(read),
    SCMP_SYS(readv), SCMP_SYS(pread64), SCMP_SYS(preadv), SCMP_SYS(write), SCMP_SYS(writev),
    SCMP_SYS(pwrite64), SCMP_SYS(pwritev), SCMP_SYS(lseek), SCMP_SYS(pipe), SCMP_SYS(pipe2),
    SCMP_SYS(eventfd2), SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(select), SCMP_SYS(pselect6),
    SCMP_SYS(epoll_create1), SCMP_SYS(epoll_ctl), SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait),
    SCMP_SYS(epoll_pwait2),
    /* files: configuration, name services, libraries, logs, and LMDB's */
    SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(faccessat2),
    SCMP_SYS(stat), SCMP_SYS(lstat), SCMP_SYS(fstat), SCMP_SYS(newfstatat), SCMP_SYS(statx),
    SCMP_SYS(statfs), SCMP_SYS(fstatfs), SCMP_SYS(getdents64), SCMP_SYS(readlink),
    SCMP_SYS(readlinkat), SCMP_SYS(getcwd), SCMP_SYS(fadvise64), SCMP_SYS(flock), SCMP_SYS(fchmod),
    SCMP_SYS(ftruncate), SCMP_SYS(fallocate), SCMP_SYS(fsync), SCMP_SYS(fdatasync), SCMP_SYS(msync),
    SCMP_SYS(unlink), SCMP_SYS(unlinkat),
    /* sockets that are there, and connections */
    SCMP_SYS(connect), SCMP_SYS(accept), SCMP_SYS(accept4), SCMP_SYS(shutdown), SCMP_SYS(recvfrom),
    SCMP_SYS(recvmsg), SCMP_SYS(recvmmsg), SCMP_SYS(sendto), SCMP_SYS(sendmsg), SCMP_SYS(sendmmsg),
    SCMP_SYS(getsockopt), SCMP_SYS(setsockopt), SCMP_SYS(getsockname), SCMP_SYS(getpeername),
    /* memory */
    SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(mlock),
    SCMP_SYS(mlock2), SCMP_SYS(munlock), SCMP_SYS(mincore),
    /* threads and signals */
    SCMP_SYS(futex), SCMP_SYS(set_robust_list), SCMP_SYS(rseq), SCMP_SYS(membarrier),
    SCMP_SYS(sched_yield), SCMP_SYS(sched_getaffinity), SCMP_SYS(getcpu), SCMP_SYS(gettid),
    SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(restart_syscall), SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigtimedwait),
    SCMP_SYS(sigaltstack),
    /* time, chance, and who and where this is */
    SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres), SCMP_SYS(gettimeofday), SCMP_SYS(time),
    SCMP_SYS(timerfd_create), SCMP_SYS(timerfd_settime), SCMP_SYS(nanosleep),
    SCMP_SYS(clock_nanosleep), SCMP_SYS(getrandom), SCMP_SYS(getpid), SCMP_SYS(getppid),
    SCMP_SYS(getuid), SCMP_SYS(geteuid), SCMP_SYS(getgid), SCMP_SYS(getegid), SCMP_SYS(getgroups),
    SCMP_SYS(getrlimit), SCMP_SYS(getrusage), SCMP_SYS(times), SCMP_SYS(uname), SCMP_SYS(sysinfo)};

/* A call with an action of its own where the comparisons hold, all of one row; more rows of
 * a call are alternatives. */
struct rule {
	int call;
	uint32_t action;
	unsigned count;
	struct scmp_arg_cmp comparisons[2];
};

#define IS(argument, value)                                                                        \
	{                                                                                          \
		argument, SCMP_CMP_MASKED_EQ, INT_BITS, value                                      \
	}
#define HAS(argument, among, value)                                                                \
	{                                                                                          \
		argument, SCMP_CMP_MASKED_EQ, among, value                                         \
	}
#define NO_FAMILY SCMP_ACT_ERRNO(EAFNOSUPPORT)
#define NO_CALL   SCMP_ACT_ERRNO(ENOSYS)

/* A thread is started, with nothing of its own that only processes have. */
#define THREAD_FLAGS (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD)
#define OTHER_FLAGS                                                                                \
	(CLONE_VFORK | CLONE_PARENT | CLONE_PTRACE | CLONE_NEWNS | CLONE_NEWCGROUP |               \
	    CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_IO)

static const struct rule rules[] = {
    {SCMP_SYS(socket), SCMP_ACT_ALLOW, 1, {IS(0, AF_UNIX)}},
    {SCMP_SYS(socket), SCMP_ACT_ALLOW, 1, {IS(0, AF_INET)}},
    {SCMP_SYS(socket), SCMP_ACT_ALLOW, 1, {IS(0, AF_INET6)}},
    /* getaddrinfo() asks it for the addresses of this host, and does without */
    {SCMP_SYS(socket), NO_FAMILY, 1, {IS(0, AF_NETLINK)}},
    {SCMP_SYS(socketpair), SCMP_ACT_ALLOW, 1, {IS(0, AF_UNIX)}},
    {SCMP_SYS(ioctl), SCMP_ACT_ALLOW, 1, {IS(1, FIONBIO)}},
    {SCMP_SYS(ioctl), SCMP_ACT_ALLOW, 1, {IS(1, FIONREAD)}},
    {SCMP_SYS(ioctl), SCMP_ACT_ALLOW, 1, {IS(1, TCGETS)}},
    {SCMP_SYS(ioctl), SCMP_ACT_ALLOW, 1, {IS(1, SIOCGIFINDEX)}}, /* fe80::1%eth0 */
    {SCMP_SYS(mmap), SCMP_ACT_ALLOW, 1, {HAS(2, PROT_EXEC, 0)}},
    {SCMP_SYS(mmap), SCMP_ACT_ALLOW, 2,
	{HAS(2, PROT_EXEC | PROT_WRITE, PROT_EXEC), HAS(3, MAP_ANONYMOUS, 0)}},
    {SCMP_SYS(mprotect), SCMP_ACT_ALLOW, 1, {HAS(2, PROT_EXEC, 0)}},
    {SCMP_SYS(clone), SCMP_ACT_ALLOW, 1, {HAS(0, THREAD_FLAGS | OTHER_FLAGS, THREAD_FLAGS)}},
    /* its flags are out of a filter's sight; the C library then takes clone */
    {SCMP_SYS(clone3), NO_CALL, 0, {{0}}},
    {SCMP_SYS(prctl), SCMP_ACT_ALLOW, 1, {IS(0, PR_SET_NAME)}},
    {SCMP_SYS(prctl), SCMP_ACT_ALLOW, 1, {IS(0, PR_GET_NAME)}},
    /* systemd's part of the name service */
    {SCMP_SYS(prctl), SCMP_ACT_ALLOW, 1, {IS(0, PR_CAPBSET_READ)}},
    {SCMP_SYS(openat2), NO_CALL, 0, {{0}}}, {SCMP_SYS(name_to_handle_at), NO_CALL, 0, {{0}}},
    {SCMP_SYS(prlimit64), SCMP_ACT_ALLOW, 2,
	{IS(0, 0), {2, SCMP_CMP_EQ, 0, 0}}}, /* reads its own limits */
};

static int add_rules(scmp_filter_ctx filter)
{
	int error = 0;

	for (size_t i = 0; i < COUNT(allowed) && error == 0; i++)
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
	for (size_t i = 0; i < COUNT(rules) && error == 0; i++)
		error = seccomp_rule_add_array(
		    filter, rules[i].action, rules[i].call, rules[i].count, rules[i].comparisons);
	/* abort() of this very process */
	const struct scmp_arg_cmp own_end[] = {
	    IS(0, (scmp_datum_t)getpid()), {2, SCMP_CMP_MASKED_EQ, INT_BITS, SIGABRT}};
	if (error == 0)
		error = seccomp_rule_add_array(
		    filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), COUNT(own_end), own_end);
	return error;
}

bool sp_syscalls_restrict(bool wanted, const char **why_r)
{
	if (!wanted) {
		sp_log_message(
		    SP_LOG_NOTICE, "unfiltered", "seccomp = no: every system call can be made");
		return true;
	}
	*why_r = "libseccomp makes no filter of system calls";
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	if (filter == NULL)
		return false;
	/* of another processor's table, as of x32, too: the default ends the thread alone */
	bool ok = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) == 0 &&
		  add_rules(filter) == 0;
	if (ok) {
		*why_r = "the kernel takes no filter of system calls; if it has none, set "
			 "seccomp = no";
		ok = seccomp_load(filter) == 0;
	}
	seccomp_release(filter);
	return ok;
}

#else

bool sp_syscalls_restrict(bool wanted, const char **why_r)
{
	(void)wanted, (void)why_r;
	sp_log_message(
	    SP_LOG_NOTICE, "unfiltered", "built without libseccomp: every system call can be made");
	return true;
}

#endif
