/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tool/table.h"

static const char *const headings[] = {"ID", "WHAT IT IS", "STATE"};
static const struct sp_cell cells[] = {
    {"k7qf2m9x", SP_PLAIN},
    {"B\xc3\xbcro", SP_PLAIN},
    {"revoked", SP_RED},
    {"00f24", SP_PLAIN},
    {"a\tb\x1b[1m", SP_PLAIN},
    {"-", SP_PLAIN},
};
static const struct sp_table table = {headings, 3, cells, 2};

static char written[512];

static void print(void (*printer)(FILE *out, const struct sp_table *table))
{
	FILE *out = fmemopen(written, sizeof(written), "w");

	assert_non_null(out);
	printer(out, &table);
	assert_int_equal(fclose(out), 0);
}

static void people_get_headings_and_columns_that_stand_below_each_other(void **state)
{
	(void)state;
	print(sp_table_for_people);
	assert_string_equal(written, "ID        WHAT IT IS     STATE\n"
				     "k7qf2m9x  B\xc3\xbcro           revoked\n"
				     "00f24     a\\x09b\\x1b[1m  -\n");
}

static void programs_get_tabs_and_no_headings(void **state)
{
	(void)state;
	print(sp_table_for_programs);
	assert_string_equal(written, "k7qf2m9x\tB\xc3\xbcro\trevoked\n"
				     "00f24\ta\\x09b\\x1b[1m\t-\n");
}

static void what_is_no_terminal_shows_no_colours(void **state)
{
	FILE *out = tmpfile();

	(void)state;
	assert_int_equal(setenv("TERM", "xterm", 1), 0);
	assert_int_equal(unsetenv("NO_COLOR"), 0);
	assert_non_null(out);
	assert_false(sp_shows_colours(out));
	assert_int_equal(sp_write_coloured(out, SP_RED, "red"), 3);
	assert_int_equal(ftell(out), 3);
	fclose(out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(people_get_headings_and_columns_that_stand_below_each_other),
	    cmocka_unit_test(programs_get_tabs_and_no_headings),
	    cmocka_unit_test(what_is_no_terminal_shows_no_colours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
