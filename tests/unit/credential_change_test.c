/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/directory/admin.h"

static struct sp_credential some(void)
{
	return (struct sp_credential){
	    .id = "k7qf2m9x",
	    .owner = "uid=alice",
	    .label = "printer",
	    .created = SP_NO_TIME,
	    .not_before = SP_NO_TIME,
	    .expires = 1000,
	    .revoked = SP_NO_TIME,
	    .last_used = SP_NO_TIME,
	};
}

static void one_list_differs_from_another_but_by_its_order(void **state)
{
	static char *two[] = {"smtp", "submit", NULL}, *swapped[] = {"submit", "smtp", NULL};
	static char *one[] = {"smtp", NULL}, *others[] = {"smtp", "imap", NULL};
	static char *none[] = {NULL};
	static const struct {
		char **before, **after;
		bool differs;
	} cases[] = {
	    {NULL, NULL, false},
	    {NULL, none, false},
	    {two, two, false},
	    {two, swapped, false},
	    {two, one, true},
	    {one, two, true},
	    {two, others, true},
	    {two, NULL, true},
	    {NULL, one, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sp_credential before = some(), after = some();
		before.services = cases[i].before;
		after.services = cases[i].after;
		print_message("  case %zu\n", i);
		assert_int_equal(sp_admin_differs(&before, &after), cases[i].differs);
	}
}

static void what_the_directory_keeps_itself_is_no_difference(void **state)
{
	struct sp_credential before = some(), after = some();

	(void)state;
	after.id = "another";
	after.created = 5;
	after.last_used = 7;
	assert_false(sp_admin_differs(&before, &after));
	after.expires = SP_NO_TIME;
	assert_true(sp_admin_differs(&before, &after));
	after = before;
	after.suspended = true;
	assert_true(sp_admin_differs(&before, &after));
	after = before;
	after.label = "Printer";
	assert_true(sp_admin_differs(&before, &after));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_list_differs_from_another_but_by_its_order),
	    cmocka_unit_test(what_the_directory_keeps_itself_is_no_difference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
