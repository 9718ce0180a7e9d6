/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The filter of system calls: what is forbidden kills the process, what a daemon needs at
 * any time passes. Each case runs in a process of its own that has the filter loaded.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config.h"
#include "lib/base/log.h"
#include "lib/process/syscalls.h"

#ifdef HAVE_LIBSECCOMP

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/sched.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PASSED 0
#define FAILED 1 /* the call came back, but not as it should */

struct
try {
	const char *what;
	bool (*run)(void);
};

/* How a process ends that runs `run` under the filter: as waitpid(2) has it. */
static int end_of(bool (*run)(void))
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		const char *why;
		const struct rlimit none = {0, 0};
		setrlimit(RLIMIT_CORE, &none);
		if (!sp_syscalls_restrict(true, &why))
			_exit(FAILED);
		_exit(run() ? PASSED : FAILED);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

/* valgrind, which preloads itself, makes system calls of its own and takes no filter. */
static void skip_under_valgrind(void)
{
	const char *preloaded = getenv("LD_PRELOAD");

	if (preloaded != NULL && strstr(preloaded, "vgpreload") != NULL)
		skip();
}

/* ---- what kills ---- */

static bool execute(void)
{
	char *const arguments[] = {"true", NULL};

	return execve("/bin/true", arguments, NULL) == 0;
}

static bool execute_a_descriptor(void)
{
	return syscall(SYS_execveat, 0, "", NULL, NULL, 0) == 0;
}

static bool become_two(void)
{
	return syscall(SYS_fork) >= 0;
}

static bool fork_by_the_library(void)
{
	return fork() >= 0;
}

static bool clone_a_process(void)
{
	return syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL) >= 0;
}

static bool clone_with_new_users(void)
{
	return syscall(SYS_clone,
		   CLONE_NEWUSER | CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD,
		   NULL, NULL, NULL, NULL) >= 0;
}

static bool leave_namespaces(void)
{
	return unshare(CLONE_NEWUSER) == 0;
}

static bool trace(void)
{
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0;
}

static bool read_memory_of_another(void)
{
	return syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0) == 0;
}

static bool signal_the_parent(void)
{
	return kill(getppid(), 0) == 0;
}

static bool abort_the_parent(void)
{
	return syscall(SYS_tgkill, getppid(), getppid(), SIGABRT) == 0;
}

static bool make_memory_executable(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return page != MAP_FAILED && mprotect(page, 4096, PROT_READ | PROT_EXEC) == 0;
}

static bool map_executable_memory(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
	       MAP_FAILED;
}

static bool map_a_file_to_write_and_execute(void)
{
	int fd = open("/bin/true", O_RDONLY | O_CLOEXEC);

	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE, fd, 0) !=
	       MAP_FAILED;
}

static bool make_a_packet_socket(void)
{
	return socket(AF_PACKET, SOCK_RAW, 0) >= 0;
}

static bool make_a_socket_of_the_kernels_cryptography(void)
{
	return socket(AF_ALG, SOCK_SEQPACKET, 0) >= 0;
}

static bool listen_on_a_port(void)
{
	const struct sockaddr_in any = {.sin_family = AF_INET};

	return bind(socket(AF_INET, SOCK_STREAM, 0), (const struct sockaddr *)&any, sizeof(any)) ==
	       0;
}

static bool listen_to_clients(void)
{
	return listen(socket(AF_INET, SOCK_STREAM, 0), 1) == 0;
}

static bool type_into_a_terminal(void)
{
	return ioctl(0, TIOCSTI, "x") == 0;
}

static bool allow_to_be_traced(void)
{
	return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0;
}

static bool raise_a_limit(void)
{
	const struct rlimit none = {0, 0};

	return setrlimit(RLIMIT_NOFILE, &none) == 0;
}

static bool become_another_user(void)
{
	return syscall(SYS_setuid, 65534) == 0;
}

static bool mount_a_file_system(void)
{
	return syscall(SYS_mount, "none", "/tmp", "tmpfs", 0, NULL) == 0;
}

static bool change_the_root(void)
{
	return chroot("/") == 0;
}

static bool load_a_program_into_the_kernel(void)
{
	return syscall(SYS_bpf, BPF_PROG_LOAD, NULL, 0) >= 0;
}

static bool queue_work_in_the_kernel(void)
{
	return syscall(SYS_io_uring_setup, 1, NULL) >= 0;
}

static bool use_the_keyring(void)
{
	return syscall(SYS_keyctl, 0, 0, 0, 0, 0) >= 0;
}

static bool rename_a_file(void)
{
	return rename("/nowhere", "/nowhere-else") == 0;
}

static bool link_a_file(void)
{
	return symlink("/etc/shadow", "/nowhere/at-all") == 0;
}

static bool change_a_mode(void)
{
	return chmod("/nowhere", 0777) == 0;
}

static bool set_the_clock(void)
{
	return syscall(SYS_clock_settime, 0, NULL) == 0;
}

#ifdef __x86_64__
/* In a thread, which could be all that ends. */
static bool in_a_thread(void *(*call)(void *))
{
	pthread_t thread;

	return pthread_create(&thread, NULL, call, NULL) == 0 && pthread_join(thread, NULL) == 0;
}

static void *call_as_32_bits_do(void *unused)
{
	long number = 20; /* getpid there, and writev here */

	(void)unused;
	__asm__ volatile("int $0x80" : "+a"(number) : : "memory");
	return NULL;
}

static void *call_as_x32_does(void *unused)
{
	const long of_x32 = 0x40000000;

	(void)unused;
	syscall(of_x32 | SYS_getpid);
	return NULL;
}

static bool call_from_the_32_bit_table(void)
{
	return in_a_thread(call_as_32_bits_do);
}

