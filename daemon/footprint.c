/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/footprint.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

static int64_t cpu_us(void)
{
	struct rusage usage;

	if (getrusage(RUSAGE_SELF, &usage) != 0)
		return -1;
	return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * INT64_C(1000000) +
	       usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

static int64_t resident_bytes(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	int64_t pages = -1;

	if (file == NULL)
		return -1;
	/* NOLINTNEXTLINE(cert-err34-c): the kernel writes no number that is too large */
	bool ok = fscanf(file, "%*d %" SCNd64, &pages) == 1; /* proc(5): size resident ... */
	fclose(file);
	return ok ? pages * sysconf(_SC_PAGESIZE) : -1;
}

static int64_t open_descriptors(void)
{
	DIR *directory = opendir("/proc/self/fd");
	const struct dirent *entry;
	int64_t count = -1; /* the directory's own */

	if (directory == NULL)
		return -1;
	while ((entry = readdir(directory)) != NULL)
		count += entry->d_name[0] != '.';
	closedir(directory);
	return count;
}

static int64_t max_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > INT64_MAX)
		return -1;
	return (int64_t)limit.rlim_cur;
}

struct sp_footprint sp_footprint_now(void)
{
	return (struct sp_footprint){
	    .cpu_us = cpu_us(),
	    .resident_bytes = resident_bytes(),
	    .open_descriptors = open_descriptors(),
	    .max_descriptors = max_descriptors(),
	};
}
