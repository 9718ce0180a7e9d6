/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/process_state.h"

#include <dirent.h>
#include <locale.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

static void write_open_files(FILE *out)
{
	DIR *files = opendir("/proc/self/fd");
	char target[256];
	int highest = 0;

	assert_non_null(files);
	for (struct dirent *entry; (entry = readdir(files)) != NULL;) {
		int fd = (int)strtol(entry->d_name, NULL, 10); /* "." is 0 */
		if (fd != dirfd(files) && fd > highest)
			highest = fd;
	}
	closedir(files);
	for (int fd = 0; fd <= highest; fd++) {
		char path[64];
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		ssize_t length = readlink(path, target, sizeof(target));
		if (length >= 0)
			fprintf(out, "fd %d: %.*s\n", fd, (int)length, target);
	}
}

static void write_set(FILE *out, const sigset_t *set)
{
	for (int number = 1; number < NSIG; number++)
		fputc(sigismember(set, number) == 1 ? '1' : '0', out);
	fputc('\n', out);
}

static void write_signals(FILE *out)
{
	struct sigaction action;
	sigset_t mask;

	for (int number = 1; number < NSIG; number++) {
		if (sigaction(number, NULL, &action) < 0)
			continue;
		fprintf(out, "signal %d: handler %p, flags %x, mask ", number,
		    *(void **)&action.sa_handler, (unsigned)action.sa_flags);
		write_set(out, &action.sa_mask);
	}
	assert_int_equal(sigprocmask(SIG_SETMASK, NULL, &mask), 0);
	fputs("signal mask: ", out);
	write_set(out, &mask);
}

static void write_environment(FILE *out)
{
	fprintf(out, "environ: %p\n", (void *)environ);
	for (char **variable = environ; *variable != NULL; variable++)
		fprintf(out, "environ: %p %s\n", (void *)*variable, *variable);
	fprintf(out, "locale: %s, %p\n", setlocale(LC_ALL, NULL), (void *)uselocale((locale_t)0));
}

static void write_files_and_identity(FILE *out)
{
	char directory[4096];
	mode_t mask = umask(0);

	umask(mask);
	assert_non_null(getcwd(directory, sizeof(directory)));
	fprintf(out, "umask: %o\ncwd: %s\n", (unsigned)mask, directory);
	uid_t real, effective, saved;
	gid_t real_group, effective_group, saved_group;
	assert_int_equal(getresuid(&real, &effective, &saved), 0);
	assert_int_equal(getresgid(&real_group, &effective_group, &saved_group), 0);
	fprintf(out, "uid: %u %u %u\ngid: %u %u %u\n", real, effective, saved, real_group,
	    effective_group, saved_group);
}

static void write_process(FILE *out)
{
	static const __itimer_which_t timers[] = {ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF};
	static const __rlimit_resource_t limits[] = {RLIMIT_CORE, RLIMIT_NOFILE, RLIMIT_STACK};
	struct itimerval timer;
	struct rlimit limit;
	struct dirent *entry;
	unsigned threads = 0;

	for (size_t i = 0; i < sizeof(timers) / sizeof(timers[0]); i++) {
		assert_int_equal(getitimer(timers[i], &timer), 0);
		fprintf(out, "timer %d: %s\n", (int)timers[i],
		    timer.it_value.tv_sec != 0 || timer.it_value.tv_usec != 0 ? "set" : "off");
	}
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		assert_int_equal(getrlimit(limits[i], &limit), 0);
		fprintf(out, "limit %d: %ju %ju\n", (int)limits[i], (uintmax_t)limit.rlim_cur,
		    (uintmax_t)limit.rlim_max);
	}
	DIR *tasks = opendir("/proc/self/task");
	assert_non_null(tasks);
	while ((entry = readdir(tasks)) != NULL)
		threads += entry->d_name[0] != '.';
	closedir(tasks);
	fprintf(out, "threads: %u\ndumpable: %d\n", threads, prctl(PR_GET_DUMPABLE));
}

char *process_state(void)
{
	char *text = NULL;
	size_t size = 0;

	FILE *out = open_memstream(&text, &size);
	assert_non_null(out);
	write_open_files(out);
	write_signals(out);
	write_environment(out);
	write_files_and_identity(out);
	write_process(out);
	assert_int_equal(fclose(out), 0);
	return text;
}

void assert_process_state_is(char *before)
{
	char *after = process_state();
	size_t at = 0, line = 0;

	while (before[at] != '\0' && before[at] == after[at]) {
		if (before[at++] == '\n')
			line = at;
	}
	if (before[at] != after[at])
		fail_msg("changed: \"%.*s\" to \"%.*s\"", (int)strcspn(before + line, "\n"),
		    before + line, (int)strcspn(after + line, "\n"), after + line);
	free(before);
	free(after);
}