static bool call_from_the_x32_table(void)
{
	return in_a_thread(call_as_x32_does);
}
#endif

static const struct try forbidden[] = {
#ifdef __x86_64__
    {"int 0x80, in a thread", call_from_the_32_bit_table},
    {"x32, in a thread", call_from_the_x32_table},
#endif
    {"execve", execute},
    {"execveat", execute_a_descriptor},
    {"fork", become_two},
    {"fork() of the C library", fork_by_the_library},
    {"clone of a process", clone_a_process},
    {"clone into a user namespace", clone_with_new_users},
    {"unshare", leave_namespaces},
    {"ptrace", trace},
    {"process_vm_readv", read_memory_of_another},
    {"kill", signal_the_parent},
    {"SIGABRT for another process", abort_the_parent},
    {"mprotect PROT_EXEC", make_memory_executable},
    {"mmap of executable memory", map_executable_memory},
    {"mmap of a file, writable and executable", map_a_file_to_write_and_execute},
    {"socket AF_PACKET", make_a_packet_socket},
    {"socket AF_ALG", make_a_socket_of_the_kernels_cryptography},
    {"bind", listen_on_a_port},
    {"listen", listen_to_clients},
    {"ioctl TIOCSTI", type_into_a_terminal},
    {"prctl PR_SET_DUMPABLE", allow_to_be_traced},
    {"setrlimit", raise_a_limit},
    {"setuid", become_another_user},
    {"mount", mount_a_file_system},
    {"chroot", change_the_root},
    {"bpf", load_a_program_into_the_kernel},
    {"io_uring_setup", queue_work_in_the_kernel},
    {"keyctl", use_the_keyring},
    {"rename", rename_a_file},
    {"symlink", link_a_file},
    {"chmod", change_a_mode},
    {"clock_settime", set_the_clock},
};

static void forbidden_call_kills(void **state)
{
	(void)state;
	skip_under_valgrind();
	for (size_t i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++) {
		int status = end_of(forbidden[i].run);
		if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS)
			fail_msg("%s: ended with status 0x%x", forbidden[i].what, (unsigned)status);
	}
}

/* ---- what is refused, or passes ---- */

static bool refuses_netlink(void)
{
	return socket(AF_NETLINK, SOCK_RAW, 0) < 0 && errno == EAFNOSUPPORT;
}

static bool refuses_clone3(void)
{
	return syscall(SYS_clone3, NULL, 0) < 0 && errno == ENOSYS;
}

static void *name_itself(void *told)
{
	/* longer than malloc takes from an arena, and back */
	free(malloc(1 << 22));
	*(bool *)told = pthread_setname_np(pthread_self(), "named") == 0;
	return NULL;
}

static bool starts_a_thread(void)
{
	pthread_t thread;
	bool named = false;

	return pthread_create(&thread, NULL, name_itself, &named) == 0 &&
	       pthread_join(thread, NULL) == 0 && named;
}

static bool finds_a_host(void)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
	struct addrinfo *found;

	return getaddrinfo("localhost", "389", &hints, &found) == 0;
}

static bool finds_users(void)
{
	return getpwnam("root") != NULL && getpwnam("nobody-of-that-name") == NULL;
}

static bool loads_a_library(void)
{
	return dlopen("libnss_compat.so.2", RTLD_NOW) != NULL || dlopen("libm.so.6", RTLD_NOW);
}

static bool makes_connections(void)
{
	return socket(AF_UNIX, SOCK_DGRAM, 0) >= 0 && socket(AF_INET, SOCK_STREAM, 0) >= 0 &&
	       socket(AF_INET6, SOCK_STREAM, 0) >= 0;
}

static bool reads_its_limit(void)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_NOFILE, &limit) == 0;
}

static const struct try passing[] = {
    {"socket AF_NETLINK has an error", refuses_netlink},
    {"clone3 has an error", refuses_clone3},
    {"a thread", starts_a_thread},
    {"getaddrinfo", finds_a_host},
    {"getpwnam", finds_users},
    {"dlopen", loads_a_library},
    {"sockets", makes_connections},
    {"getrlimit", reads_its_limit},
};

static void needed_call_passes(void **state)
{
	(void)state;
	skip_under_valgrind();
	for (size_t i = 0; i < sizeof(passing) / sizeof(passing[0]); i++) {
		int status = end_of(passing[i].run);
		if (!WIFEXITED(status) || WEXITSTATUS(status) != PASSED)
			fail_msg("%s: ended with status 0x%x", passing[i].what, (unsigned)status);
	}
}

static bool aborts(void)
{
	abort();
}

static void abort_is_an_abort(void **state)
{
	(void)state;
	skip_under_valgrind();
	int status = end_of(aborts);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
}

static void *fork_in_a_thread(void *nothing)
{
	fork();
	return nothing;
}

static bool forks_in_a_thread(void)
{
	pthread_t thread;

	return pthread_create(&thread, NULL, fork_in_a_thread, NULL) == 0 &&
	       pthread_join(thread, NULL) == 0;
}

static void filter_holds_in_later_threads(void **state)
{
	(void)state;
	skip_under_valgrind();
	int status = end_of(forks_in_a_thread);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSYS);
}

#endif

static void unwanted_filter_is_none(void **state)
{
	const char *why;

	(void)state;
	sp_log_set_sink(NULL, NULL, SP_LOG_INFO);
	assert_true(sp_syscalls_restrict(false, &why));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(unwanted_filter_is_none),
#ifdef HAVE_LIBSECCOMP
	    cmocka_unit_test(forbidden_call_kills),
	    cmocka_unit_test(needed_call_passes),
	    cmocka_unit_test(abort_is_an_abort),
	    cmocka_unit_test(filter_holds_in_later_threads),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
