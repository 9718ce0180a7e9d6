/* SPDX-License-Identifier: BSD-2-Clause */
/* A guest that is loaded, used and unloaded over and over, as Exim does for every
 * connection and libpam for every handle, leaves nothing behind. */
#include <dlfcn.h>
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/number.h"
#include "tests/unit/fake_sendpassd.h"
#include "tests/unit/guest.h"

#define WARM_UP 100

/* The tools take their time, and see more than the numbers here do; RELOAD_ROUNDS
 * asks for more of them by hand. */
static unsigned rounds(void)
{
	const char *preload = getenv("LD_PRELOAD"), *asked = getenv("RELOAD_ROUNDS");
	uint64_t count;

	if (asked != NULL && sp_parse_number(asked, 1, 1000000, &count))
		return (unsigned)count;
	if (preload != NULL && strstr(preload, "vgpreload") != NULL)
		return 300;
	return 10000;
}

/* Of files alone: the tools map memory of their own as they please. */
static size_t count_mappings(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[4352];
	size_t count = 0;

	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps) != NULL)
		count += strchr(line, '/') != NULL;
	fclose(maps);
	return count;
}

struct footprint {
	unsigned open_files;
	size_t mappings;
	size_t allocated; /* 0 under a tool, which has its own malloc and leak check */
};

static struct footprint measure(void)
{
	return (struct footprint){.open_files = count_open_files(),
	    .mappings = count_mappings(),
	    .allocated = mallinfo2().uordblks};
}

static void run_round(const char *socket_path)
{
	guest.start(socket_path);
	assert_int_equal(guest.attempt("right"), guest.granted);
	guest.stop();
	assert_null(dlopen(guest.path, RTLD_NOW | RTLD_NOLOAD));
}

static void reloading_leaves_nothing_behind(void **state)
{
	static const struct fake_plan plan = {.greeting = FAKE_GREETING, .reply = FAKE_BY_PASSWORD};
	struct fake_sendpassd server;
	unsigned count = rounds();

	(void)state;
	fake_sendpassd_start(&server, &plan);
	for (unsigned i = 0; i < WARM_UP; i++)
		run_round(server.path);
	struct footprint before = measure();
	for (unsigned i = 0; i < count; i++)
		run_round(server.path);
	struct footprint after = measure();
	print_message("%s: %u rounds, %zu bytes before, %zu after\n", guest.name, count,
	    before.allocated, after.allocated);
	assert_int_equal(after.open_files, before.open_files);
	assert_true(after.mappings <= before.mappings);
	/* Not a byte for each round; malloc's own bookkeeping moves now and then. */
	assert_true(after.allocated < before.allocated + count);
	fake_sendpassd_forget(&server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reloading_leaves_nothing_behind),
	};

	return cmocka_run_group_tests_name(guest.name, tests, NULL, NULL);
}
